"""What if what is measured is missing, wrong, too little or at the edge? Whole rollouts; Envoy is the judge.

Where a row is about Prometheus, a real one scrapes the Envoy, and what the rollout asks goes through something that can
change its answers.
"""

from __future__ import annotations

import http.client
import itertools
import os
import shutil
import signal
import time

import pytest
from delivery_world import SERVICE, eventually
from fault_world import FaultWorld, said
from prometheus_world import Between, Prometheus

from olorin_pipelines.pipeline.means import metrics_of

pytestmark = pytest.mark.slow

CANDIDATE = "investigations@2_2_0"
WATCHED = "steps: [10, 100], step_seconds: 3, step_deadline_seconds: 9, min_requests: 3"


@pytest.fixture
def between():
    standing = Between()
    yield standing
    standing.close()


@pytest.fixture
def world(tmp_path, between):
    """Its rollouts are judged by a real Prometheus."""
    if shutil.which("prometheus") is None:
        pytest.skip("Prometheus is not installed (apt-get install prometheus)")
    (tmp_path / "prometheus").mkdir()
    with FaultWorld(tmp_path, rollout=f"metrics: prometheus, prometheus: {{url: '{between.url}'}}, {WATCHED}") as world:
        between.real = Prometheus(tmp_path / "prometheus", world.envoy.admin_port)
        try:
            eventually(lambda: metrics_of(world.place.config, SERVICE).read(SERVICE, ["2.1.0"]), within=30, every=0.2)
            yield world
        finally:
            between.real.kill()


def is_down(between: Between) -> None:
    between.real.kill()


def is_slow(between: Between) -> None:
    os.killpg(between.real.process.pid, signal.SIGSTOP)


def is_another(between: Between) -> None:
    between.page = b"<html>a login page</html>"


def is_no_number(between: Between) -> None:
    between.change = lambda query, entries: [
        {**each, "value": [each["value"][0], "NaN"]} if "rq_completed" in query else each for each in entries
    ]


def is_absent(between: Between) -> None:
    between.change = lambda _query, entries: [
        each for each in entries if each["metric"].get("envoy_cluster_name") != CANDIDATE
    ]


def is_old(between: Between) -> None:
    between.change = lambda query, entries: [
        {**each, "value": [each["value"][0], str(float(each["value"][1]) + 30)]} if query.startswith("max by") else each
        for each in entries
    ]


def stands_still(between: Between) -> None:
    first: dict[str, list] = {}
    between.change = lambda query, entries: first.setdefault(query, entries)


LOST = {
    "prometheus": (is_down, "does not answer"),
    "prometheus-slow": (is_slow, "does not answer"),
    "prometheus-no-answer": (is_another, "Prometheus at"),
    "prometheus-not-a-number": (is_no_number, "no number"),
    "prometheus-absent": (is_absent, "the candidate is not counted"),
    "prometheus-stale": (is_old, "no new request on the candidate for 3"),
    "stale-series": (stands_still, "request"),  # too few, none, or none that is new
}


@pytest.mark.parametrize("row", LOST)
def test_what_cannot_be_told_is_held_and_taken_back_at_the_deadline(world, between, row):
    fault, why = LOST[row]
    worker = world.worker()
    world.at(10)
    fault(between)
    assert said(worker) == ["aborted", "rolled_back"]
    world.taken_back()
    reason = world.rollbacks[0].reason
    assert reason.startswith(("at 10 %: ", "at 100 %: ")), "counters may rest for 10 s"
    assert why in reason
    assert reason.endswith("for 9 s")


def begins_anew(world: FaultWorld) -> None:
    """Envoy forgets what it counted, which Prometheus sees as counters that fell."""
    connection = http.client.HTTPConnection("127.0.0.1", world.envoy.admin_port, timeout=10)
    connection.request("POST", "/reset_counters")
    assert connection.getresponse().read() == b"OK\n"
    connection.close()


@pytest.mark.parametrize("row", ["prometheus-skewed", "prometheus-clock-jump", "counter-reset"])
def test_what_is_only_counted_or_dated_otherwise_harms_nobody(world, between, row):
    between.skew = 86_400.0 if row == "prometheus-skewed" else 0.0
    worker = world.worker()
    world.at(10)
    if row == "prometheus-clock-jump":
        between.skew = -3_600.0
    if row == "counter-reset":
        begins_anew(world)
    assert said(worker) == ["promoted"]
    world.users_get("2.2.0")
    requests = [step["requests"] for step in world.registry.rollout(world.deployment).detail["steps"]]
    assert all(count >= 3 for count in requests)


def asked(world: FaultWorld) -> None:
    connection = http.client.HTTPConnection(world.envoy.url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/")
    connection.getresponse().read()
    connection.close()


@pytest.mark.parametrize(("requests", "why"), [(0, "no request"), (1, "1 of 50 requests"), (20, "20 of 50 requests")])
def test_too_few_requests_are_no_verdict(tmp_path, requests, why):
    """One of them fails, and that is not what it is taken back for."""
    few = "steps: [100], step_seconds: 1, step_deadline_seconds: 6, min_requests: 50, samples: 0"
    with FaultWorld(tmp_path, rollout=few) as world:
        world.quiet()
        worker = world.worker()
        world.at(100)
        answers = iter([500])
        world.candidate.choose = lambda: next(answers, 200)
        for _ in range(requests):
            asked(world)
        assert said(worker) == ["aborted", "rolled_back"]
        assert world.candidate.seen == requests
        world.loud()
        world.taken_back()
        assert why in world.rollbacks[0].reason


def often(share: int):
    """A status for each answer, of which `share` of a hundred are failures, evenly."""
    numbers = itertools.count()
    return lambda: 500 if next(numbers) * share % 100 < share else 200


def test_a_candidate_that_fails_where_stable_never_does_is_taken_back(tmp_path):
    with FaultWorld(tmp_path, rollout=WATCHED) as world:
        world.candidate.choose = often(25)
        assert said(world.worker()) == ["aborted", "rolled_back"]
        world.taken_back()
        assert "error rate" in world.rollbacks[0].reason


def test_a_candidate_that_never_fails_is_not_blamed_for_a_stable_that_does(tmp_path):
    with FaultWorld(tmp_path, rollout=WATCHED) as world:
        world.stable.choose = often(25)
        assert said(world.worker()) == ["promoted"]
        world.users_get("2.2.0")


def test_an_outage_that_stable_shares_holds_and_blames_nobody(tmp_path):
    with FaultWorld(tmp_path, rollout=WATCHED) as world:
        worker = world.worker()
        world.at(10)
        world.stable.choose, world.candidate.choose = often(30), often(30)
        eventually(lambda: world.registry.rollout(world.deployment).state == "aborted", within=60)
        world.stable.choose = lambda: 200
        outcome = said(worker)[-1]
        assert outcome in ("rolled_back", "rolled_back_degraded"), "a probe may have met the end of the outage"
        world.users_get("2.1.0")
        (row,) = world.rollbacks
        assert "stable fails alike, so it is not the candidate alone, for 9 s" in row.reason


def test_one_small_operation_that_fails_is_found_and_named(tmp_path):
    """One request in eighty goes there, so the whole stays under its limit of 2 %."""
    steady = "steps: [50, 100], step_seconds: 20, step_deadline_seconds: 40, min_requests: 100"
    with FaultWorld(tmp_path, rollout=steady, users=10, paths=["/large"] * 79 + ["/small"]) as world:
        world.serves("/large", "/small")
        world.candidate.statuses["/small"] = 500
        assert said(world.worker()) == ["aborted", "rolled_back"]
        world.taken_back()
        assert "GET /small: error rate 100" in world.rollbacks[0].reason
        answers = [line for line in world.log() if line["service_version"] == "2.2.0"]
        failed = [line for line in answers if line["response_code"] == 500]
        assert 0 < len(failed) < len(answers) / 50, "the whole looks well"


@pytest.mark.parametrize(("times", "outcome"), [(1.9, "promoted"), (2.1, "rolled_back")])
def test_latency_around_twice_that_of_stable(tmp_path, times, outcome):
    """At 0.2 s, so that what a busy machine adds to both is small beside it."""
    slow = "steps: [50, 100], step_seconds: 5, step_deadline_seconds: 30, min_requests: 20"
    with FaultWorld(tmp_path, rollout=slow, floor_ms=25, users=10) as world:
        world.stable.delay, world.candidate.delay = 0.2, 0.2 * times
        assert said(world.worker())[-1] == outcome, world.registry.rollout(world.deployment).reason
        if outcome == "promoted":
            world.users_get("2.2.0")
        else:
            world.taken_back()
            assert "limit 2 times" in world.rollbacks[0].reason


def test_a_candidate_that_flaps_is_taken_back(tmp_path):
    with FaultWorld(tmp_path, rollout=WATCHED) as world:
        world.candidate.choose = lambda: 500 if int(time.monotonic()) % 2 else 200
        assert said(world.worker()) == ["aborted", "rolled_back"]
        world.taken_back()
        assert "error rate" in world.rollbacks[0].reason
