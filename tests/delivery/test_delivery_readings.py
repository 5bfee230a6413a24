"""Two scrapes make a reading; every metrics source keeps the same promises."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from delivery_world import SERVICE
from hypothesis import given
from hypothesis import strategies as st

from olorin_pipelines.delivery.metrics import open_metrics
from olorin_pipelines.delivery.metrics.envoy import EnvoyMetrics
from olorin_pipelines.delivery.metrics.memory import MemoryMetrics
from olorin_pipelines.delivery.model import Counters, Reading, RouteState
from olorin_pipelines.delivery.probe import probe
from olorin_pipelines.delivery.readings import difference, quantile
from olorin_pipelines.errors import MetricsUnreachable, UnknownName

ZERO = Counters(at=10.0, requests=0, errors=0, buckets=((10.0, 0), (20.0, 0), (math.inf, 0)), uptime=5)


def test_the_window_is_the_difference():
    after = Counters(
        at=12.0,
        requests=100,
        errors=3,
        latency_sum_ms=900.0,
        buckets=((10.0, 90), (20.0, 100), (math.inf, 100)),
        uptime=7,
    )
    assert difference(ZERO, after) == Reading(requests=100, errors=3, p95_ms=15.0, mean_ms=9.0, seconds=2.0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, ZERO),
        (ZERO, None),
        (replace(ZERO, requests=5), replace(ZERO, at=11.0)),
        (replace(ZERO, errors=5, requests=9), replace(ZERO, at=11.0, requests=9)),
        (ZERO, replace(ZERO, at=11.0, requests=50, uptime=1)),
        (replace(ZERO, latency_sum_ms=5.0), replace(ZERO, at=11.0)),
    ],
    ids=["no start", "no end", "requests fell", "errors fell", "younger process", "latency fell"],
)
def test_what_cannot_be_told_is_no_reading(before, after):
    assert difference(before, after) is None


counts = st.lists(st.integers(0, 1000), min_size=3, max_size=3).map(
    lambda steps: tuple(zip((10.0, 20.0, math.inf), (sum(steps[: n + 1]) for n in range(3)), strict=True))
)
counters = st.builds(
    lambda at, requests, errors, total, buckets, uptime: Counters(
        at=at, requests=requests, errors=errors, latency_sum_ms=total, buckets=buckets, uptime=uptime
    ),
    st.floats(0, 100),
    st.integers(0, 1000),
    st.integers(0, 1000),
    st.floats(0, 1000),
    counts,
    st.floats(0, 100),
)


@given(counters, counters)
def test_a_reading_is_never_negative(before, after):
    reading = difference(before, after)
    if reading is not None:
        assert reading.requests >= reading.errors >= 0
        assert reading.seconds >= 0
        assert (reading.p95_ms or 0) >= 0
        assert (reading.mean_ms or 0) >= 0


def test_quantiles():
    assert quantile(0.5, ()) is None
    assert quantile(0.5, ((10.0, 0), (math.inf, 0))) is None
    assert quantile(0.5, ((10.0, 0), (20.0, 10), (math.inf, 10))) == 15.0
    assert quantile(0.95, ((10.0, 1), (math.inf, 10))) == 10.0


@pytest.fixture(params=["memory", "envoy"])
def counted(request, pair, fences):
    """A source and a way to send one request to the candidate."""
    if request.param == "memory":
        source = MemoryMetrics()
        source.add(SERVICE, "2.2.0", requests=0)
        source.add(SERVICE, "2.1.0", requests=0)
        return source, lambda: source.add(SERVICE, "2.2.0", requests=1)
    envoy, router = request.getfixturevalue("envoy"), request.getfixturevalue("router")
    stable, candidate = pair
    route = RouteState(
        service=SERVICE,
        stable=stable.backend,
        candidate=candidate.backend,
        weight=100,
        rollout_id="readings",
        fence=next(fences),
    )
    router.confirm(router.apply(route), within=5)
    return EnvoyMetrics(admin_url=envoy.admin_url), lambda: probe(envoy.url)


class TestMetricsSource:
    def test_knows_versions_and_no_others(self, counted):
        source, _ = counted
        assert set(source.read(SERVICE, ["2.1.0", "2.2.0", "9.9.9"])) == {"2.1.0", "2.2.0"}

    def test_counts_a_request_once_on_its_version(self, counted):
        source, send = counted
        before = source.read(SERVICE, ["2.1.0", "2.2.0"])
        send()
        after = source.read(SERVICE, ["2.1.0", "2.2.0"])
        grown = {version: difference(before[version], after[version]).requests for version in before}
        assert grown == {"2.1.0": 0, "2.2.0": 1}

    def test_nothing_of_another_service(self, counted):
        source, _ = counted
        assert source.read("nobody", ["2.1.0"]) == {}


def test_unreachable_statistics_are_told():
    with pytest.raises(MetricsUnreachable):
        EnvoyMetrics(admin_url="http://127.0.0.1:9").read(SERVICE, ["2.1.0"])


def test_an_unknown_source_lists_the_known_ones():
    with pytest.raises(UnknownName) as caught:
        open_metrics("graphite")
    assert caught.value.known == ["envoy", "memory", "prometheus"]
