"""Random deployments, commands of people, deaths, hangs and lost parts: what must hold whatever happens.

A fault hits at one point: before or after a write of the registry or of the router. `crash` is a process that dies
there; `hang` one that is stopped, taken over by a guard, and goes on; `registry` and `router` do not answer once;
`stuck` is a data plane that takes up no route from there on, as long as the process lives: nothing is confirmed.
"""

from __future__ import annotations

import itertools
import tempfile
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from olorin_pipelines.config import load_config
from olorin_pipelines.delivery.metrics.memory import MemoryMetrics
from olorin_pipelines.delivery.probe import Answer
from olorin_pipelines.delivery.routers.memory import MemoryRouter
from olorin_pipelines.delivery.scalers.memory import MemoryScaler
from olorin_pipelines.errors import OlorinError, RegistryError, RouterUnreachable
from olorin_pipelines.pipeline import lease as lease_module
from olorin_pipelines.pipeline import release as release_module
from olorin_pipelines.pipeline import revert
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.command import command, position, runs_wanted
from olorin_pipelines.pipeline.guard import Guard
from olorin_pipelines.pipeline.release import release
from olorin_pipelines.registry import PAUSED, Registry

pytestmark = pytest.mark.slow
NAME = "pets"
WRITES = (
    "take_lease",
    "pause_rollout",
    "resume_rollout",
    "record_held",
    "update_rollout",
    "open_rollout",
    "keep_work",
    "promote",
    "revert",
    "record_rollback",
    "end",
)
WANTED = st.none() | st.tuples(st.sampled_from([10, 100]), st.sampled_from(["pause", "promote", "abort", "newer"]))
"""What happens to a rollout when it has this weight: a command, or a newer deployment."""

FAULTS = st.tuples(st.integers(0, 70), st.sampled_from(["crash", "crash", "hang", "registry", "router", "stuck"]))


HELD = (
    "record_held",
    "update_rollout",
    "open_rollout",
    "promote",
    "record_rollback",
    "pause_rollout",
    "resume_rollout",
)
"""Writes that only the holder of the lease may do: its fence is then the highest of all."""


ENDS = {
    "promoted": {"post_bake", "succeeded"},
    "rolled_back": {"rolled_back", "rolled_back_degraded"},
    "superseded": {"superseded"},
    "paused": {"unmoved"},
}
"""What the events of a closed deployment have to say."""


class Crash(BaseException):
    """The process dies here."""


class Router(MemoryRouter):
    """Tells the machine of each write, before and after."""

    def __init__(self, machine: Delivery) -> None:
        super().__init__(entry_url="http://127.0.0.1:3")
        self.machine = machine

    def apply(self, desired, *, expect_fence=None):
        self.machine.point("router")
        self.machine.intended(desired)
        receipt = super().apply(desired, expect_fence=expect_fence)
        self.machine.point("router")
        return receipt


class Scaler(MemoryScaler):
    """Stops nothing that has users."""

    def __init__(self, machine: Delivery) -> None:
        super().__init__()
        self.machine = machine

    def stop(self, service, backend):
        assert self.machine.share(backend.version) == 0, f"{backend.version} was stopped with users on it"
        return super().stop(service, backend)


class Delivery(RuleBasedStateMachine):
    """One service; each deployment is good or bad, and its run may be hit by one fault."""

    def __init__(self) -> None:
        super().__init__()
        self.exits = ExitStack()
        folder = Path(self.exits.enter_context(tempfile.TemporaryDirectory()))
        (folder / "olorin.yaml").write_text(
            f"""\
services:
  {NAME}:
    environments: {{production: {{url: "http://127.0.0.1:9"}}}}
    rollout: {{router: envoy, steps: [10, 100], step_seconds: 0.0001, step_deadline_seconds: 0.2, min_requests: 5}}
"""
        )
        self.place = Workplace(load_config(folder / "olorin.yaml", environ={}))
        self.registry = self.place.registry
        self.exits.callback(self.registry.close)
        self.router, self.metrics, self.scaler = Router(self), MemoryMetrics(), Scaler(self)
        self.bad: set[str] = set()
        self.wanted: tuple[int, str] | None = None
        self.numbers, self.points, self.fault, self.dirty = itertools.count(1), 0, None, False
        for module in (release_module, revert):
            self._patch(module, "router_of", lambda config, name, **_: self.router)
        self._patch(release_module, "metrics_of", lambda config, name: self.metrics)
        self._patch(revert, "scaler_of", lambda config, name, **_: self.scaler)
        for module in (release_module, revert):
            self._patch(module, "probe", lambda url: Answer(200, self.users_get()))
        self._patch(release_module, "_LEASE_SECONDS", 0.0)
        for name in WRITES:
            self._patch(Registry, name, self._around(getattr(Registry, name), name))
        self.registry.found_serving(NAME, version="0", url="http://127.0.0.1:100")

    def _patch(self, owner, name, value) -> None:
        self.exits.enter_context(patch.object(owner, name, value))

    def _around(self, original, name):
        def wrapped(registry, *args, **options):
            self.point("registry")
            done = original(registry, *args, **options)
            self.look(name, options)
            self.point("registry")
            return done

        return wrapped

    def point(self, part: str) -> None:
        """A place where the fault may hit."""
        self.points += 1
        if self.fault is None or self.points < self.fault[0] or self.fault[1] in {"registry", "router"} - {part}:
            return
        (_, kind), self.fault = self.fault, None
        if kind == "hang":
            self.rescue()
        elif kind == "stuck":
            self.router.refuses = "stuck"
        elif kind == "registry":
            raise RegistryError("injected")
        elif kind == "router":
            raise RouterUnreachable("injected")
        else:
            raise Crash

    def intended(self, desired) -> None:
        """A weight is written down before it is asked for."""
        row = self.registry.rollout(desired.rollout_id)
        assert row is None or not desired.weight or row.weight == desired.weight, (row.weight, desired.weight)

    def users_get(self) -> str:
        """The version that gets users, of two the one that gets more; empty when nothing was ever routed."""
        route = self.router.routes.get(NAME)
        return max(route.weights, key=route.weights.__getitem__) if route else ""

    def share(self, version: str) -> int:
        route = self.router.routes.get(NAME)
        return route.weights.get(version, 0) if route else 0

    def look(self, written: str, options) -> None:
        """Nothing is recorded that the observed world contradicts, and nothing by one that was overtaken."""
        fence = options.get("fence")
        if fence is not None and written in HELD:
            assert fence == self.registry.serving(NAME).fence, f"{written} by fence {fence}"
        if written == "promote":
            assert self.share(options["version"]) == 100
        if written == "record_rollback" and options["outcome"] in ("rolled_back", "rolled_back_degraded"):
            assert self.share(options["from_version"]) == 0

    def rescue(self) -> None:
        """A guard, to which every lease is old."""
        with patch.object(lease_module, "_PROCESS", f"g{next(self.numbers)}"):
            list(Guard(self.place, stale_seconds=0.0, observe_seconds=0.0).look())

    def traffic(self, version: str):
        def wait(_seconds: float) -> None:
            if self.wanted is not None and self.share(version) == self.wanted[0]:
                (_, verb), self.wanted = self.wanted, None
                self._announced(bad=False) if verb == "newer" else self.ask(verb)
            for known in (version, "stable"):
                errors = 20 if known in self.bad else 0
                self.metrics.add(NAME, known, requests=20, errors=errors)

        return wait

    def _announced(self, *, bad: bool):
        version = str(next(self.numbers))
        row, _ = self.registry.announce(
            NAME, environment="canary", version=version, url=f"http://127.0.0.1:{1000 + int(version)}"
        )
        self.registry.decide(row.id, verdict="accepted", decided_by="", because="")
        if bad:
            self.bad.add(version)
        return row

    def ask(self, verb: str) -> None:
        with suppress(OlorinError):
            command(self.place, NAME, verb, who="ada", reason="random")

    @rule(bad=st.booleans(), wanted=WANTED, fault=st.none() | FAULTS)
    def deploy(self, bad, wanted, fault):
        row = self._announced(bad=bad)
        self.wanted = wanted
        self.run_until(fault, lambda: self._run(row.id, row.version))
        self.wanted = None

    @rule(verb=st.sampled_from(["resume", "promote", "abort", "retry"]), fault=st.none() | FAULTS)
    def people(self, verb, fault):
        """Something is asked of what rests or has ended; Dagster starts the run that it needs."""
        self.ask(verb)
        for row in runs_wanted(self.place, after=0, wait_seconds=0.0)[0]:
            version = self.registry.deployment(row.deployment_id).version
            self.run_until(fault, partial(self._run, row.deployment_id, version))
        for request in self.registry.unanswered_requests():
            self.run_until(fault, partial(self._answer, request))

    def _answer(self, request) -> None:
        baton = revert.precheck(
            self.place, NAME, deployment_id=request.deployment_id, reason=request.reason, within=0.0
        )
        if baton is not None:
            revert.finish(self.place, baton)

    @rule(fault=st.none() | FAULTS)
    def open_ones_get_their_runs(self, fault):
        """Those that were announced and have no run yet: a newer one, a retried one."""
        for row in reversed(self.registry.deployments(NAME, limit=1000)):
            if row.outcome is None and self.registry.rollout(row.id) is None:
                if row.verdict is None:
                    self.registry.decide(row.id, verdict="accepted", decided_by="", because="")
                self.run_until(fault, partial(self._run, row.id, row.version))

    def _run(self, deployment_id: str, version: str) -> None:
        release(self.place.case(deployment_id), wait=self.traffic(version))
        baton = revert.precheck(self.place, NAME, deployment_id=deployment_id, reason="", within=0.0)
        if baton is not None:
            revert.finish(self.place, baton)

    @rule(fault=st.none() | FAULTS)
    def production_is_bad(self, fault):
        def act() -> None:
            baton = revert.precheck(self.place, NAME, deployment_id="", reason="production is bad", within=0.0)
            if baton is not None:
                revert.finish(self.place, baton)

        self.run_until(fault, act)

    @precondition(lambda self: self.dirty)
    @rule(fault=st.none() | FAULTS)
    def guard(self, fault):
        self.run_until(fault, self.rescue)

    def run_until(self, fault, act) -> None:
        """Act as a process of its own, hit by the fault or not."""
        self.points, self.fault, self.dirty = 0, fault, True
        with patch.object(lease_module, "_PROCESS", f"p{next(self.numbers)}"), suppress(Crash, OlorinError):
            act()
        self.fault, self.router.refuses = None, ""

    @invariant()
    def one_writer(self):
        applied = [(state.fence, state.rollout_id) for state in self.router.applied]
        assert [fence for fence, _ in applied] == sorted(fence for fence, _ in applied)
        assert len({fence for fence, _ in applied}) == len(set(applied))

    def teardown(self):
        try:
            lease = self.registry.lease(NAME)
            if lease is not None and lease.kind == PAUSED:  # what rests may rest; here its time is over
                self.ask("abort")
                self._answer(self.registry.rollback_requests_after(0)[-1])
            for _ in range(3):
                self.rescue()
            self._rests()
        finally:
            self.exits.close()

    def _rests(self) -> None:
        """Everything has ended, and users get what the record says, and nothing else."""
        assert self.registry.lease(NAME) is None
        serving = self.registry.serving(NAME)
        rows = self.registry.deployments(NAME, limit=1000)
        assert {row.id for row in rows if row.outcome is None} <= self.never_begun()
        for row in rows:
            rollout, found = self.registry.rollout(row.id), position(self.place, row.id)
            assert found.strange == (), (row.version, found)
            assert row.outcome is None or ENDS[row.outcome] >= {found.state}, (row.outcome, found)
            assert rollout is None or rollout.state != "open" or row.outcome is None
            forced = row.outcome == "promoted" and self._was_asked(row, "promote")
            assert forced or not (row.version in self.bad and row.outcome == "promoted")
            if row.outcome != "promoted" and row.version != serving.version:
                assert self.share(row.version) == 0, (row.version, row.outcome)
        if self.router.routes:
            assert self.share(serving.version) == 100

    def _was_asked(self, row, verb: str) -> bool:
        """A person who promotes wants no more looks; what users then get is watched for the time after a promotion."""
        asked = (event.detail for event in self.registry.events(row.id) if event.kind == "command_asked")
        return any(detail["verb"] == verb for detail in asked)

    def never_begun(self) -> set[str]:
        """Deployments whose run died before it had a lease, or never began: nobody moves anything for them."""
        moved = {state.rollout_id for state in self.router.applied if state.weight}
        rows = self.registry.deployments(NAME, limit=1000)
        return {row.id for row in rows if row.id not in moved and self.registry.rollout(row.id) is None}


def deployed(bad: bool, fault: tuple[int, str] | None, wanted: tuple[int, str] | None = None) -> int:
    """One deployment, hit at a point or not, and what must hold afterwards; returns how many points there were."""
    machine = Delivery()
    try:
        machine.deploy(bad=bad, wanted=wanted, fault=fault)
        machine.one_writer()
        return machine.points
    finally:
        machine.teardown()


@pytest.mark.parametrize(
    ("kind", "bad", "wanted", "every"),
    [
        ("hang", False, None, 1),
        ("hang", True, None, 3),
        ("crash", False, None, 3),
        ("hang", False, (10, "pause"), 2),
        ("crash", False, (10, "newer"), 5),
        ("stuck", True, None, 2),
        ("stuck", False, (10, "abort"), 3),
    ],
)
def test_a_fault_at_every_point_of_one_deployment(kind, bad, wanted, every):
    """Every write, before and after: nothing is left to chance."""
    points = deployed(bad, None, wanted)
    assert points > 20
    for at in range(1, points + 1, every):
        deployed(bad, (at, kind), wanted)


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(
    max_examples=20, stateful_step_count=6, deadline=None, suppress_health_check=list(HealthCheck)
)
