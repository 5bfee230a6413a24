"""A rollout in memory, on a clock of its own; then one through a real Envoy."""

from __future__ import annotations

from dataclasses import replace

import pytest
from delivery_world import SERVICE, Load

from olorin_pipelines.delivery.decide import Limits
from olorin_pipelines.delivery.journal import MemoryJournal
from olorin_pipelines.delivery.metrics.envoy import EnvoyMetrics
from olorin_pipelines.delivery.metrics.memory import MemoryMetrics
from olorin_pipelines.delivery.model import Backend, Command, RouteState
from olorin_pipelines.delivery.plan import plan
from olorin_pipelines.delivery.rollout import run_rollout
from olorin_pipelines.delivery.routers.memory import MemoryRouter
from olorin_pipelines.delivery.routers.none import NoRouter
from olorin_pipelines.errors import RegistryError, RouterUnreachable, StaleFence

STABLE, CANDIDATE = Backend("2.1.0", "http://127.0.0.1:1"), Backend("2.2.0", "http://127.0.0.1:2")
STEPS = plan([10, 50, 100])


class World:
    """100 requests a second split by the weight; `each` is called every second with the time that has passed."""

    def __init__(self, each=lambda world, second: None) -> None:
        self.now = 1000.0
        self.router, self.journal = MemoryRouter(), MemoryJournal()
        self.metrics = MemoryMetrics(monotonic=lambda: self.now)
        self.errors, self.milliseconds, self.rate = 0.0, 5.0, 100
        self.stable_errors = 0.0
        self.each = each

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.each(self, self.now - 1000)
        route = self.router.routes.get(SERVICE)
        weight = route.weight if route else 0
        for version, share, errors, ms in (
            ("2.1.0", 100 - weight, self.stable_errors, 5.0),
            ("2.2.0", weight, self.errors, self.milliseconds),
        ):
            requests = round(self.rate * seconds * share / 100)
            self.metrics.add(SERVICE, version, requests=requests, errors=round(requests * errors), milliseconds=ms)

    def run(self, router=None, **options):
        return run_rollout(
            CANDIDATE,
            service=SERVICE,
            stable=STABLE,
            router=router or self.router,
            metrics=self.metrics,
            plan=options.pop("plan", STEPS),
            limits=options.pop("limits", Limits()),
            journal=options.pop("journal", self.journal),
            fence=5,
            rollout_id="r1",
            monotonic=lambda: self.now,
            wait=self.wait,
            **options,
        )


def test_a_good_version_is_promoted_step_by_step():
    world = World()
    result = world.run()
    assert (result.outcome, [step.weight for step in result.steps]) == ("promoted", [10, 50, 100])
    assert {step.outcome for step in result.steps} == {"pass"}
    assert result.steps[0].requests == pytest.approx(200, abs=10)
    assert result.steps[0].error_rate == 0.0
    assert [state.weight for state in world.router.applied] == [10, 50, 100]
    assert world.router.read(SERVICE).fence == 5
    assert result.seconds == pytest.approx(60, abs=5)


def test_intent_is_recorded_before_acting_and_evidence_after():
    world = World()
    world.run()
    assert world.journal.kinds[:4] == ["step_intent", "apply_intent", "apply_evidence", "step_ended"]
    assert world.journal.kinds[-1] == "rollout_ended"
    assert world.journal.records[2][1]["weights"] == {"2.1.0": 90, "2.2.0": 10}


def test_errors_abort_early_and_leave_the_route_to_the_rollback():
    world = World()
    world.errors = 1.0
    result = world.run()
    assert (result.outcome, result.steps[-1].outcome) == ("aborted", "fail")
    assert result.seconds < 5
    assert world.router.read(SERVICE).weight == 10


def test_errors_at_the_last_step_are_compared_with_stable_before():
    def late(world, second):
        route = world.router.routes.get(SERVICE)
        world.errors = 0.5 if route and route.weight == 100 else 0.0

    result = World(late).run()
    assert (result.outcome, result.steps[-1].weight) == ("aborted", 100)


def test_slowness_at_the_last_step_is_compared_with_stable_before():
    def late(world, second):
        route = world.router.routes.get(SERVICE)
        world.milliseconds = 80.0 if route and route.weight == 100 else 5.0

    result = World(late).run()
    assert (result.outcome, result.steps[-1].outcome) == ("aborted", "fail")
    assert "p95" in result.reason


def test_a_shared_outage_holds_and_goes_on_when_it_ends():
    def outage(world, second):
        world.errors = world.stable_errors = 0.3 if second < 5 else 0.0

    world = World(outage)
    result = world.run(limits=Limits(step_deadline_seconds=1000, error_rate=0.05))
    assert result.outcome == "promoted"


def test_a_version_that_fails_in_turns_is_aborted():
    def flaps(world, second):
        world.errors = 0.6 if int(second) % 4 == 0 else 0.0

    result = World(flaps).run()
    assert (result.outcome, result.steps[-1].outcome, result.steps[-1].weight) == ("aborted", "fail", 10)


def test_a_write_whose_answer_was_lost_is_done_again_and_changes_nothing():
    world = World()
    apply = world.router.apply

    def ambiguous(desired, **options):
        receipt = apply(desired, **options)
        if len(world.router.applied) == 1:
            raise RouterUnreachable("timed out")
        return receipt

    world.router.apply = ambiguous
    assert world.run().outcome == "promoted"
    assert [state.weight for state in world.router.applied] == [10, 10, 50, 100]


def test_a_lost_record_takes_the_traffic_off():
    """Nobody may be able to roll back when the registry is gone."""
    world = World()
    refused = RegistryError("the server is gone")

    def lost(world, second):
        def refuse(kind, detail):
            raise refused

        if second > 25:
            world.journal.record = refuse

    world.each = lost
    result = world.run()
    assert result.outcome == "aborted"
    assert "the server is gone; the weight was put to 0" in result.reason
    assert world.router.read(SERVICE).weights == {"2.1.0": 100, "2.2.0": 0}


@pytest.mark.parametrize("where", ["wait", "record"])
def test_one_that_was_taken_over_stops_at_once(where):
    world = World()
    world.router.routes[SERVICE] = RouteState(service=SERVICE, stable=STABLE, rollout_id="begin", fence=1)

    def taken(world, second):
        def refuse(kind, detail):
            raise StaleFence("moved by guard")

        if second > 25 and where == "wait":
            raise StaleFence("moved by guard")
        if second > 25:
            world.journal.record = refuse

    world.each = taken
    result = world.run()
    assert (result.outcome, "moved by guard" in result.reason) == ("overtaken", True)
    assert [state.weight for state in world.router.applied][-1] == 50


def test_who_meddles_with_the_route_does_not_hide_a_breach():
    def meddles(world, second):
        world.errors = 0.5
        route = world.router.routes.get(SERVICE)
        if route:
            world.router.routes[SERVICE] = replace(route, rollout_id="r1", weight=11)

    result = World(meddles).run()
    assert (result.outcome, result.steps[-1].outcome) == ("aborted", "fail")
    assert result.seconds < 10


def test_no_traffic_holds_until_the_deadline_then_aborts():
    world = World()
    world.rate = 0
    result = world.run()
    assert (result.outcome, result.steps[-1].outcome) == ("aborted", "no_data")
    assert result.seconds == pytest.approx(60, abs=2)


def test_lost_metrics_hold_until_the_deadline_then_abort():
    world = World()
    world.metrics.unreachable = True
    result = world.run()
    assert (result.outcome, result.steps[-1].outcome) == ("aborted", "error")
    assert "MetricsUnreachable" in result.reason
    assert result.seconds == pytest.approx(60, abs=2)


def test_metrics_that_come_back_in_time_do_no_harm():
    def gap(world, second):
        world.metrics.unreachable = 3 < second < 15

    assert World(gap).run().outcome == "promoted"


def test_counters_that_begin_again_are_a_new_start():
    def restart(world, second):
        if second == 10:
            world.metrics.restart()

    result = World(restart).run()
    assert result.outcome == "promoted"
    assert result.steps[0].requests < 150


@pytest.mark.parametrize("fault", ["unreachable", "refuses"])
def test_a_router_that_does_not_move_aborts_at_the_deadline(fault):
    world = World()
    setattr(world.router, fault, "no" if fault == "refuses" else True)
    result = world.run()
    assert (result.outcome, result.steps[-1].outcome) == ("aborted", "error")
    assert result.steps[-1].confirmed_seconds is None


def test_a_router_that_comes_back_is_used():
    def gap(world, second):
        world.router.unreachable = second < 10

    world = World(gap)
    world.router.unreachable = True
    assert world.run().outcome == "promoted"


def test_a_newer_writer_pauses_us():
    def take_over(world, second):
        if second == 30:
            world.router.routes[SERVICE] = replace(world.router.routes[SERVICE], fence=9, weight=0, rollout_id="back")

    world = World(take_over)
    result = world.run()
    assert result.outcome == "overtaken"
    assert world.router.read(SERVICE).rollout_id == "back"


def test_a_newer_writer_before_us_pauses_us():
    world = World()
    World.run(world)
    world.router.routes[SERVICE] = replace(world.router.routes[SERVICE], fence=9)
    assert world.run().outcome == "overtaken"


def asked(verb, at=7):
    """A world in which something is asked for after `at` seconds."""

    def ask(world, second):
        if second >= at:
            world.journal.command = Command(verb, "a person", "the reason")

    return World(ask)


@pytest.mark.parametrize(("verb", "outcome"), [("abort", "aborted"), ("supersede", "superseded"), ("pause", "paused")])
def test_what_is_asked_is_heard_at_the_next_poll_and_the_weight_stays(verb, outcome):
    world = asked(verb)
    result = world.run()
    assert (result.outcome, result.steps[-1].outcome) == (outcome, "not_run")
    assert "asked for by a person: the reason" in result.reason
    assert result.seconds <= 8
    assert world.router.read(SERVICE).weight == 10


def test_a_promotion_that_is_asked_for_skips_what_is_left_and_is_confirmed():
    world = asked("promote")
    result = world.run()
    assert (result.outcome, [step.weight for step in result.steps]) == ("promoted", [10, 100])
    assert {step.outcome for step in result.steps} == {"not_run"}
    assert "promote was asked for by a person: the reason" in result.reason
    assert world.router.read(SERVICE).weight == 100
    assert result.seconds <= 8


def test_a_promotion_that_is_asked_for_before_the_first_step_needs_no_approval():
    world = asked("promote", at=0)
    world.journal.command = Command("promote", "a person", "now")
    assert world.run(plan=plan([10, 100], approve_before=[10])).outcome == "promoted"
    assert [state.weight for state in world.router.applied] == [100]


def test_a_step_that_needs_an_approval_is_not_begun():
    world = World()
    result = world.run(plan=plan([10, 50, 100], approve_before=[50]))
    assert (result.outcome, result.waits_for, world.router.read(SERVICE).weight) == ("paused", 50, 10)
    assert [step.outcome for step in result.steps] == ["pass"]
    result = world.run(plan=plan([10, 50, 100], shown_weight=50, approve_before=[50], approved=50))
    assert (result.outcome, [step.weight for step in result.steps]) == ("promoted", [50, 100])


def test_no_weight_is_raised_while_there_is_no_way_back():
    world = World()
    result = world.run(unfit=lambda: "stable is down" if world.router.applied else "")
    assert (result.outcome, world.router.read(SERVICE).weight) == ("held_unsafe", 10)
    assert "stable is down" in result.reason
    assert world.run(unfit=lambda: "stable is down" if world.now % 7 < 3 else "").outcome == "promoted"


def test_without_a_record_nothing_is_done():
    class Refusing(MemoryJournal):
        def record(self, kind, detail):
            raise RegistryError("the disk is full")

    world = World()
    result = world.run(journal=Refusing())
    assert result.outcome == "aborted"
    assert "disk is full" in result.reason
    assert world.router.applied == []


def test_a_service_without_a_router_is_told():
    result = World().run(router=NoRouter())
    assert result.outcome == "aborted"
    assert "no traffic router" in result.reason


FAST = Limits(step_seconds=1.0, step_deadline_seconds=20.0, min_requests=15)


def real(router, envoy, pair, fence, limits=FAST):
    stable, candidate = pair
    return run_rollout(
        candidate.backend,
        service=SERVICE,
        stable=stable.backend,
        router=router,
        metrics=EnvoyMetrics(admin_url=envoy.admin_url),
        plan=plan([20, 100]),
        limits=limits,
        journal=MemoryJournal(),
        fence=fence,
        rollout_id=f"real-{fence}",
        poll_seconds=0.2,
    )


class TestThroughEnvoy:
    def test_a_good_version_is_promoted_without_a_failed_request(self, router, envoy, pair, fences):
        base = RouteState(service=SERVICE, stable=pair[0].backend, rollout_id="base", fence=next(fences))
        router.confirm(router.apply(base), within=5)
        with Load(envoy.url) as load:
            result = real(router, envoy, pair, next(fences))
        assert result.outcome == "promoted", result.reason
        assert all(step.confirmed_seconds < 5 for step in result.steps)
        assert set(load.statuses) == {200}
        assert router.read(SERVICE).weight == 100

    def test_a_failing_version_is_aborted(self, router, envoy, pair, fences):
        pair[1].status = 500
        with Load(envoy.url):
            result = real(router, envoy, pair, next(fences))
        assert (result.outcome, result.steps[-1].outcome) == ("aborted", "fail")
        assert "error rate" in result.reason

    def test_a_slow_version_is_aborted(self, router, envoy, pair, fences):
        pair[1].delay = 0.15
        with Load(envoy.url, threads=8):
            result = real(router, envoy, pair, next(fences), FAST)
        assert (result.outcome, result.steps[-1].outcome) == ("aborted", "fail"), result.reason
        assert "p95" in result.reason

    def test_a_killed_version_is_aborted(self, router, envoy, pair, fences):
        pair[1].close()
        with Load(envoy.url):
            result = real(router, envoy, pair, next(fences))
        assert (result.outcome, result.steps[-1].outcome) == ("aborted", "fail")

    def test_no_traffic_aborts_at_the_deadline(self, router, envoy, pair, fences):
        result = real(router, envoy, pair, next(fences), replace(FAST, step_deadline_seconds=1.0))
        assert (result.outcome, result.steps[-1].outcome) == ("aborted", "no_data")
