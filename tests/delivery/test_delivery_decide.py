"""May the candidate get more traffic? Decisions, on numbers alone."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from olorin_pipelines.config.model import RolloutPolicy
from olorin_pipelines.delivery.comparison import wilson
from olorin_pipelines.delivery.decide import Act, Limits, decide
from olorin_pipelines.delivery.model import Reading
from olorin_pipelines.delivery.plan import Step, plan
from olorin_pipelines.errors import UsageError
from olorin_pipelines.gate import Outcome

LIMITS = Limits()
SLOW = frozenset({""})
seen_slow = st.sampled_from([frozenset(), SLOW])


def reading(requests=1000, errors=0, p95=10.0, mean=5.0):
    return Reading(requests=requests, errors=errors, p95_ms=p95, mean_ms=mean, seconds=10.0)


readings = st.builds(
    lambda requests, share, p95, mean: reading(requests, round(requests * share), p95, mean),
    st.integers(0, 5000),
    st.floats(0, 1),
    st.none() | st.floats(0, 10_000),
    st.none() | st.floats(0, 10_000),
)
times = st.floats(0, 200)


@pytest.mark.parametrize(
    ("candidate", "stable", "elapsed", "act", "outcome"),
    [
        (reading(), reading(), 20, Act.ADVANCE, Outcome.PASS),
        (reading(), reading(), 19, Act.HOLD, Outcome.NO_DATA),
        (reading(40), reading(), 25, Act.HOLD, Outcome.NO_DATA),
        (reading(40), reading(), 60, Act.ROLL_BACK, Outcome.NO_DATA),
        (None, reading(), 5, Act.HOLD, Outcome.NO_DATA),
        (None, None, 60, Act.ROLL_BACK, Outcome.NO_DATA),
        (reading(0, 0, None, None), reading(), 59, Act.HOLD, Outcome.NO_DATA),
        (reading(3, 3), reading(), 0.5, Act.ROLL_BACK, Outcome.FAIL),
        (reading(2, 2), reading(), 0.5, Act.HOLD, Outcome.NO_DATA),
        (reading(1000, 25), reading(), 5, Act.HOLD, Outcome.NO_DATA),
        (reading(1000, 25), reading(), 20, Act.HOLD, Outcome.NO_DATA),
        (reading(1000, 25), reading(), 60, Act.ROLL_BACK, Outcome.FAIL),
        (reading(3000, 150), reading(), 20, Act.ROLL_BACK, Outcome.FAIL),
        (reading(1000, 20), reading(), 20, Act.ADVANCE, Outcome.PASS),
        (reading(1000, 60), reading(), 1, Act.ROLL_BACK, Outcome.FAIL),
        (reading(1000, 300), reading(1000, 310), 20, Act.HOLD, Outcome.NO_DATA),
        (reading(1000, 300), reading(1000, 310), 60, Act.ROLL_BACK, Outcome.NO_DATA),
        (reading(1000, 1000), reading(1000, 25), 20, Act.ROLL_BACK, Outcome.FAIL),
        (reading(), None, 20, Act.ADVANCE, Outcome.PASS),
    ],
)
def test_the_decision(candidate, stable, elapsed, act, outcome):
    decision = decide(candidate, stable, LIMITS, elapsed=elapsed)
    assert (decision.act, decision.outcome) == (act, outcome), decision.reason


def decided(candidate, stable=None, *, elapsed=20.0, **options):
    decision = decide(candidate, stable or reading(), LIMITS, elapsed=elapsed, **options)
    return decision.act, decision.outcome


FEW = [
    # requests, errors, at the end of the step's time, act
    (0, 0, Act.HOLD),
    (1, 0, Act.HOLD),
    (1, 1, Act.HOLD),
    (2, 2, Act.HOLD),
    (3, 3, Act.ROLL_BACK),
    (20, 0, Act.HOLD),
    (20, 1, Act.HOLD),
    (20, 3, Act.HOLD),
    (20, 10, Act.ROLL_BACK),
    (50, 0, Act.ADVANCE),
    (50, 1, Act.ADVANCE),
    (50, 2, Act.HOLD),
    (50, 10, Act.ROLL_BACK),
]


@pytest.mark.parametrize(("requests", "errors", "act"), FEW)
def test_few_requests(requests, errors, act):
    assert decided(reading(requests, errors))[0] is act


@pytest.mark.parametrize(
    ("candidate", "stable", "act"),
    [
        (reading(errors=0), reading(errors=0), Act.ADVANCE),
        (reading(errors=20), reading(errors=0), Act.ADVANCE),
        (reading(errors=60), reading(errors=0), Act.ROLL_BACK),
        (reading(errors=0), reading(errors=300), Act.ADVANCE),
        (reading(p95=90, mean=40), reading(p95=0.0, mean=0.0), Act.ROLL_BACK),
        (reading(p95=20, mean=20), reading(p95=0.0, mean=0.0), Act.ADVANCE),
        (reading(p95=0.0, mean=0.0), reading(p95=90, mean=40), Act.ADVANCE),
    ],
)
def test_a_baseline_of_zero_on_either_side(candidate, stable, act):
    assert decided(candidate, stable, slow=SLOW)[0] is act


@pytest.mark.parametrize(("times", "act"), [(1.9, Act.ADVANCE), (2.0, Act.ADVANCE), (2.1, Act.ROLL_BACK)])
@pytest.mark.parametrize(("p95", "mean"), [(100.0, 40.0), (30.0, 12.0)])
def test_latency_at_the_edge(times, act, p95, mean):
    assert decided(reading(p95=p95 * times, mean=mean * times), reading(p95=p95, mean=mean), slow=SLOW)[0] is act


@pytest.mark.parametrize("errors", [100, 300, 1000])
def test_an_outage_that_stable_shares_holds_and_blames_nobody(errors):
    shared = reading(errors=min(1000, errors + 10))
    assert decided(reading(errors=errors), shared) == (Act.HOLD, Outcome.NO_DATA)
    assert decided(reading(errors=errors), shared, elapsed=60) == (Act.ROLL_BACK, Outcome.NO_DATA)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["p95_ms", "mean_ms", "seconds"])
@pytest.mark.parametrize("which", ["candidate", "stable"])
def test_what_is_not_a_number_is_an_error_and_never_a_pass(which, name, value):
    broken = replace(reading(), **{name: value})
    pair = (broken, reading()) if which == "candidate" else (reading(), broken)
    assert decided(*pair) == (Act.HOLD, Outcome.ERROR)
    assert decided(*pair, elapsed=60) == (Act.ROLL_BACK, Outcome.ERROR)


def test_counters_that_stand_still_are_no_data():
    assert decided(reading(), idle=9.9) == (Act.ADVANCE, Outcome.PASS)
    assert decided(reading(), idle=10.0) == (Act.HOLD, Outcome.NO_DATA)
    assert decided(reading(), idle=60.0, elapsed=60) == (Act.ROLL_BACK, Outcome.NO_DATA)
    assert decided(reading(3000, 300), idle=60.0)[0] is Act.ROLL_BACK


@pytest.mark.parametrize("per_second", [1, 3, 10, 30])
@pytest.mark.parametrize(
    ("rate", "at_most", "at_least"), [(0.005, 0.01, 0.0), (0.01, 0.01, 0.0), (0.02, 0.02, 0.0), (0.5, 1.0, 1.0)]
)
def test_looking_often_does_not_abort_a_good_version(per_second, rate, at_most, at_least):
    """Every second a look, 60 of them, many steps: how many end early?"""
    chance, steps, aborted = random.Random(7), 300, 0  # noqa: S311 - a simulation
    limits = Limits(step_seconds=60.0)
    for _ in range(steps):
        requests = errors = 0
        for second in range(1, 60):
            requests += per_second
            errors += sum(chance.random() < rate for _ in range(per_second))
            if decide(reading(requests, errors), None, limits, elapsed=float(second)).act is Act.ROLL_BACK:
                aborted += 1
                break
    assert at_least <= aborted / steps <= at_most


def test_slowness_must_be_seen_twice():
    slow = reading(p95=90, mean=40)
    first = decide(slow, reading(), LIMITS, elapsed=20)
    assert (first.act, first.slow) == (Act.HOLD, SLOW)
    assert decide(slow, reading(), LIMITS, elapsed=21, slow=first.slow).act is Act.ROLL_BACK
    assert decide(reading(), reading(), LIMITS, elapsed=21, slow=first.slow).act is Act.ADVANCE


@pytest.mark.parametrize(
    "candidate",
    [reading(p95=90, mean=9), reading(p95=19, mean=40), reading(p95=24, mean=15), reading(p95=None, mean=None)],
    ids=["only p95", "only the mean", "below the floor", "not measured"],
)
def test_slowness_needs_p95_and_mean_and_the_floor(candidate):
    assert decide(candidate, reading(), LIMITS, elapsed=20, slow=SLOW).act is Act.ADVANCE


def test_a_missing_comparison_is_said():
    assert "latency not compared" in decide(reading(), None, LIMITS, elapsed=20).reason


def test_trouble_is_an_error_that_holds_and_then_aborts():
    held = decide(None, None, LIMITS, elapsed=59, trouble="MetricsUnreachable: refused")
    assert (held.act, held.outcome) == (Act.HOLD, Outcome.ERROR)
    ended = decide(None, None, LIMITS, elapsed=60, trouble="MetricsUnreachable: refused")
    assert (ended.act, ended.outcome) == (Act.ROLL_BACK, Outcome.ERROR)
    assert "for 60 s" in ended.reason


@given(readings, st.none() | readings, times, seen_slow, st.integers(0, 5000))
def test_more_errors_never_make_it_milder(candidate, stable, elapsed, slow, more):
    worse = replace(candidate, errors=min(candidate.requests, candidate.errors + more))
    before = decide(candidate, stable, LIMITS, elapsed=elapsed, slow=slow)
    after = decide(worse, stable, LIMITS, elapsed=elapsed, slow=slow)
    # Slowness alone rolls back as well, and a shared outage holds: only ADVANCE is ruled out then.
    if before.act is Act.ROLL_BACK:
        assert after.act is not Act.ADVANCE
    assert not (before.act is Act.HOLD and after.act is Act.ADVANCE)


@given(readings, readings, times, st.floats(1, 100))
def test_more_latency_never_turns_back_into_an_advance(candidate, stable, elapsed, factor):
    if candidate.p95_ms is None or candidate.mean_ms is None:
        return
    slower = replace(candidate, p95_ms=candidate.p95_ms * factor, mean_ms=candidate.mean_ms * factor)
    before = decide(candidate, stable, LIMITS, elapsed=elapsed, slow=SLOW)
    assert decide(slower, stable, LIMITS, elapsed=elapsed, slow=SLOW).act >= before.act


@given(st.none() | readings, st.none() | readings, st.floats(60, 1e6), seen_slow)
def test_nothing_is_held_past_the_deadline(candidate, stable, elapsed, slow):
    assert decide(candidate, stable, LIMITS, elapsed=elapsed, slow=slow).act is not Act.HOLD


@given(readings, st.none() | readings, times, seen_slow)
def test_an_advance_has_its_requests_its_time_and_its_rate(candidate, stable, elapsed, slow):
    decision = decide(candidate, stable, LIMITS, elapsed=elapsed, slow=slow)
    if decision.act is Act.ADVANCE:
        assert elapsed >= LIMITS.step_seconds
        assert candidate.requests >= LIMITS.min_requests
        assert candidate.errors / candidate.requests <= LIMITS.error_rate
    assert decision.reason


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_wilson_holds_the_rate(requests, errors):
    errors = min(errors, requests)
    low, high = wilson(errors, requests)
    assert 0 <= low <= high <= 1
    if requests:
        assert low - 1e-9 <= errors / requests <= high + 1e-9


def test_wilson_of_a_known_case():
    low, high = wilson(5, 100)
    assert low == pytest.approx(0.0215, abs=1e-4)
    assert high == pytest.approx(0.1118, abs=1e-4)


def test_limits_come_from_the_configuration():
    assert Limits.of_policy(RolloutPolicy()) == LIMITS


def test_plan_rises_to_the_end():
    assert plan([10, 50, 100]) == (Step(1, 10, False), Step(2, 50, False), Step(3, 100, True))


def test_plan_is_taken_up_where_the_route_stands():
    assert [step.weight for step in plan([10, 25, 50, 100], shown_weight=25)] == [25, 50, 100]
    assert [step.weight for step in plan([10, 100], shown_weight=100)] == [100]


@pytest.mark.parametrize("weights", [[], [10], [50, 10, 100], [0, 100], [10, 10, 100], [10, 110]])
def test_plan_refuses_other_weights(weights):
    with pytest.raises(UsageError):
        plan(weights)
