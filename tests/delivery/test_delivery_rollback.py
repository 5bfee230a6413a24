"""All traffic back to stable, proved; in memory and through a real Envoy."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from delivery_world import SERVICE, Load, eventually, free_port

from olorin_pipelines.delivery import rollback
from olorin_pipelines.delivery.fence import next_fence
from olorin_pipelines.delivery.journal import MemoryJournal
from olorin_pipelines.delivery.model import Activity, Backend, Receipt, RouteState
from olorin_pipelines.delivery.probe import Answer, probe
from olorin_pipelines.delivery.routers.envoy import EnvoyRouter
from olorin_pipelines.delivery.routers.memory import MemoryRouter
from olorin_pipelines.delivery.scalers.memory import MemoryScaler
from olorin_pipelines.errors import RegistryError

STABLE, BAD = Backend("2.1.0", "http://127.0.0.1:1"), Backend("2.2.0", "http://127.0.0.1:2")
REQUEST = {"service": SERVICE, "stable": STABLE, "candidate": BAD, "rollout_id": "back", "fence": 6, "reason": "5xx"}


class Dry:
    """A rollback in memory; `answer` is what every probe gets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.router = MemoryRouter(entry_url="http://127.0.0.1:3")
        self.router.routes[SERVICE] = RouteState(
            service=SERVICE, stable=STABLE, candidate=BAD, weight=25, rollout_id="r1", fence=5
        )
        self.scaler, self.journal = MemoryScaler(), MemoryJournal()
        self.scaler.up = {BAD.url}
        self.answer = Answer(200, "2.1.0")

    def wait(self, seconds: float) -> None:
        self.now += seconds

    @property
    def tools(self):
        return rollback.Tools(
            router=self.router,
            scaler=self.scaler,
            journal=self.journal,
            probe=lambda url: self.answer,
            monotonic=lambda: self.now,
            wait=self.wait,
        )

    def run(self, **changes):
        return rollback.roll_back(self.tools, **{**REQUEST, **changes})


def failed(result):
    return {proof.name for proof in result.proofs if not proof.passed}


def test_everything_goes_back_and_is_proved():
    dry = Dry()
    result = dry.run()
    assert (result.outcome, result.reason, failed(result)) == ("rolled_back", "5xx", set())
    assert dry.router.read(SERVICE).weights == {"2.1.0": 100, "2.2.0": 0}
    assert dry.scaler.stopped == [BAD]
    assert list(result.step_seconds) == ["precheck", "route", "confirm", "drain", "scale", "prove"]
    assert dry.journal.kinds[:4] == [
        "rollback_precheck_intent",
        "rollback_precheck_evidence",
        "rollback_route_intent",
        "rollback_route_evidence",
    ]


def test_what_a_write_left_to_its_confirmation_outlasts_the_process_between_them():
    class Logging(MemoryRouter):
        def apply(self, desired, *, expect_fence=None):
            super().apply(desired, expect_fence=expect_fence)
            self.wanted, self.routes[SERVICE] = desired, before
            return Receipt(desired=desired, token="written", rejected_before=3, logged_before=700)

        def confirm(self, receipt, *, within):
            self.seen, self.routes[SERVICE] = receipt, self.wanted
            return super().confirm(receipt, within=within)

    dry = Dry()
    before = dry.router.routes[SERVICE]
    dry.router = Logging(entry_url="http://127.0.0.1:3")
    dry.router.routes[SERVICE] = before
    assert dry.run().outcome == "rolled_back"
    seen = dry.router.seen
    assert (seen.token, seen.rejected_before, seen.logged_before) == ("written", 3, 700)


def test_every_step_can_be_run_again_and_its_state_is_json():
    dry = Dry()
    state = rollback.begin(**REQUEST)
    for step in rollback.STEPS:
        once = json.loads(json.dumps(step(state, dry.tools)))
        state = json.loads(json.dumps(step(once, dry.tools)))
    assert rollback.result(state).outcome == "rolled_back"
    assert len(dry.router.applied) == 1


def test_a_second_rollback_changes_nothing():
    dry = Dry()
    dry.run()
    assert dry.run().outcome == "rolled_back"
    assert len(dry.router.applied) == 1


def test_an_older_writer_is_fenced_off_even_when_it_shows_the_weights():
    dry = Dry()
    dry.router.routes[SERVICE] = replace(dry.router.routes[SERVICE], weight=0)
    dry.run()
    assert dry.router.read(SERVICE).fence == 6


def test_a_newer_writer_is_not_overwritten_and_its_backend_not_stopped():
    dry = Dry()
    dry.router.routes[SERVICE] = replace(dry.router.routes[SERVICE], fence=9)
    result = dry.run()
    assert result.outcome == "rollback_failed"
    assert dry.router.read(SERVICE).fence == 9
    assert dry.scaler.stopped == []


@pytest.mark.parametrize("fault", ["unreachable", "refuses"])
def test_without_confirmation_the_candidate_is_not_stopped(fault):
    dry = Dry()
    setattr(dry.router, fault, "no" if fault == "refuses" else True)
    result = dry.run()
    assert result.outcome == "rollback_failed"
    assert "route_restored" in failed(result)
    assert dry.scaler.stopped == []


def test_requests_that_do_not_end_are_a_degradation():
    dry = Dry()
    dry.router.activities["2.2.0"] = Activity(3, 40)
    result = dry.run()
    assert (result.outcome, failed(result)) == ("rolled_back_degraded", {"candidate_idle"})
    assert "3 requests in flight" in result.reason
    assert dry.scaler.stopped == [BAD]


def test_a_scaler_that_fails_is_a_degradation():
    dry = Dry()
    dry.scaler.fails = "may not"
    assert dry.run().outcome == "rolled_back_degraded"


def test_a_candidate_that_is_not_ours_is_left_running():
    dry = Dry()
    dry.scaler.up = set()
    assert dry.run().outcome == "rolled_back"


@pytest.mark.parametrize("answer", [Answer(200, "2.2.0"), Answer(None, detail="refused"), Answer(503)])
def test_answers_that_are_not_stables_fail_the_rollback(answer):
    dry = Dry()
    dry.answer = answer
    result = dry.run()
    assert result.outcome == "rollback_failed"
    assert "answered_by_stable" in failed(result)


def test_a_router_without_an_entry_proves_nothing():
    dry = Dry()
    dry.router.entry_url = None
    assert failed(dry.run()) == {"answered_by_stable"}


def test_a_record_that_refuses_does_not_stop_the_rollback():
    class Refusing(MemoryJournal):
        def record(self, kind, detail):
            raise RegistryError("the disk is full")

    dry = Dry()
    dry.journal = Refusing()
    assert dry.run().outcome == "rolled_back_degraded"
    assert dry.router.read(SERVICE).weight == 0


def test_the_next_fence_is_higher():
    assert next_fence(None) == 1
    assert next_fence(Dry().router.read(SERVICE)) == 6


class TestThroughEnvoy:
    @pytest.fixture
    def world(self, router, pair, fences):
        stable, bad = pair
        fence = next(fences)
        state = RouteState(
            service=SERVICE,
            stable=stable.backend,
            candidate=bad.backend,
            weight=50,
            rollout_id=f"rollout-{fence}",
            fence=fence,
        )
        router.confirm(router.apply(state), within=5)
        request = {
            "service": SERVICE,
            "stable": stable.backend,
            "candidate": bad.backend,
            "rollout_id": f"rollback-{fence}",
            "fence": next(fences),
            "reason": "a test",
        }
        scaler = MemoryScaler()
        scaler.up = {bad.backend.url}
        return rollback.Tools(router=router, scaler=scaler, journal=MemoryJournal(), drain_seconds=0.3), request

    def test_under_load_no_request_fails(self, world, envoy, pair):
        tools, request = world
        with Load(envoy.url) as load:
            eventually(lambda: pair[1].seen > 20)
            result = rollback.roll_back(tools, **request)
        assert (result.outcome, failed(result)) == ("rolled_back", set()), result
        assert set(load.statuses) == {200}
        assert result.seconds < 5

    def test_answers_without_a_version_are_told_by_the_counters(self, world, pair):
        tools, request = world
        pair[0].named = False
        result = rollback.roll_back(tools, **request)
        assert (result.outcome, failed(result)) == ("rolled_back", set()), result

    def test_a_request_that_hangs_is_told(self, world, envoy, pair):
        tools, request = world
        pair[1].held = threading.Event()
        threads = [threading.Thread(target=probe, args=(envoy.url,), kwargs={"timeout": 10}) for _ in range(8)]
        for thread in threads:
            thread.start()
        eventually(lambda: tools.router.activity(SERVICE, pair[1].backend).active > 0)
        result = rollback.roll_back(tools, **request)
        pair[1].held.set()
        for thread in threads:
            thread.join(10)
        assert (result.outcome, failed(result)) == ("rolled_back_degraded", {"candidate_idle"})

    def test_a_dead_stable_fails_the_proof(self, world):
        tools, request = world
        request["stable"] = Backend("2.0.9", f"http://127.0.0.1:{free_port()}")
        result = rollback.roll_back(tools, **request)
        assert result.outcome == "rollback_failed"
        assert {"answered_by_stable", "stable_healthy"} <= failed(result)

    def test_an_unreachable_envoy_is_told(self, world, envoy):
        tools, request = world
        lost = EnvoyRouter(directory=envoy.directory / "none", admin_url="http://127.0.0.1:9", entry_url=envoy.url)
        result = rollback.roll_back(replace(tools, router=lost, confirm_seconds=0.3), **request)
        assert result.outcome == "rollback_failed"
        assert tools.scaler.stopped == []
