"""On what are deliveries measured? Two bare versions, a real Envoy, a load of its own, a registry: a process each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any, cast

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "delivery"))

from delivery_world import SERVICE, RunningEnvoy, eventually  # noqa: E402 - the world of the fault tests

from olorin_pipelines.config import load_config  # noqa: E402
from olorin_pipelines.delivery.model import Backend, RouteState  # noqa: E402
from olorin_pipelines.delivery.ports import TrafficRouter  # noqa: E402
from olorin_pipelines.pipeline.case import Workplace  # noqa: E402
from olorin_pipelines.pipeline.means import router_of  # noqa: E402

__all__ = ["CANDIDATE", "SERVICE", "STABLE", "Traffic", "eventually"]

STABLE, CANDIDATE = "2.1.0", "2.2.0"


class Traffic:
    """`rate` requests a second on 2.1.0; 2.2.0, of whose answers `share` fail, is announced and accepted."""

    def __init__(self, rollout: str, *, rate: float, share: float = 0.0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="olorin-bench-"))
        self.envoy = RunningEnvoy(self.folder / "var" / "envoy")
        self.envoy.directory.mkdir(parents=True)
        self._rollout, self._rate, self._share = rollout, rate, share
        self._children: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Traffic:
        self.stable, self.candidate = self._backend(STABLE, 0.0), self._backend(CANDIDATE, self._share)
        self.file = self.folder / "olorin.yaml"
        self.file.write_text(
            f"""\
ports: {{envoy: {self.envoy.listen_port}, admin: {self.envoy.admin_port}}}
services:
  {SERVICE}:
    environments:
      production: {{url: "{self.stable.url}"}}
      canary: {{url: "{self.candidate.url}"}}
    rollout: {{router: envoy, latency_floor_ms: 2000, {self._rollout}}}
"""
        )
        self.place = Workplace(load_config(self.file, environ={}))
        self.envoy.start()
        registry = self.place.registry
        registry.found_serving(SERVICE, version=STABLE, url=self.stable.url)
        begin = RouteState(service=SERVICE, stable=self.stable, rollout_id="begin", fence=registry.next_fence(SERVICE))
        self.router.confirm(self.router.apply(begin), within=5)
        row, _ = registry.announce(SERVICE, environment="canary", version=CANDIDATE, url=self.candidate.url)
        registry.decide(row.id, verdict="accepted", decided_by="", because="")
        self.deployment = row.id
        self._load = self._child("-m", "bench.load", self.envoy.url, str(self._rate))
        self._line(self._load)
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self._children):
            if child.poll() is None:
                child.kill()
            child.communicate()
        self.envoy.kill()
        self.place.registry.close()

    @property
    def router(self) -> TrafficRouter:
        """What moves traffic here."""
        return router_of(self.place.config, SERVICE)

    @property
    def outcome(self) -> str | None:
        """How the deployment ended, by the registry."""
        return self.place.registry.deployment(self.deployment).outcome

    def worker(self) -> subprocess.Popen[str]:
        """Start the process that rolls out, and back when that goes wrong."""
        return self._child(str(ROOT / "tests" / "delivery" / "fault_worker.py"), str(self.file), self.deployment, "")

    def guard(self) -> subprocess.Popen[str]:
        """Start a guard, and wait until it looks."""
        child = self._child("-m", "olorin_pipelines", "guard", "--json")
        cast("IO[str]", child.stderr).readline()
        return child

    def users(self) -> dict[str, Any]:
        """End the load and return what its users got."""
        self._load.terminate()
        found: dict[str, Any] = json.loads(self._line(self._load))
        return found

    def _backend(self, version: str, share: float) -> Backend:
        child = self._child("-m", "bench.upstream", version, str(share))
        return Backend(version, self._line(child))

    def _child(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OLORIN_CONFIG": str(self.folder / "olorin.yaml")}
        child = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._children.append(child)
        return child

    @staticmethod
    def _line(child: subprocess.Popen[str]) -> str:
        line = cast("IO[str]", child.stdout).readline().strip()
        if not line:
            raise SystemExit(f"nothing to measure: {child.communicate()[1][-2000:]}")
        return line
