"""A world for one fault: real Envoy, two live versions under load, a registry, and a worker process to kill.

What users get is read from Envoy's admin interface, its access log and the versions' own counts.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from delivery_world import SERVICE, Load, RunningEnvoy, TinyBackend, eventually

from olorin_pipelines import openapi
from olorin_pipelines.config import load_config
from olorin_pipelines.delivery.model import Backend, RouteState
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.guard import Guard
from olorin_pipelines.pipeline.means import router_of

ROOT = Path(__file__).parent.parent.parent
STALE_SECONDS = float(os.environ.get("FAULTS_STALE_SECONDS", "2"))
"""How old a heartbeat may be here. `FAULTS_STALE_SECONDS=15` runs the rows with the limit that holds in earnest."""
ROLLOUT = "steps: [10, 50, 100], step_seconds: 0.5, step_deadline_seconds: 6, min_requests: 3"


def said(worker: subprocess.Popen[str], *, timeout: float = 120) -> list[str]:
    """Wait for a worker that ends well, and return the outcomes that it said."""
    out, err = worker.communicate(timeout=timeout)
    assert worker.returncode == 0, err
    return out.split()


class FaultWorld:
    """`stable` 2.1.0 serves production, `candidate` 2.2.0 is announced and accepted; `load` sends requests."""

    def __init__(
        self, folder: Path, *, rollout: str = ROLLOUT, registry: str = "", candidate: Backend | None = None,
        more_envoys: int = 0, floor_ms: int = 2000, users: int = 2, extra: str = "", paths: Sequence[str] = ("/",),
    ) -> None:  # fmt: skip
        self.folder = folder
        self.stable, self.candidate = TinyBackend("2.1.0"), TinyBackend("2.2.0")
        self.announced = candidate or self.candidate.backend
        self.envoy = RunningEnvoy(folder / "var" / "envoy")
        self.envoy.directory.mkdir(parents=True)
        self.more_envoys = [RunningEnvoy(self.envoy.directory, name=f"{number}-") for number in range(more_envoys)]
        admins = [envoy.admin_url for envoy in self.more_envoys]
        self._users = users
        self.load = Load(self.envoy.url, threads=users, pause=0.01, paths=paths)
        self.workers: list[subprocess.Popen[str]] = []
        self.file = folder / "olorin.yaml"
        self.file.write_text(
            f"""\
{f"registry: {registry}" if registry else ""}
ports: {{envoy: {self.envoy.listen_port}, admin: {self.envoy.admin_port}}}
services:
  {SERVICE}:
    environments:
      production: {{url: "{self.stable.backend.url}"}}
      canary: {{url: "{self.candidate.backend.url}", isolated_data: true}}
    rollout: {{router: envoy, latency_floor_ms: {floor_ms}, more_admins: {admins}, {rollout}}}
{extra}"""
        )
        self.place = Workplace(load_config(self.file, environ={}))
        self.registry = self.place.registry

    def __enter__(self) -> FaultWorld:
        for envoy in (self.envoy, *self.more_envoys):
            envoy.start()
        self.registry.found_serving(SERVICE, version="2.1.0", url=self.stable.backend.url)
        begin = RouteState(
            service=SERVICE, stable=self.stable.backend, rollout_id="begin", fence=self.registry.next_fence(SERVICE)
        )
        self.router.confirm(self.router.apply(begin), within=5)
        self.deployment = self.announce(self.announced)
        self.load.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGKILL)
            worker.communicate()
        self.load.__exit__()
        for envoy in (self.envoy, *self.more_envoys):
            envoy.kill()
        self.stable.close()
        self.candidate.close()
        self.registry.close()

    def quiet(self) -> None:
        """Send the users home."""
        self.load.__exit__()

    def loud(self) -> None:
        """Let them come again."""
        self.load = Load(self.envoy.url, threads=self._users, pause=0.01)
        self.load.__enter__()

    @property
    def router(self):
        return router_of(self.place.config, SERVICE)

    def announce(self, backend: Backend) -> str:
        row, _ = self.registry.announce(SERVICE, environment="canary", version=backend.version, url=backend.url)
        self.registry.decide(row.id, verdict="accepted", decided_by="", because="")
        return row.id

    def serves(self, *paths: str) -> None:
        """The candidate's document was captured, and has these paths."""
        operations = {path: {"get": {"responses": {"200": {"description": "OK"}}}} for path in paths}
        document = {"openapi": "3.1.0", "info": {"title": SERVICE, "version": "2.2.0"}, "paths": operations}
        snapshot = openapi.parse(json.dumps(document).encode(), source="a test")
        self.registry.record_snapshot(
            SERVICE, environment="canary", deployment_id=self.deployment, role="candidate", digest=snapshot.digest,
            artifact=self.place.artifacts.put(snapshot.raw), source="a test", version="2.2.0",
        )  # fmt: skip

    def worker(self, die_at: str = "", *, deployment: str = "") -> subprocess.Popen[str]:
        """Start the process that rolls out, and back when that goes wrong; it dies by its own -9 at `die_at`."""
        command = [sys.executable, str(Path(__file__).parent / "fault_worker.py"), str(self.file)]
        worker = subprocess.Popen(
            [*command, deployment or self.deployment, die_at],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.workers.append(worker)
        return worker

    def dies(self, die_at: str) -> None:
        """Run a worker until it has died where it is told to."""
        worker = self.worker(die_at)
        _, said = worker.communicate(timeout=60)
        assert worker.returncode == -signal.SIGKILL, said

    def at(self, weight: int, *, within: float = 30.0) -> None:
        """Wait until Envoy sends this share to the candidate, and it got some of it."""
        eventually(lambda: self.weights().get("2.2.0") == weight, within=within)

    def guarded(self, *, within: float = 25.0, stale_seconds: float = STALE_SECONDS, wait_for=None) -> list:
        """Let a guard look once a second until the deployment is closed; returns what it did.

        `within` is for a limit of 2 s: a longer one may be waited for twice, as what failed is tried again.
        """
        guard, done = Guard(self.place, stale_seconds=stale_seconds, observe_seconds=1.0), []
        within += 2 * max(0.0, stale_seconds - 2)

        def closed() -> bool:
            done.extend(guard.look())
            return wait_for() if wait_for else self.outcome is not None

        eventually(closed, within=within, every=0.25)
        return done

    @property
    def outcome(self) -> str | None:
        return self.registry.deployment(self.deployment).outcome

    @property
    def rollbacks(self):
        return [row for row in self.registry.rollbacks(SERVICE) if row.deployment_id == self.deployment]

    def weights(self) -> dict[str, int]:
        """What Envoy weighs now."""
        shown = self.router.read(SERVICE)
        return {version: weight for version, weight in shown.weights.items() if weight} if shown else {}

    def log(self, since: float = 0.0) -> list[dict]:
        """The lines of Envoy's access log of requests that began after a moment (seconds since 1970)."""
        text = self.envoy.access_log.read_text() if self.envoy.access_log.exists() else ""
        lines = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        return [line for line in lines if datetime.fromisoformat(line["start_time"]).timestamp() > since]

    def users_get(self, version: str, *, requests: int = 40) -> None:
        """Envoy's configuration, its access log from now on, and the versions' own counts agree on one version."""
        assert self.weights() == {version: 100}
        since, other = time.time(), self.candidate if version == "2.1.0" else self.stable
        seen = other.seen
        lines = eventually(lambda: (found := self.log(since)) and len(found) >= requests and found, within=20)
        assert {line["service_version"] for line in lines} == {version}
        assert {line["response_code"] for line in lines} == {200}
        assert other.seen == seen

    def taken_back(self) -> None:
        """The version has no traffic, and the record says so, once, and why."""
        self.users_get("2.1.0")
        assert self.outcome == "rolled_back"
        assert self.registry.serving(SERVICE).version == "2.1.0"
        assert self.registry.lease(SERVICE) is None
        (row,) = self.rollbacks
        assert (row.outcome, row.from_version, row.to_version) == ("rolled_back", "2.2.0", "2.1.0"), row.reason
        assert row.reason
        assert all(proof["passed"] for proof in row.detail["proofs"])
        rollout = self.registry.rollout(self.deployment)
        assert rollout is None or rollout.state == "aborted"
