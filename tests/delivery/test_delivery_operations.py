"""Which operation is a request's, and does one that breaks hide in the whole?"""

from __future__ import annotations

import http.client
import random
import re
from dataclasses import replace

import pytest
from delivery_world import SERVICE, eventually
from hypothesis import given
from hypothesis import strategies as st

from olorin_pipelines.delivery.by_operation import judge, rows
from olorin_pipelines.delivery.decide import Act, Limits, decide
from olorin_pipelines.delivery.envoy.tally import failed
from olorin_pipelines.delivery.metrics.envoy import EnvoyMetrics
from olorin_pipelines.delivery.model import Counters, Reading, RouteState
from olorin_pipelines.delivery.operations import OTHER, Operation, watched
from olorin_pipelines.delivery.readings import difference
from olorin_pipelines.delivery.routers.envoy import EnvoyRouter
from olorin_pipelines.gate import Outcome

LIMITS = Limits()
LIST, ONE, MINE = (Operation("GET", path) for path in ("/items", "/items/{id}", "/items/mine"))


def reading(requests=1000, errors=0, p95=10.0, mean=5.0, **operations):
    return Reading(requests=requests, errors=errors, p95_ms=p95, mean_ms=mean, seconds=10.0, operations=operations)


@pytest.mark.parametrize(
    ("path", "request_path", "theirs"),
    [
        ("/items/{id}", "/items/7", True),
        ("/items/{id}", "/items/7/tail", False),
        ("/items/{id}", "/items/", False),
        ("/items/{id}.json", "/items/7.json", True),
        ("/items/{id}.json", "/items/7xjson", False),
        ("/a+b/{x}/(c)", "/a+b/1/(c)", True),
        ("/{a}/{b}", "/1/2", True),
        ("/items/", "/items", False),
    ],
)
def test_a_parameter_is_a_part_of_one_segment(path, request_path, theirs):
    assert bool(re.fullmatch(Operation("GET", path).pattern, request_path)) is theirs


def test_the_concrete_goes_before_the_templated_and_their_number_is_bounded():
    assert watched([ONE, MINE, LIST], most=9) == (LIST, MINE, ONE)
    assert watched([ONE, MINE, LIST], most=1) == (ONE,)
    assert watched([ONE, Operation("GET", "/items/{other}")], most=9) == (ONE,), "the same requests, told once"
    assert watched([Operation("GET", "/" + "x" * 201)], most=9) == ()


def test_a_name_is_fit_for_a_label():
    assert Operation("GET", '/a "b"/ü').name == "GET /a%20%22b%22/%c3%bc"


@pytest.mark.parametrize(
    ("status", "flags", "said"),
    [
        ("200", "-", False),
        ("404", "-", False),
        ("500", "-", True),
        ("503", "UF", True),
        ("200", "UC", True),
        ("0", "DC", None),
        ("0", "UC,DC", True),
    ],
)
def test_what_a_failure_is(status, flags, said):
    assert failed(status, flags) is said


class TestOneThatBreaks:
    """The whole has 0.5 % errors, all of them on one small operation."""

    broken = reading(1000, 5, small=reading(5, 5), large=reading(995, 0))
    stable = reading(9000, 0, small=reading(45, 0), large=reading(8955, 0))

    def test_is_found_and_named(self):
        decision = decide(self.broken, self.stable, LIMITS, elapsed=5)
        assert (decision.act, decision.outcome) == (Act.ROLL_BACK, Outcome.FAIL)
        assert decision.reason == "small: error rate 100.00% over 5 requests, limit 2.00%"

    def test_is_not_blamed_on_the_candidate_when_it_breaks_on_stable_too(self):
        stable = replace(self.stable, operations={"small": reading(45, 45)})
        assert decide(self.broken, stable, LIMITS, elapsed=20).act is Act.ADVANCE

    def test_that_is_new_is_held_against_the_limit_alone(self):
        assert decide(self.broken, reading(), LIMITS, elapsed=5).act is Act.ROLL_BACK

    def test_one_stray_failure_is_no_verdict(self):
        assert decide(reading(small=reading(2, 2)), self.stable, LIMITS, elapsed=20).act is Act.ADVANCE

    def test_that_is_suspected_holds_the_step_and_its_deadline_decides(self):
        suspected = reading(3000, 10, small=reading(200, 10), large=reading(2800, 0))
        held = decide(suspected, self.stable, LIMITS, elapsed=20)
        assert (held.act, held.outcome) == (Act.HOLD, Outcome.NO_DATA)
        assert "small: error rate 5.00% over 200 requests" in held.reason
        assert decide(suspected, self.stable, LIMITS, elapsed=60).outcome is Outcome.FAIL

    def test_that_is_a_little_over_by_accident_holds_nothing(self):
        accident = reading(3000, 4, small=reading(100, 4), large=reading(2900, 0))
        assert decide(accident, self.stable, LIMITS, elapsed=20).act is Act.ADVANCE

    def test_is_found_though_the_whole_is_not_certain_yet(self):
        both = reading(1000, 25, small=reading(20, 20), large=reading(980, 5))
        assert decide(both, self.stable, LIMITS, elapsed=20).outcome is Outcome.FAIL


class TestOneThatIsSlow:
    candidate = reading(small=reading(60, 0, 90.0, 40.0), large=reading(940))
    stable = reading(small=reading(500, 0, 30.0, 15.0), large=reading(8500))

    def test_is_seen_twice_and_named(self):
        first = decide(self.candidate, self.stable, LIMITS, elapsed=20)
        assert (first.act, first.slow) == (Act.HOLD, frozenset({"small"}))
        second = decide(self.candidate, self.stable, LIMITS, elapsed=21, slow=first.slow)
        assert (second.act, second.outcome) == (Act.ROLL_BACK, Outcome.FAIL)
        assert second.reason.startswith("small: p95 90 ms and mean 40 ms, stable's 30 and 15 ms")

    def test_is_not_the_one_that_was_slow_before(self):
        assert decide(self.candidate, self.stable, LIMITS, elapsed=21, slow=frozenset({"large"})).act is Act.HOLD

    @pytest.mark.parametrize(
        "small",
        [
            reading(49, 0, 90.0, 40.0),
            reading(60, 0, 90.0, 20.0),
            reading(60, 0, 24.0, 23.0),
            reading(60, 0, None, None),
        ],
        ids=["too few", "only p95", "below the floor", "not measured"],
    )
    def test_needs_requests_p95_and_mean_and_the_floor(self, small):
        candidate = replace(self.candidate, operations={"small": small})
        assert decide(candidate, self.stable, LIMITS, elapsed=20, slow=frozenset({"small"})).act is Act.ADVANCE

    def test_a_baseline_of_zero(self):
        stable = replace(self.stable, operations={"small": reading(500, 0, 0.0, 0.0)})
        assert decide(self.candidate, stable, LIMITS, elapsed=20, slow=frozenset({"small"})).act is Act.ROLL_BACK


def _lognormal(chance: random.Random, count: int) -> tuple[float, float]:
    times = sorted(chance.lognormvariate(3.3, 0.8) for _ in range(count))
    return times[min(count - 1, round(0.95 * count))], sum(times) / count


@pytest.mark.parametrize("operations", [10, 50])
def test_many_operations_do_not_abort_a_good_rollout(operations):
    """Four steps with a look a second; every operation fails a quarter as often as allowed."""
    chance, aborted, rollouts = random.Random(11), 0, 120  # noqa: S311 - a simulation
    limits = Limits(step_seconds=8, step_deadline_seconds=30)
    rates = [0.3 * 0.8**number for number in range(operations)]
    for _ in range(rollouts):
        for weight in (10, 25, 50, 100):
            counts = {number: [0, 0] for number in range(operations)}
            stopped = False
            slow: frozenset[str] = frozenset()
            for second in range(1, 31):
                for number, share in enumerate(rates):
                    more = sum(chance.random() < share for _ in range(weight))
                    counts[number][0] += more
                    counts[number][1] += sum(chance.random() < 0.005 for _ in range(more))
                each = {str(number): reading(*found) for number, found in counts.items() if found[0]}
                whole = [sum(found[at] for found in counts.values()) for at in (0, 1)]
                decision = decide(reading(*whole, **each), None, limits, elapsed=second, slow=slow)
                slow = decision.slow
                stopped = decision.act is Act.ROLL_BACK
                if decision.act is not Act.HOLD:
                    break
            aborted += stopped
            if stopped:
                break
    assert aborted == 0


def test_equal_latencies_of_many_operations_are_seldom_called_slow():
    chance, slow, looks = random.Random(5), 0, 100  # noqa: S311 - a simulation
    for _ in range(looks):
        candidate, stable = {}, {}
        for number in range(30):
            candidate[str(number)] = reading(50, 0, *_lognormal(chance, 50))
            stable[str(number)] = reading(450, 0, *_lognormal(chance, 450))
        said = judge(reading(**candidate), reading(**stable), LIMITS, slow=frozenset(candidate), overdue=False)
        slow += bool(said.failed)
    assert slow == 0


@given(st.dictionaries(st.text(max_size=3), st.tuples(st.integers(0, 500), st.floats(0, 1)), max_size=6), st.booleans())
def test_what_fails_is_over_the_limit(found, overdue):
    candidate = reading(**{name: reading(count, round(count * share)) for name, (count, share) in found.items()})
    said = judge(candidate, None, LIMITS, slow=frozenset(), overdue=overdue)
    if said.failed or said.waits:
        assert any(one.requests and one.errors / one.requests > 0.02 for one in candidate.operations.values())


def test_an_operation_that_was_not_counted_before_begins_at_zero():
    before = Counters(at=1.0, requests=10, errors=0, operations={"old": Counters(at=1.0, requests=10, errors=0)})
    after = Counters(
        at=3.0,
        requests=30,
        errors=2,
        operations={
            "old": Counters(at=3.0, requests=18, errors=0),
            "new": Counters(at=3.0, requests=12, errors=2),
        },
    )
    found = difference(before, after).operations
    assert {name: (one.requests, one.errors, one.seconds) for name, one in found.items()} == {
        "old": (8, 0, 2.0),
        "new": (12, 2, 2.0),
    }


def test_counting_that_began_again_for_one_operation_leaves_the_others():
    before = Counters(
        at=1.0, requests=9, errors=0, operations={name: Counters(at=1.0, requests=9, errors=0) for name in "ab"}
    )
    after = replace(
        before,
        at=2.0,
        operations={"a": Counters(at=2.0, requests=1, errors=0), "b": Counters(at=2.0, requests=10, errors=0)},
    )
    assert set(difference(before, after).operations) == {"b"}


def test_the_table_of_what_was_measured():
    table = rows(TestOneThatBreaks.broken, TestOneThatBreaks.stable, LIMITS)
    assert [row["operation"] for row in table] == ["all", "large", "small"]
    small = table[-1]
    assert (small["requests"], small["errors"], small["error_limit"], small["stable_requests"]) == (5, 5, 0.02, 45)
    assert small["error_rate_at_least"] > 0.1
    assert rows(None, None, LIMITS) == ()


def test_a_real_envoy_counts_each_operation_on_each_version(envoy, pair, fences):
    stable, candidate = pair
    router = EnvoyRouter(
        directory=envoy.directory,
        admin_url=envoy.admin_url,
        entry_url=envoy.url,
        operations=watched([ONE, MINE, LIST], most=9),
    )
    route = RouteState(
        service=SERVICE,
        stable=stable.backend,
        candidate=candidate.backend,
        weight=100,
        rollout_id="operations",
        fence=next(fences),
    )
    router.confirm(router.apply(route), within=5)
    assert router.read(SERVICE) == route
    metrics = EnvoyMetrics(admin_url=envoy.admin_url)
    versions = ["2.1.0", "2.2.0"]
    before = metrics.read(SERVICE, versions)
    for path, count in (("/items?limit=5", 3), ("/items/7", 4), ("/items/mine", 5), ("/elsewhere", 6)):
        candidate.status = 500 if path == "/items/7" else 200
        for _ in range(count):
            connection = http.client.HTTPConnection(envoy.url.removeprefix("http://"), timeout=5)
            connection.request("GET", path)
            connection.getresponse().read()
            connection.close()

    def counted():
        after = metrics.read(SERVICE, versions)
        found = difference(before["2.2.0"], after["2.2.0"])
        return (found, after["2.1.0"]) if sum(one.requests for one in found.operations.values()) == 18 else None

    found, other = eventually(counted)
    assert {name: (one.requests, one.errors) for name, one in found.operations.items()} == {
        "GET /items": (3, 0),
        "GET /items/{id}": (4, 4),
        "GET /items/mine": (5, 0),
        OTHER: (6, 0),
    }
    assert eventually(
        lambda: (
            difference(before["2.2.0"], metrics.read(SERVICE, versions)["2.2.0"]).operations[OTHER].p95_ms is not None
        )
    )
    assert difference(before["2.1.0"], other).requests == 0
    assert "/stats/prometheus" in found.query
