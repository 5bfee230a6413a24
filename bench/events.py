"""How soon is a breaking release judged after its announcement, and proved off? In a living Dagster, with users."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.demo.play import play_release
from olorin_pipelines.demo.story import Expected, Release
from olorin_pipelines.demo.world import World, embedded

__all__ = ["USERS", "breaking_releases", "events", "world"]

USERS = 100.0
"""Requests of users a second."""

Say = Callable[[str], None]


@contextmanager
def world(say: Say) -> Iterator[tuple[World, Path]]:
    """Make the ground of an embedded world on free ports, with its state in a folder that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="olorin-bench-") as home:
        ports = {f"OLORIN__PORTS__{name}": "0" for name in ("UI", "ENVOY", "ADMIN", "FIRST_SERVICE")}
        here = mock.patch.dict(os.environ, {"OLORIN__HOME": home, **ports})
        with here, embedded(service="investigations", say=say, fresh=True) as made:
            yield made, Path(home)


def breaking_releases(made: World, stable: Backend, runs: int, say: Say) -> dict[str, list[float]]:
    """Deploy a breaking version again and again, each under a version of its own, while users send traffic.

    `say` is told of each run before it begins.
    """
    made.start_dagster()
    made.start_envoy(stable)
    made.start_guard()
    made.start_load(USERS)
    made.await_dagster()
    figures: dict[str, list[float]] = {}
    for number in range(runs):
        say(f"events, run {number + 1} of {runs}")
        release = Release(name="breaking", version=f"3.0.{number}", expect=Expected(verdict="rejected"))
        entry = play_release(release, made)
        if entry["disagreements"]:
            raise SystemExit(f"nothing to measure: {entry['disagreements']}")
        for key in ("event_to_run_s", "event_to_verdict_s", "event_to_rolled_back_s"):
            figures.setdefault(key.removesuffix("_s"), []).append(entry[key])
    return figures


def events(*, runs: int, say: Say) -> dict[str, list[float]]:
    """Return every run's seconds from the event to its run, its verdict, and to the proof of its rollback."""
    with world(lambda _: None) as (made, _):
        stable = made.start_service(Release(name="stable", version="2.0.0"))
        found = breaking_releases(made, stable, runs, say)
    found["event_to_proved"] = found.pop("event_to_rolled_back")
    return {f"{name}_s": [round(value, 2) for value in values] for name, values in found.items()}
