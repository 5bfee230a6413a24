"""How is a story played? Release by release: started, announced, watched to its end, then recomputed from outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.demo.dagster_api import Run
from olorin_pipelines.demo.outside import observe, outcome_of, read_routed, read_sent, traffic_between
from olorin_pipelines.demo.story import Release, Story
from olorin_pipelines.demo.world import World
from olorin_pipelines.errors import SupervisorError
from olorin_pipelines.registry import Deployment

__all__ = ["play", "play_release"]

_RELEASE_SECONDS = 300.0
_LAST_ACT_SECONDS = 90.0
_POLL_SECONDS = 0.25
_DEPLOYMENT_TAG = "olorin/deployment_id"
_SERVICE_TAG = "olorin/service"


def play(story: Story, world: World) -> dict[str, Any]:
    """Play the story and return its report; `disagreements` lists whatever was not as expected or not as recorded."""
    stable = world.start_service(story.begin)
    world.start_dagster()
    world.start_envoy(stable)
    world.start_load(story.requests_per_second)
    world.say(f"production is {stable.version}; users send {story.requests_per_second:g} requests/s to {world.entry}")
    world.await_dagster()
    world.say(f"Dagster is up at {world.dagster.url}")
    releases: list[dict[str, Any]] = []
    for release in story.releases:
        releases.append(play_release(release, world))
        world.say(_line(releases[-1]))
    last = _last_act(world) if story.last_act == "production_breaks" else None
    disagreements = [text for entry in [*releases, *([last] if last else [])] for text in entry["disagreements"]]
    return {"releases": releases, "last_act": last, "disagreements": disagreements, "passed": not disagreements}


def play_release(release: Release, world: World) -> dict[str, Any]:
    """Start a release, announce it, watch it to its end and return what was seen of it from outside."""
    world.say(f"— {release.name} {release.version} —")
    backend = world.start_service(release)
    event_at = time.time()
    row, _ = world.place.registry.announce(
        world.service, environment="canary", version=release.version, url=backend.url
    )
    _watch(world, row)
    run = _ended_run(world, {_DEPLOYMENT_TAG: row.id}, seconds=30.0)
    ended_at = time.time()
    seen = observe(run, event_at=event_at)
    traffic = traffic_between(
        read_sent(world.demo_folder / "load.ndjson"),
        read_routed(world.demo_folder / "access.log"),
        begin=event_at,
        end=ended_at,
        url=backend.url,
        version=release.version,
    )
    entry = {
        "name": release.name,
        "version": release.version,
        "deployment_id": row.id,
        **seen,
        "user_requests": traffic.requests,
        "user_failures": traffic.failures,
        "user_requests_on_version": traffic.on_version,
        "user_requests_on_rejected": traffic.on_version if seen["verdict"] != "accepted" else 0,
    }
    recorded = world.place.registry.deployment(row.id)
    return {**entry, "disagreements": [*_unexpected(release, entry), *_differences(recorded, entry)]}


def _watch(world: World, row: Deployment) -> None:
    """Say what happens until the deployment is closed."""
    told = 0

    def closed() -> bool:
        nonlocal told
        events = world.place.registry.events(row.id)
        for event in events[told:]:
            text = _tell(event.kind, event.detail)
            if text:
                world.say(f"  {event.at - row.created_at:5.1f} s  {text}")
        told = len(events)
        return any(event.kind == "deployment_ended" for event in events)

    _until(world, closed, seconds=_RELEASE_SECONDS, what=f"{row.version} to be decided")


def _tell(kind: str, detail: dict[str, Any]) -> str:
    match kind:
        case "gate":
            return f"{detail['gate']}: {detail['outcome']} ({_short(detail['summary'])})"
        case "verdict":
            return f"verdict: {detail['verdict']} ({_short(detail['because'])})"
        case "step_ended":
            return (
                f"{detail['weight']:>3} %: {detail['outcome']} ({_short(detail['reason'])}; "
                f"{detail['requests']} requests, {detail['errors']} errors)"
            )
        case "rollback":
            return f"{detail['outcome']}: {detail['from']} → {detail['to']} in {detail['seconds']:.2f} s, proved"
        case "deployment_ended":
            return f"the end: {detail['outcome']}"
        case _:
            return ""


def _short(text: str) -> str:
    return text if len(text) <= 140 else text[:139] + "…"


def _last_act(world: World) -> dict[str, Any] | None:
    """Production is made to answer against its schema; its check is launched, and rolls back to what is retained."""
    serving = world.place.registry.serving(world.service)
    if serving is None or serving.previous_version is None:
        world.say("— no last act: nothing was promoted, so nothing is retained to go back to —")
        return None
    bad, back = Backend(serving.version, serving.url), str(serving.previous_version)
    world.say(f"— production {bad.version} begins to answer against its schema —")
    begin = time.time()
    world.fault_file(bad.version).touch()
    check_id = world.dagster.launch("check_production", partition=world.service)
    _until(world, lambda: world.dagster.run(check_id).finished, seconds=_LAST_ACT_SECONDS, what="the production check")
    check = world.dagster.run(check_id)
    world.say(f"  {time.time() - begin:5.1f} s  production check: {check.status.lower()}")
    disagreements = [] if check.status == "FAILURE" else ["the production check did not turn red"]
    run, outcome = None, None
    if not disagreements:
        _until(
            world,
            lambda: _rollback_run(world, begin) is not None,
            seconds=_LAST_ACT_SECONDS,
            what=f"production to go back to {back}",
        )
        run = _rollback_run(world, begin)
    if run is not None:
        materialised = run.materialization("rollback")
        outcome = outcome_of(run)
        if materialised is None or materialised.metadata.get("to_version") != back:
            disagreements.append(f"production did not go back to {back}")
    now = world.place.registry.serving(world.service)
    if now is None or now.version != back:
        disagreements.append(f"the registry says production is {now.version if now else 'unknown'}, not {back}")
    answered = _version_that_answers(world)
    if answered != {back}:
        disagreements.append(f"users are answered by {sorted(answered)}, not by {back}")
    materialised = run.materialization("rollback") if run else None
    entry = {
        "from_version": bad.version,
        "to_version": back,
        "check_run_id": check_id,
        "check_status": check.status,
        "rollback_run_id": run.run_id if run else None,
        "outcome": outcome,
        "event_to_rolled_back_s": round(materialised.at - begin, 2) if materialised else None,
        "disagreements": disagreements,
    }
    world.say(f"  {time.time() - begin:5.1f} s  {outcome}: production is {back} again")
    return entry


def _rollback_run(world: World, begin: float) -> Run | None:
    found = [run for run in world.dagster.runs({_SERVICE_TAG: world.service}) if run.job == "rollback_service"]
    fresh = [run for run in found if run.created >= begin and run.finished]
    return world.dagster.run(fresh[0].run_id) if fresh else None


def _version_that_answers(world: World) -> set[str]:
    """Which versions answered users in the last second of the log?"""
    begin = time.time()
    log = world.demo_folder / "load.ndjson"
    _until(
        world,
        lambda: sum(entry.at >= begin for entry in read_sent(log)) >= 20,
        seconds=30.0,
        what="users to be answered",
    )
    return {entry.version for entry in read_sent(log) if entry.at >= begin}


def _ended_run(world: World, tags: dict[str, str], *, seconds: float) -> Run:
    """Return the finished run that carries the tags."""
    _until(
        world,
        lambda: any(run.finished for run in world.dagster.runs(tags)),
        seconds=seconds,
        what="its Dagster run to end",
    )
    return world.dagster.run(world.dagster.runs(tags)[0].run_id)


def _until(world: World, met: Callable[[], bool], *, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not met():
        world.alive_or_raise("dagster", "envoy", "load")
        if time.monotonic() > until:
            raise SupervisorError(f"waited {seconds:.0f} s for {what}", hint=f"see {world.processes.logs}")
        time.sleep(_POLL_SECONDS)


def _unexpected(release: Release, entry: dict[str, Any]) -> list[str]:
    expected = release.expect.model_dump(exclude_none=True, exclude={"within_seconds"})
    found = [
        f"{release.version}: {key} is {entry[key]!r}, the story expects {value!r}"
        for key, value in expected.items()
        if entry[key] != value
    ]
    limit, took = release.expect.within_seconds, entry["event_to_rolled_back_s"]
    if limit is not None and (took is None or took > limit):
        found.append(f"{release.version}: rolled back after {took} s, the story allows {limit:g} s")
    if entry["user_failures"]:
        found.append(f"{release.version}: {entry['user_failures']} user requests failed")
    if entry["user_requests_on_rejected"]:
        found.append(
            f"{release.version}: {entry['user_requests_on_rejected']} user requests reached a rejected version"
        )
    if entry["outcome"] == "promoted":
        found += [
            f"{release.version}: the step {step['weight']} % is not a PASS"
            for step in entry["steps"]
            if step.get("outcome") != "pass"
        ]
        if not entry["steps"] or entry["steps"][-1]["weight"] != 100:
            found.append(f"{release.version}: promoted without a reading at 100 %")
    return found


def _differences(recorded: Deployment, entry: dict[str, Any]) -> list[str]:
    """What the registry says against what was seen from outside."""
    pairs = {"verdict": recorded.verdict, "outcome": recorded.outcome, "decided_by": recorded.decided_by or ""}
    return [
        f"{recorded.version}: the registry says {key} {value!r}, Dagster says {entry[key]!r}"
        for key, value in pairs.items()
        if value != entry[key]
    ]


def _line(entry: dict[str, Any]) -> str:
    decided = f" by {entry['decided_by']}" if entry["decided_by"] else ""
    back = entry["event_to_rolled_back_s"]
    times = f"verdict after {entry['event_to_verdict_s']} s" + (f", rollback proved after {back} s" if back else "")
    return (
        f"{entry['version']}: {entry['verdict']}{decided}, {entry['outcome']}; {times}; "
        f"{entry['user_requests']} user requests, {entry['user_failures']} failed, "
        f"{entry['user_requests_on_rejected']} on a rejected version"
    )
