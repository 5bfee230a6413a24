"""Requests of our own at low traffic: they reach their version whatever the weights, and are never counted as users."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from delivery_world import SERVICE

from olorin_pipelines.delivery.decide import Act, Limits, decide
from olorin_pipelines.delivery.metrics.envoy import EnvoyMetrics
from olorin_pipelines.delivery.metrics.memory import MemoryMetrics
from olorin_pipelines.delivery.metrics.sampled import SampledMetrics
from olorin_pipelines.delivery.model import Reading, RouteState
from olorin_pipelines.delivery.pinned import SAMPLE_HEADER, pinned_to
from olorin_pipelines.delivery.readings import difference
from olorin_pipelines.delivery.routers.envoy import EnvoyRouter
from olorin_pipelines.gate import Outcome
from olorin_pipelines.openapi import parse
from olorin_pipelines.pipeline.sampling import _calls, _sampler

VERSIONS = ["2.1.0", "2.2.0"]
LIMITS = Limits()


class World:
    """Users and samples on a clock of its own."""

    def __init__(self, *, failing: str = "", seconds: float = 0.01) -> None:
        self.now, self.sent, self.failing, self.seconds = 100.0, [], failing, seconds
        self.users = MemoryMetrics(monotonic=lambda: self.now)
        for version in VERSIONS:
            self.users.add(SERVICE, version, requests=0)
        self.source = SampledMetrics(self.users, sample=self.sample, enough=5.0, each=3, monotonic=lambda: self.now)

    def sample(self, version: str) -> tuple[str, bool]:
        self.sent.append(version)
        self.now += self.seconds
        return "GET /items", version == self.failing

    def after(self, seconds: int, *, per_second: int) -> dict[str, Reading]:
        before = self.source.read(SERVICE, VERSIONS)
        for _ in range(seconds):
            self.now += 1
            for version in VERSIONS:
                self.users.add(SERVICE, version, requests=per_second, milliseconds=5.0)
            after = self.source.read(SERVICE, VERSIONS)
        return {version: difference(before[version], after[version]) for version in VERSIONS}


def test_where_users_are_few_samples_make_up_for_them():
    world = World()
    found = world.after(20, per_second=1)
    for reading in found.values():
        assert (reading.requests, reading.samples, reading.users) == (80, 60, 20)
        assert reading.operations["GET /items"].requests == 60
    decision = decide(found["2.2.0"], found["2.1.0"], LIMITS, elapsed=20)
    assert decision.act is Act.ADVANCE
    assert "over 80 requests (60 of them samples)" in decision.reason
    assert (
        "latency not compared"
        in decide(found["2.2.0"], World().after(9, per_second=1)["2.1.0"], LIMITS, elapsed=20).reason
    )


def test_where_users_are_enough_none_is_sent():
    world = World()
    assert world.after(20, per_second=6)["2.2.0"].samples == 0
    assert world.sent == []


def test_stable_that_has_no_users_any_more_is_no_reason_to_send_any():
    world = World()
    world.source.read(SERVICE, VERSIONS)
    world.now += 1
    world.users.add(SERVICE, "2.2.0", requests=100)
    assert world.source.read(SERVICE, VERSIONS)["2.2.0"].samples == 0


def test_a_version_that_no_user_called_is_found_to_fail():
    found = World(failing="2.2.0").after(3, per_second=0)
    decision = decide(found["2.2.0"], found["2.1.0"], LIMITS, elapsed=3)
    assert (decision.act, decision.outcome) == (Act.ROLL_BACK, Outcome.FAIL)


def test_how_fast_is_left_to_users():
    slow = Reading(requests=100, errors=0, p95_ms=900.0, mean_ms=500.0, seconds=20.0, samples=60)
    fast = Reading(requests=900, errors=0, p95_ms=30.0, mean_ms=10.0, seconds=20.0)
    assert decide(slow, fast, LIMITS, elapsed=20, slow=frozenset({""})).act is Act.ADVANCE


def test_a_version_that_hangs_does_not_keep_the_rollout_from_its_work():
    world = World(seconds=2.0)
    before = world.now
    world.after(1, per_second=0)
    assert world.now - before <= 1 + 2.0, "one request that waited, then none"


def test_a_version_that_is_not_counted_stays_absent():
    source = SampledMetrics(MemoryMetrics(), sample=lambda version: ("x", False), enough=5.0, each=3)
    assert source.read(SERVICE, VERSIONS) == {}


def document(**paths):
    whole = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "/base"}], "paths": paths}
    return parse(json.dumps(whole).encode(), source="test")


def test_what_can_be_sent_are_documented_gets_whose_values_are_known():
    answers = {"responses": {"200": {"description": "ok"}}}
    with_example = {"name": "id", "in": "path", "required": True, "example": 7, "schema": {}}
    snapshot = document(
        **{
            "/items": {"get": answers, "post": answers},
            "/items/{id}": {"get": answers | {"parameters": [with_example]}},
            "/secret/{id}": {
                "get": answers | {"parameters": [{k: v for k, v in with_example.items() if k != "example"}]}
            },
        }
    )
    case = SimpleNamespace(document=lambda role: snapshot, deployment=SimpleNamespace(url="http://127.0.0.1:2"))
    way = SimpleNamespace(url="http://127.0.0.1:2", headers={"Authorization": "t"}, query={}, mark="X-Mark")
    found = _calls(case, way)
    headers = {"Authorization": "t", "X-Mark": "sample"}
    assert found == [
        ("GET /base/items", "/base/items", headers),
        ("GET /base/items/{id}", "/base/items/7", headers),
    ]
    case.deployment.url = "https://elsewhere"
    assert _calls(case, way) == [], "a request that needs a way of its own is not sent"


@pytest.mark.parametrize("weight", [0, 10])
def test_a_real_envoy_leads_them_past_the_weights_and_counts_them_apart(envoy, pair, fences, weight):
    stable, candidate = pair
    router = EnvoyRouter(
        directory=envoy.directory, admin_url=envoy.admin_url, entry_url=envoy.url, envoy_log=envoy.log, pinned=True
    )
    route = RouteState(
        service=SERVICE,
        stable=stable.backend,
        candidate=candidate.backend,
        weight=weight,
        rollout_id="samples",
        fence=next(fences),
    )
    router.confirm(router.apply(route), within=5)
    assert router.read(SERVICE) == route
    metrics = EnvoyMetrics(admin_url=envoy.admin_url)
    before = metrics.read(SERVICE, VERSIONS)
    calls = [("GET /", "/", {})]
    send = _sampler(envoy.url, calls, rollout="samples")
    seen = candidate.seen, stable.seen
    assert [send("2.2.0") for _ in range(5)] == [("GET /", False)] * 5
    assert (candidate.seen - seen[0], stable.seen - seen[1]) == (5, 0)
    candidate.status = 500
    assert send("2.2.0") == ("GET /", True)
    stranger = _sampler(envoy.url, calls, rollout="another")
    before_stranger = candidate.seen
    if not weight:
        stranger("2.2.0")
        assert candidate.seen == before_stranger, "who does not know the rollout cannot choose a version"
    after = metrics.read(SERVICE, VERSIONS)
    assert difference(before["2.2.0"], after["2.2.0"]).requests == 0
    assert router.activity(SERVICE, candidate.backend).total == after["2.2.0"].requests
    plain = EnvoyRouter(directory=envoy.directory, admin_url=envoy.admin_url, entry_url=envoy.url)
    back = RouteState(service=SERVICE, stable=stable.backend, rollout_id="back", fence=next(fences))
    plain.confirm(plain.apply(back), within=5)
    counted = candidate.seen
    send("2.2.0")
    assert candidate.seen == counted, "a route that was taken back pins nothing"


def test_the_header_names_rollout_and_version():
    assert (SAMPLE_HEADER, pinned_to("2.2.0", rollout="r1")) == ("x-olorin-sample", "r1/2.2.0")
