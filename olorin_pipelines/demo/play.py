"""How is a story played? Release by release: started, announced, watched to its end, then recomputed from outside."""

from __future__ import annotations

import time
from typing import Any

from olorin_pipelines.demo.dagster_api import Run
from olorin_pipelines.demo.judgement import differences, line_of, unexpected
from olorin_pipelines.demo.last_act import play_last_act
from olorin_pipelines.demo.outside import observe, read_routed, read_sent, rolled_back_at, traffic_between
from olorin_pipelines.demo.story import Release, Story
from olorin_pipelines.demo.waiting import wait_until
from olorin_pipelines.demo.world import World
from olorin_pipelines.registry import Deployment

__all__ = ["play", "play_release"]

_RELEASE_SECONDS = 300.0
_DEPLOYMENT_TAG = "olorin/deployment_id"


def play(story: Story, world: World) -> dict[str, Any]:
    """Play the story and return its report; `disagreements` lists whatever was not as expected or not as recorded."""
    stable = world.start_service(story.begin)
    world.start_dagster()
    world.start_envoy(stable)
    world.start_guard()
    world.start_load(story.requests_per_second)
    world.say(f"production is {stable.version}; users send {story.requests_per_second:g} requests/s to {world.entry}")
    world.await_dagster()
    world.say(f"Dagster is up at {world.dagster.url}")
    releases: list[dict[str, Any]] = []
    for release in story.releases:
        releases.append(play_release(release, world))
        world.say(line_of(releases[-1]))
    last = play_last_act(world) if story.last_act == "production_breaks" else None
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
        "failed_for_s": _between(traffic.first_failure, rolled_back_at(run)),
        "user_requests_on_rejected": traffic.on_version if seen["verdict"] != "accepted" else 0,
    }
    recorded = world.place.registry.deployment(row.id)
    return {**entry, "disagreements": [*unexpected(release, entry), *differences(recorded, entry)]}


def _between(first: float | None, last: float | None) -> float | None:
    return None if first is None or last is None else round(last - first, 2)


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

    wait_until(world, closed, seconds=_RELEASE_SECONDS, what=f"{row.version} to be decided")


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


def _ended_run(world: World, tags: dict[str, str], *, seconds: float) -> Run:
    """Return the finished run that carries the tags."""
    wait_until(
        world,
        lambda: any(run.finished for run in world.dagster.runs(tags)),
        seconds=seconds,
        what="its Dagster run to end",
    )
    return world.dagster.run(world.dagster.runs(tags)[0].run_id)
