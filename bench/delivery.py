"""How soon is traffic moved, and moved back? Real Envoy, real processes, a load of about 150 requests a second.

`flip_and_drain`: from the write of weight 0 until no request is in flight on the version. `breach_to_proved`: a version
that fails half of its requests at 10 % weight, from its first bad answer in Envoy's access log until the rollback is
recorded as proved. `guard_takeover`: from kill -9 of the process that moves traffic until the last user got the
version, by the access log, and `guard_proved` until the guard's rollback was recorded.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "delivery"))

from delivery_world import SERVICE, eventually  # noqa: E402 - the world of the fault tests
from fault_world import FaultWorld  # noqa: E402

__all__ = ["measure"]

_LIMITS = {"flip_and_drain_ms": 50.0, "breach_to_proved_s": 20.0, "guard_takeover_s": 20.0, "failed_requests": 0.0}
_CHANGES = 50


def measure(*, say: Callable[[str], None], runs: int = 5) -> dict[str, Any]:
    """Return medians and every value; `missed` names the limits that were passed by a median."""
    values: dict[str, list[float]] = {}
    for number in range(runs):
        for one in (_changes, _breach, _takeover):
            for name, value in one().items():
                values.setdefault(name, []).append(round(value, 2))
            say(f"{number + 1} of {runs}: {one.__name__.strip('_')}")
    medians = {name: statistics.median(found) for name, found in values.items()}
    load = f"{os.getloadavg()[0]:.1f} at the end"
    missed = [name for name, limit in _LIMITS.items() if medians[name] > limit]
    return {"runs": runs, "load": load, "medians": medians, "values": values, "missed": missed}


def _world(rollout: str) -> FaultWorld:
    return FaultWorld(Path(tempfile.mkdtemp(prefix="olorin-bench-")), rollout=rollout)


def _changes() -> dict[str, float]:
    with _world("steps: [10, 100]") as world:
        router, times = world.router, []
        target = replace(router.read(SERVICE), candidate=world.candidate.backend, rollout_id="bench", fence=50)
        for number in range(_CHANGES):
            weight = 0 if number % 2 else (10, 50, 100)[number % 3]
            began = time.monotonic()
            router.confirm(router.apply(replace(target, weight=weight)), within=5)
            if not weight:
                eventually(lambda: router.activity(SERVICE, world.candidate.backend).active == 0, every=0.001)
                times.append((time.monotonic() - began) * 1000)
            time.sleep(0.05)
        world.load.__exit__()
        failed = sum(count for status, count in world.load.statuses.items() if status != 200)
        sent = sum(world.load.statuses.values())
    return {"flip_and_drain_ms": statistics.median(times), "failed_requests": failed, "requests": sent}


def _breach() -> dict[str, float]:
    with _world("steps: [10, 50, 100], step_seconds: 20, step_deadline_seconds: 60") as world:
        chance = random.Random(7)  # noqa: S311 - a fault, not a secret
        world.candidate.choose = lambda: 500 if chance.random() < 0.5 else 200
        world.worker().communicate(timeout=120)
        proved = time.time()
        bad = eventually(lambda: [_at(line) for line in world.log() if line["response_code"] == 500], within=5)
        _expect(world.outcome)
    return {"breach_to_proved_s": proved - min(bad), "users_failed_by_breach": len(bad)}


def _takeover() -> dict[str, float]:
    with _world("steps: [50, 100], step_seconds: 600, step_deadline_seconds: 600") as world:
        environment = {**os.environ, "OLORIN_CONFIG": str(world.file)}
        command = [sys.executable, "-m", "olorin_pipelines", "guard", "--json"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as guard:
            try:
                guard.stderr.readline()
                worker = world.worker()
                world.at(50)
                killed = time.time()
                os.killpg(worker.pid, signal.SIGKILL)
                _expect(json.loads(guard.stdout.readline())["outcome"])
                proved = time.time()
            finally:
                guard.kill()
        eventually(lambda: world.log(proved), within=10)
        last = max(_at(line) for line in world.log(killed) if line["service_version"] == "2.2.0")
    return {"guard_takeover_s": last - killed, "guard_proved_s": proved - killed}


def _expect(outcome: str | None) -> None:
    if outcome != "rolled_back":
        raise SystemExit(f"nothing to measure: it ended as {outcome}, not rolled_back")


def _at(line: dict[str, Any]) -> float:
    return datetime.fromisoformat(line["start_time"]).timestamp()
