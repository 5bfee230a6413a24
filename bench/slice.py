"""How long does each part of the main job take, against the customer's limits?

The parts are timed in this process against the example service; the times from an event on are read from Dagster by
the embedded world, with user traffic running.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.events import breaking_releases, world
from olorin_pipelines import contract, diff, openapi, typegen
from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.demo.story import Release
from olorin_pipelines.demo.world import World

__all__ = ["LIMITS", "measure"]

LIMITS = {
    "schema_capture": 5.0,
    "types": 10.0,
    "contract_suite": 60.0,
    "event_to_rolled_back": 120.0,
}
"""The customer's limits, in seconds."""

Say = Callable[[str], None]


def measure(*, runs: int, say: Say) -> dict[str, dict[str, Any]]:
    """Return name -> median, all runs and limit, in seconds."""
    with world(say) as (made, home):
        stable = made.start_service(Release(name="stable", version="2.0.0"))
        changed = made.start_service(Release(name="additive", version="2.1.0"))
        figures = _parts(made, stable, changed, home, runs, say)
        figures |= breaking_releases(made, stable, runs, say)
    return {name: _figure(name, values) for name, values in figures.items()}


def _parts(made: World, stable: Backend, changed: Backend, home: Path, runs: int, say: Say) -> dict[str, list[float]]:
    headers = {"Authorization": f"Bearer {made.base['INVESTIGATIONS_TOKEN']}"}
    old = openapi.load(f"{stable.url}/openapi.json")
    new = openapi.load(f"{changed.url}/openapi.json")
    suite = contract.Suite(mode="all")
    figures: dict[str, list[float]] = {name: [] for name in ("schema_capture", "diff", "types", "contract_suite")}
    for number in range(runs):
        say(f"parts, run {number + 1} of {runs}")
        figures["schema_capture"].append(_timed(lambda: openapi.load(f"{changed.url}/openapi.json")))
        figures["diff"].append(_timed(lambda: diff.diff(old, new)))
        store = home / f"types-{number}"
        figures["types"].append(
            _timed(lambda store=store: typegen.generate(new.canonical, digest=new.digest, store=store))
        )
        work = home / f"contract-{number}"
        figures["contract_suite"].append(
            _timed(
                lambda work=work: contract.run(
                    contract.Trial(
                        document=new.canonical,
                        url=changed.url,
                        workdir=work,
                        suite=suite,
                        headers=headers,
                        cache=home / "cache",
                    )
                )
            )
        )
    return figures


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _figure(name: str, values: list[float]) -> dict[str, Any]:
    return {
        "median_s": round(statistics.median(values), 4),
        "runs_s": [round(value, 4) for value in values],
        "limit_s": LIMITS.get(name),
    }
