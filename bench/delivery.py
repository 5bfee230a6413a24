"""How soon is traffic moved, and moved back? Real Envoy, bare asyncio versions and load, a process each.

`flip_and_drain`: from the write of weight 0 until no request is in flight on the version, 50 changes at 1,000 requests
a second; `failed_requests` of them. `breach_50_at_10` and its like: a version that fails half of its requests (or 5 %),
at 10 or 50 % of 300 requests a second, from the first bad answer by the load's clock until the rollback is recorded as
proved. `guard_takeover`: from kill -9 of the process that moves traffic until the last user got the version, by the
access log, and `guard_proved` until the guard's rollback was recorded. `event_to_proved`: from the announcement of a
breaking release, in the embedded world with a living Dagster and 100 requests a second, until its rollback is proved.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import IO, Any, cast

from bench.events import events
from bench.traffic import CANDIDATE, SERVICE, Traffic, eventually

__all__ = ["PARTS", "measure"]

_LIMITS = {
    "flip_and_drain_ms": 50.0,
    "failed_requests": 0.0,
    "breach_50_at_10_s": 20.0,
    "breach_50_at_50_s": 20.0,
    "breach_5_at_10_s": 45.0,
    "breach_5_at_50_s": 45.0,
    "guard_takeover_s": 20.0,
    "event_to_proved_s": 8.0,
}
_CHANGES = 50
_MANY, _USUAL = 1_000.0, 300.0
_MOST_SECONDS = 240
"""A part that takes longer hangs, and is given up."""


def measure(*, say: Callable[[str], None], runs: int = 5, only: str = "") -> dict[str, Any]:
    """Return medians and every value; `missed` names the limits that were passed by a median.

    `only` one of `PARTS` is measured; empty measures all.
    """
    values: dict[str, list[float]] = {}
    loads, began = [], time.monotonic()
    for number in range(runs):
        for name, part in _PARTS.items():
            if only not in ("", name):
                continue
            loads.append(os.getloadavg()[0])
            with _given_up(name, _MOST_SECONDS):
                for figure, value in part().items():
                    values.setdefault(figure, []).append(round(value, 2))
            say(f"{number + 1} of {runs}: {name}")
    if only in ("", _EVENT):  # in one world for all runs, and last: its Dagster would disturb the others

        def told(text: str) -> None:
            loads.append(os.getloadavg()[0])
            say(text)

        with _given_up(_EVENT, _MOST_SECONDS * (1 + runs)):
            values |= events(runs=runs, say=told)
    medians = {name: statistics.median(found) for name, found in values.items()}
    load = f"{min(loads):.1f} to {max(loads):.1f}"
    missed = [name for name, limit in _LIMITS.items() if medians.get(name, 0.0) > limit]
    took = round(time.monotonic() - began)
    return {"runs": runs, "load": load, "seconds": took, "medians": medians, "values": values, "missed": missed}


@contextmanager
def _given_up(name: str, seconds: int) -> Iterator[None]:
    """End the benchmark when a part hangs; what it started ends with it."""

    def late(*_: object) -> None:
        raise SystemExit(f"nothing to measure: {name} did not end within {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _changes() -> dict[str, float]:
    with Traffic("steps: [10, 100]", rate=_MANY) as world:
        router, times = world.router, []
        shown = router.read(SERVICE)
        if shown is None:
            raise SystemExit("nothing to measure: Envoy shows no route")
        target = replace(shown, candidate=world.candidate, rollout_id="bench", fence=50)
        for number in range(_CHANGES):
            weight = 0 if number % 2 else (10, 50, 100)[number % 3]
            began = time.monotonic()
            router.confirm(router.apply(replace(target, weight=weight)), within=5)
            if not weight:
                eventually(lambda: _drained(world), every=0.001)
                times.append((time.monotonic() - began) * 1000)
            time.sleep(0.05)
        users = world.users()
    return {
        "flip_and_drain_ms": statistics.median(times),
        "failed_requests": users["failed"],
        "requests": users["sent"],
        "late_ms": users["late_ms"],
    }


def _drained(world: Traffic) -> bool:
    activity = world.router.activity(SERVICE, world.candidate)
    return activity is not None and activity.active == 0


def _breach(share: float, weight: int) -> dict[str, float]:
    rollout = f"steps: [{weight}, 100], step_seconds: 20, step_deadline_seconds: 60"
    with Traffic(rollout, rate=_USUAL, share=share) as world:
        worker = world.worker()
        _, said = worker.communicate(timeout=150)
        proved = time.time()
        _expect(world.outcome, said)
        users = world.users()
    name = f"{share * 100:g}_at_{weight}"
    return {f"breach_{name}_s": proved - users["first_bad"], f"users_failed_{name}": users["failed"]}


def _takeover() -> dict[str, float]:
    with Traffic("steps: [50, 100], step_seconds: 600, step_deadline_seconds: 600", rate=_USUAL) as world:
        guard, worker = world.guard(), world.worker()
        eventually(lambda: (shown := world.router.read(SERVICE)) is not None and shown.weight == 50, within=30)
        time.sleep(1.0)
        killed = time.time()
        os.killpg(worker.pid, signal.SIGKILL)
        _expect(json.loads(cast("IO[str]", guard.stdout).readline())["outcome"], "")
        proved = time.time()
        eventually(lambda: any(_at(line) > proved for line in _log(world)), within=20)
        last = max(_at(line) for line in _log(world) if line["service_version"] == CANDIDATE)
    return {"guard_takeover_s": last - killed, "guard_proved_s": proved - killed}


_EVENT = "event"
_PARTS: dict[str, Callable[[], dict[str, float]]] = {
    "changes": _changes,
    **{
        f"breach-{share * 100:g}-at-{weight}": partial(_breach, share, weight)
        for share in (0.5, 0.05)
        for weight in (10, 50)
    },
    "takeover": _takeover,
}
PARTS = (*_PARTS, _EVENT)
"""The names of what is measured."""


def _log(world: Traffic) -> list[dict[str, Any]]:
    text = world.envoy.access_log.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def _at(line: dict[str, Any]) -> float:
    return datetime.fromisoformat(line["start_time"]).timestamp()


def _expect(outcome: str | None, said: str) -> None:
    if outcome != "rolled_back":
        raise SystemExit(f"nothing to measure: it ended as {outcome}, not rolled_back; {said[-2000:]}")
