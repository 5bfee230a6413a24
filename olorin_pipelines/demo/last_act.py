"""The last act: production is made to answer against its schema; its check finds it and takes production back."""

from __future__ import annotations

import time
from typing import Any

from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.demo.dagster_api import Run
from olorin_pipelines.demo.outside import outcome_of, read_sent
from olorin_pipelines.demo.waiting import wait_until
from olorin_pipelines.demo.world import World

__all__ = ["play_last_act"]

_SECONDS = 120.0
_SERVICE_TAG = "olorin/service"


def play_last_act(world: World) -> dict[str, Any] | None:
    """Break production, launch its check, and see it go back; None when no earlier version is retained."""
    serving = world.place.registry.serving(world.service)
    if serving is None or serving.previous_version is None:
        world.say("— no last act: nothing was promoted, so nothing is retained to go back to —")
        return None
    bad, back = Backend(serving.version, serving.url), serving.previous_version
    world.say(f"— production {bad.version} begins to answer against its schema —")
    begin = time.time()
    world.fault_file(bad.version).touch()
    check = _checked(world)
    world.say(f"  {time.time() - begin:5.1f} s  production check: {check.status.lower()}")
    run = _rolled_back(world, begin) if check.status == "FAILURE" else None
    entry = _seen(begin, check, run)
    world.say(f"  {time.time() - begin:5.1f} s  {entry['outcome']}: production is {entry['to_version']}")
    failures = sum(sent.failed for sent in read_sent(world.demo_folder / "load.ndjson") if sent.at >= begin)
    disagreements = _disagreements(world, entry, back)
    if failures:
        disagreements.append(f"{failures} user requests failed while production went back")
    return {**entry, "from_version": bad.version, "user_failures": failures, "disagreements": disagreements}


def _checked(world: World) -> Run:
    run_id = world.dagster.launch("check_production", partition=world.service)
    wait_until(world, lambda: world.dagster.run(run_id).finished, seconds=_SECONDS, what="the production check")
    return world.dagster.run(run_id)


def _rolled_back(world: World, begin: float) -> Run | None:
    wait_until(
        world, lambda: _rollback_run(world, begin) is not None, seconds=_SECONDS, what="production to be taken back"
    )
    return _rollback_run(world, begin)


def _seen(begin: float, check: Run, run: Run | None) -> dict[str, Any]:
    """What Dagster says of the two runs."""
    materialised = run.materialization("rollback") if run else None
    return {
        "check_run_id": check.run_id,
        "check_status": check.status,
        "rollback_run_id": run.run_id if run else None,
        "outcome": outcome_of(run) if run else None,
        "to_version": materialised.metadata.get("to_version") if materialised else None,
        "event_to_rolled_back_s": round(materialised.at - begin, 2) if materialised else None,
    }


def _disagreements(world: World, entry: dict[str, Any], back: str) -> list[str]:
    now = world.place.registry.serving(world.service)
    answered = _version_that_answers(world)
    claims = {
        "the production check did not turn red": entry["check_status"] == "FAILURE",
        f"production did not go back to {back}": entry["to_version"] == back,
        f"the registry says production is {now.version if now else 'unknown'}": now is not None and now.version == back,
        f"users are answered by {sorted(answered)}, not by {back}": answered == {back},
    }
    return [text for text, holds in claims.items() if not holds]


def _rollback_run(world: World, begin: float) -> Run | None:
    found = [run for run in world.dagster.runs({_SERVICE_TAG: world.service}) if run.job == "rollback_service"]
    fresh = [run for run in found if run.created >= begin and run.finished]
    return world.dagster.run(fresh[0].run_id) if fresh else None


def _version_that_answers(world: World) -> set[str]:
    """Which versions answered users in the last second of the log?"""
    begin = time.time()
    log = world.demo_folder / "load.ndjson"
    wait_until(
        world,
        lambda: sum(entry.at >= begin for entry in read_sent(log)) >= 20,
        seconds=30.0,
        what="users to be answered",
    )
    return {entry.version for entry in read_sent(log) if entry.at >= begin}
