"""One look at the traffic of a service: from records and counters alone."""

from __future__ import annotations

import pytest

from olorin_pipelines.delivery.metrics.memory import MemoryMetrics
from olorin_pipelines.delivery.pace import shaped
from olorin_pipelines.pipeline.live import Watch
from olorin_pipelines.pipeline.record import decision_record

NAME = "investigations"
OLD, NEW = "http://127.0.0.1:9", "http://127.0.0.1:19"


@pytest.fixture
def place(workplace):
    place = workplace(OLD, extra="    rollout: {router: envoy, min_requests: 20}\n")
    place.registry.found_serving(NAME, version="2.0.0", url=OLD)
    return place


@pytest.fixture
def metrics():
    return MemoryMetrics()


@pytest.fixture
def rolling(place):
    row, _ = place.registry.announce(NAME, environment="canary", version="2.1.0", url=NEW)
    place.registry.decide(row.id, verdict="accepted", decided_by="", because="all gates passed")
    lease = place.registry.take_lease(
        NAME, holder="run@here", kind="rollout", deployment_id=row.id, seconds=60, work={}
    )
    place.registry.open_rollout(row.id, fence=lease.fence, deadline=lease.deadline)
    return row


def record(place, row, kind, **detail):
    place.registry.record(kind, service=NAME, deployment_id=row.id, detail=detail)


def step(place, row, weight):
    record(place, row, "step_intent", weight=weight)
    record(place, row, "apply_evidence", weights={"2.0.0": 100 - weight, "2.1.0": weight}, seconds=0.01)


def test_a_service_without_a_deployment(place, metrics):
    found = Watch(place, NAME, metrics=metrics).look()
    assert (found.production, found.version, found.state, found.weights) == ("2.0.0", "", "idle", ())


def test_a_step_shows_weight_measurements_and_limits(place, rolling, metrics):
    step(place, rolling, 10)
    metrics.add(NAME, "2.0.0", requests=0)
    metrics.add(NAME, "2.1.0", requests=0)
    watch = Watch(place, NAME, metrics=metrics)
    watch.look()
    metrics.add(NAME, "2.0.0", requests=90)
    metrics.add(NAME, "2.1.0", requests=10, errors=5)
    found = watch.look()
    assert (found.state, found.weight, found.mover) == ("baking", 10, "run@here")
    measured = {each.name: each for each in found.measured}
    assert (measured["requests"].candidate, measured["requests"].stable) == (10, 90)
    assert (measured["error_rate"].candidate, measured["error_rate"].limit) == (0.5, 0.02)
    assert measured["error_rate"].over
    assert not measured["p95_ms"].over
    assert "50.00%" in found.because


def test_a_new_step_counts_anew(place, rolling, metrics):
    step(place, rolling, 10)
    metrics.add(NAME, "2.1.0", requests=5)
    watch = Watch(place, NAME, metrics=metrics)
    watch.look()
    metrics.add(NAME, "2.1.0", requests=5, errors=5)
    step(place, rolling, 25)
    watch.look()
    metrics.add(NAME, "2.1.0", requests=7)
    measured = {each.name: each.candidate for each in watch.look().measured}
    assert (measured["requests"], measured["error_rate"]) == (7, 0)


def test_lost_metrics_are_said_and_are_no_number(place, rolling, metrics):
    step(place, rolling, 10)
    metrics.unreachable = True
    found = Watch(place, NAME, metrics=metrics).look()
    assert "unreachable" in found.trouble
    assert found.measured == ()


def test_a_rollback_shows_its_stages_and_the_weight_ends_at_zero(place, rolling, metrics):
    step(place, rolling, 10)
    step(place, rolling, 25)
    record(place, rolling, "rollback_precheck_intent")
    record(place, rolling, "rollback_precheck_evidence", seconds=0.01, note={"stable_healthy": True})
    record(place, rolling, "rollback_confirm_intent")
    record(place, rolling, "rollback_confirm_evidence", seconds=0.02, note={"shown": None})
    record(place, rolling, "rollback_drain_intent")
    found = Watch(place, NAME, metrics=metrics).look()
    assert [(stage.name, stage.seconds) for stage in found.rollback] == [
        ("precheck", 0.01),
        ("confirm", 0.02),
        ("drain", None),
    ]
    assert [weight for _, weight in found.weights] == [0, 10, 25, 0]


def test_a_confirmation_that_failed_leaves_the_weight(place, rolling, metrics):
    step(place, rolling, 25)
    record(place, rolling, "rollback_confirm_evidence", seconds=9.0, note={"error": "RouterUnreachable: down"})
    found = Watch(place, NAME, metrics=metrics).look()
    assert found.weight == 25
    assert found.rollback[0].note == "RouterUnreachable: down"


def test_nothing_but_time_is_no_change(place, rolling, metrics):
    step(place, rolling, 10)
    metrics.add(NAME, "2.1.0", requests=0)
    times = iter(range(1_000_000, 1_000_100))
    watch = Watch(place, NAME, metrics=metrics, now=lambda: float(next(times)))
    place.registry.end(rolling.id, "rolled_back")
    first = watch.look()
    assert watch.look().same_as(first)
    place.registry.found_serving(NAME, version="3", url=OLD, replace=True)
    assert not watch.look().same_as(first)


def test_a_verdict_is_the_decision_until_traffic_moves(place, metrics):
    row, _ = place.registry.announce(NAME, environment="canary", version="2.1.0", url=NEW)
    assert Watch(place, NAME, metrics=metrics).look().state == "captured"
    place.registry.decide(row.id, verdict="rejected", decided_by="schema_diff", because="1 breaking change")
    found = Watch(place, NAME, metrics=metrics).look()
    assert (found.state, found.decision, found.because) == ("rejected", "rejected", "1 breaking change")


@pytest.mark.parametrize("change", ["none", "additive", "breaking"])
def test_the_plan_in_force_is_shown_not_the_configured_one(place, rolling, metrics, change):
    shape = shaped(place.config.service(NAME).rollout, change)
    record(place, rolling, "rollout_shaped", **shape.to_dict())
    step(place, rolling, 10)
    metrics.add(NAME, "2.1.0", requests=0)
    found = Watch(place, NAME, metrics=metrics).look()
    assert (found.pace, found.steps, found.step_seconds) == (shape.pace, shape.steps, shape.step_seconds)


STATES_OF = {
    "captured": [],
    "gated": ["verdict"],
    "opened": ["verdict", "rollout_opened"],
    "shifting": ["verdict", "rollout_opened", "step_intent"],
    "baking": ["verdict", "rollout_opened", "step_intent", "apply_evidence"],
    "precheck": ["verdict", "rollout_opened", "rollback_precheck_intent"],
}
DETAIL = {
    "verdict": {"verdict": "accepted"},
    "step_intent": {"weight": 10},
    "apply_evidence": {"weights": {"2.1.0": 10}},
}


@pytest.mark.parametrize("state", STATES_OF)
def test_the_state_is_that_of_the_table(place, metrics, state):
    row, _ = place.registry.announce(NAME, environment="canary", version="2.1.0", url=NEW)
    for kind in STATES_OF[state]:
        record(place, row, kind, **DETAIL.get(kind, {}))
    assert Watch(place, NAME, metrics=metrics).look().state == state
    assert decision_record(place, row.id)["deployment"]["state"] == state
