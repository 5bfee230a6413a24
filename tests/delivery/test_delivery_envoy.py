"""What is particular to Envoy: its files, its refusals, its statistics, its end."""

from __future__ import annotations

import errno
import json
import os
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from delivery_world import SERVICE, Load, RunningEnvoy, eventually, free_port
from hypothesis import given
from hypothesis import strategies as st

from olorin_pipelines.delivery.envoy import documents
from olorin_pipelines.delivery.envoy.files import EnvoyFiles
from olorin_pipelines.delivery.envoy.names import cluster_name, stat_name
from olorin_pipelines.delivery.metrics.envoy import EnvoyMetrics
from olorin_pipelines.delivery.model import Backend, Receipt, RouteState
from olorin_pipelines.delivery.probe import probe
from olorin_pipelines.delivery.readings import difference
from olorin_pipelines.delivery.routers.envoy import EnvoyRouter
from olorin_pipelines.errors import MetricsUnreachable, RouterUnreachable, RouteUnconfirmed, UsageError


@pytest.fixture
def state(desired):
    return replace(desired, weight=0)


def put(router, state):
    return router.confirm(router.apply(state), within=5)


def test_traffic_follows_the_weight_and_no_request_fails(router, state, envoy, pair):
    put(router, state)
    with Load(envoy.url) as load:
        eventually(lambda: pair[0].seen > 50)
        assert pair[1].seen == 0
        for weight in (50, 100, 0, 100):
            put(router, replace(state, weight=weight))
        eventually(lambda: pair[1].seen > 50)
        put(router, replace(state, weight=0))
        eventually(lambda: router.activity(SERVICE, pair[1].backend).active == 0)
        seen = pair[1].seen
        before = pair[0].seen
        eventually(lambda: pair[0].seen > before + 50)
        assert pair[1].seen == seen
    assert set(load.statuses) == {200}


def test_an_unknown_cluster_is_refused_with_envoys_reason(router, state, envoy):
    put(router, state)
    files, rejected = EnvoyFiles(envoy.directory), router._rejected(SERVICE)
    bad = replace(state, candidate=Backend("9.9.9", "http://127.0.0.1:9"), weight=50)
    files.write(files.rds, documents.routes(bad, "bad", timeout=5))
    with pytest.raises(RouteUnconfirmed, match=r"unknown weighted cluster 'investigations@9\.9\.9'"):
        router.confirm(Receipt(desired=bad, token="bad", rejected_before=rejected), within=5)
    assert router.read(SERVICE) == state
    files.write(files.rds, documents.routes(state, "good", timeout=5))


def test_the_envoy_of_another_service_is_left_alone(router, state, envoy, pair):
    """Its clusters would be gone from the files with the first write of ours, and its users with them."""
    put(router, state)
    files = EnvoyFiles(envoy.directory)
    before = files.cds.read_bytes(), files.rds.read_bytes()
    with pytest.raises(UsageError, match="routes investigations, not payments"):
        router.apply(replace(state, service="payments"))
    assert (files.cds.read_bytes(), files.rds.read_bytes()) == before
    assert probe(envoy.url).version == state.stable.version


def test_the_reason_is_waited_for_in_the_log_and_is_not_that_of_an_older_refusal(state, envoy, tmp_path):
    """The log is a stand-in: Envoy counts a refusal first and writes its reason a moment later, at no set time."""
    log, line = tmp_path / "envoy.log", "[warning] Filesystem config update rejected: {}\n"
    log.write_text(line.format("the old reason"))
    logged = log.stat().st_size
    lines = iter(["", "", line.format("the new reason")])

    def wait(_: float) -> None:
        if refused:
            log.write_text(log.read_text() + next(lines, ""))

    refused: list[bool] = []
    router = EnvoyRouter(  # made anew, as each op of a rollback makes its own
        directory=envoy.directory, admin_url=envoy.admin_url, entry_url=envoy.url, envoy_log=log, wait=wait
    )
    assert router.apply(state).logged_before == logged
    rejected, files = router._rejected(SERVICE), EnvoyFiles(envoy.directory)
    bad = replace(state, candidate=Backend("9.9.9", "http://127.0.0.1:9"), weight=50)
    files.write(files.rds, documents.routes(bad, "bad", timeout=5))
    eventually(lambda: router._rejected(SERVICE) > rejected)
    refused.append(True)
    with pytest.raises(RouteUnconfirmed, match="the new reason"):
        router.confirm(Receipt(desired=bad, token="bad", rejected_before=rejected, logged_before=logged), within=5)
    files.write(files.rds, documents.routes(state, "good", timeout=5))


FOREIGN = {
    "zero-weights": lambda good: good.replace('"weight": 70', '"weight": 0').replace('"weight": 30', '"weight": 0'),
    "truncated-route": lambda good: good[: len(good) // 2],
}


@pytest.mark.parametrize("row", FOREIGN)
def test_a_broken_route_is_not_taken_up_and_the_next_write_replaces_it(router, state, envoy, fences, row):
    put(router, replace(state, weight=30))
    files = EnvoyFiles(envoy.directory)
    temporary = files.rds.with_suffix(".foreign")
    temporary.write_text(FOREIGN[row](files.rds.read_text()))
    refused = router._rejected(SERVICE)
    temporary.replace(files.rds)
    eventually(lambda: router._rejected(SERVICE) > refused)
    assert router.read(SERVICE) == replace(state, weight=30)
    assert {probe(envoy.url).status for _ in range(10)} == {200}
    back = replace(state, weight=0, rollout_id="back", fence=next(fences))
    put(router, back)
    assert router.read(SERVICE) == back


def test_a_full_disk_is_told_and_leaves_the_route(router, state, envoy, monkeypatch):
    put(router, state)
    before = EnvoyFiles(envoy.directory).rds.read_bytes()

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(RouterUnreachable, match="No space left"):
            router.apply(replace(state, weight=50))
    assert EnvoyFiles(envoy.directory).rds.read_bytes() == before
    assert router.read(SERVICE) == state
    put(router, replace(state, weight=50))


def test_a_sample_that_is_not_a_number_is_no_reading(envoy, monkeypatch):
    source = EnvoyMetrics(admin_url=envoy.admin_url)
    line = 'envoy_cluster_upstream_rq_total{envoy_cluster_name="investigations@2_1_0"} NaN'
    monkeypatch.setattr(source, "_admins", [SimpleNamespace(url="", get=lambda path: line)])
    with pytest.raises(MetricsUnreachable, match="no number in"):
        source.read(SERVICE, ["2.1.0"])


def test_a_cluster_that_never_gets_ready_is_not_routed_to(envoy, state, router):
    put(router, state)
    hasty = EnvoyRouter(directory=envoy.directory, admin_url=envoy.admin_url, entry_url=envoy.url, cluster_seconds=0.0)
    nowhere = replace(state, candidate=Backend("3.0.0", f"http://127.0.0.1:{free_port()}"), weight=10)
    with pytest.raises(RouteUnconfirmed, match=r"investigations@3\.0\.0"):
        hasty.apply(nowhere)
    assert router.read(SERVICE) == state


def test_a_version_that_moves_to_another_port_is_followed(router, state, envoy, pair):
    put(router, state)
    moved = replace(state, stable=Backend("2.1.0", pair[1].backend.url), candidate=None)
    put(router, moved)
    assert probe(envoy.url + "/").version == "2.2.0"


def test_requests_in_flight_are_counted(router, state, envoy, pair):
    put(router, replace(state, weight=100))
    pair[1].held = threading.Event()
    waiting = threading.Thread(target=probe, args=(envoy.url + "/",), kwargs={"timeout": 20})
    waiting.start()
    eventually(lambda: router.activity(SERVICE, pair[1].backend).active == 1)
    put(router, replace(state, weight=0))
    assert router.activity(SERVICE, pair[1].backend).active == 1
    pair[1].held.set()
    waiting.join(10)
    eventually(lambda: router.activity(SERVICE, pair[1].backend).active == 0)


def test_counters_tell_requests_errors_and_latency(router, state, envoy, pair):
    source = EnvoyMetrics(admin_url=envoy.admin_url)
    put(router, replace(state, weight=50))
    versions = ["2.1.0", "2.2.0", "7.7.7"]
    before = source.read(SERVICE, versions)
    assert set(before) == {"2.1.0", "2.2.0"}
    pair[1].status, pair[1].delay = 500, 0.06
    with Load(envoy.url) as load:
        eventually(lambda: pair[1].seen >= 60)
    total = sum(load.statuses.values())

    def both():
        after = source.read(SERVICE, versions)
        stable, candidate = (difference(before[version], after[version]) for version in versions[:2])
        return (stable, candidate) if stable.p95_ms and candidate.p95_ms else None

    stable, candidate = eventually(both)
    assert stable.requests + candidate.requests == total
    assert (stable.errors, candidate.errors) == (0, load.statuses[500])
    assert candidate.error_rate == 1.0
    assert 50 < candidate.p95_ms < 150
    assert stable.p95_ms < 30


@pytest.mark.slow
def test_what_several_envoys_counted_is_added_up_and_one_that_is_gone_is_no_reading(tmp_path, pair):
    both = [RunningEnvoy(tmp_path / "envoy", name=name) for name in ("one-", "two-")]
    both[0].directory.mkdir()
    stable, candidate = (one.backend for one in pair)
    try:
        for envoy in both:
            envoy.start()
        urls = [envoy.admin_url for envoy in both]
        router = EnvoyRouter(
            directory=both[0].directory, admin_url=urls[0], more_admin_urls=urls[1:], entry_url=both[0].url
        )
        route = RouteState(service=SERVICE, stable=stable, candidate=candidate, weight=100, rollout_id="all", fence=1)
        router.confirm(router.apply(route), within=5)
        metrics = EnvoyMetrics(admin_url=urls[0], more_admin_urls=urls[1:])
        before = metrics.read(SERVICE, ["2.2.0"])["2.2.0"]
        for _ in range(5):
            probe(both[0].url)
        pair[1].status = 500  # only users of the second one fail
        for _ in range(7):
            probe(both[1].url)

        def all_counted():
            reading = difference(before, metrics.read(SERVICE, ["2.2.0"])["2.2.0"])
            return reading if reading.p95_ms is not None and reading.requests == 12 else None

        assert eventually(all_counted).errors == 7
        both[1].kill()
        with pytest.raises(MetricsUnreachable, match=str(both[1].admin_port)):
            metrics.read(SERVICE, ["2.2.0"])
    finally:
        for envoy in both:
            envoy.kill()


def test_a_killed_backend_counts_as_errors(router, state, envoy, pair):
    source = EnvoyMetrics(admin_url=envoy.admin_url)
    put(router, replace(state, candidate=Backend("2.3.0", f"http://127.0.0.1:{free_port()}"), weight=100))
    before = source.read(SERVICE, ["2.3.0"])["2.3.0"]
    assert [probe(envoy.url).status for _ in range(5)] == [503] * 5
    reading = difference(before, source.read(SERVICE, ["2.3.0"])["2.3.0"])
    assert (reading.requests, reading.errors, reading.p95_ms) == (5, 5, None)


def test_the_access_log_names_version_and_cluster(router, state, envoy):
    put(router, state)
    probe(envoy.url + "/some/path")

    def line():
        lines = envoy.access_log.read_text().splitlines() if envoy.access_log.exists() else []
        return next((json.loads(text) for text in lines if "/some/path" in text), None)

    found = eventually(line, within=15)
    assert found["upstream_cluster"] == "investigations@2.1.0"
    assert found["service_version"] == "2.1.0"
    assert found["response_code"] == 200


def test_weights_survive_a_restart_and_a_dead_envoy_is_told(tmp_path, pair):
    envoy = RunningEnvoy(tmp_path)
    router = EnvoyRouter(directory=tmp_path, admin_url=envoy.admin_url, entry_url=envoy.url)
    metrics = EnvoyMetrics(admin_url=envoy.admin_url)
    stable, candidate = (backend.backend for backend in pair)
    first = RouteState(service=SERVICE, stable=stable, candidate=candidate, weight=100, rollout_id="a", fence=1)
    try:
        envoy.start()
        assert router.read(SERVICE) is None
        receipt = router.apply(first)
        router.confirm(receipt, within=5)
        probe(envoy.url)
        before = metrics.read(SERVICE, ["2.2.0"])["2.2.0"]
        envoy.kill()
        with pytest.raises(RouterUnreachable):
            router.read(SERVICE)
        with pytest.raises(RouterUnreachable):
            router.confirm(receipt, within=0.1)
        with pytest.raises(MetricsUnreachable):
            metrics.read(SERVICE, ["2.2.0"])
        with pytest.raises(RouterUnreachable):
            router.apply(replace(first, candidate=Backend("2.9.0", "http://127.0.0.1:9"), fence=2))
        back = replace(first, weight=0, rollout_id="b", fence=2)
        router.apply(back)  # both backends are known to the file: Envoy comes back with it
        envoy.start()
        assert router.read(SERVICE) == back
        assert probe(envoy.url).version == "2.1.0"
        assert difference(before, metrics.read(SERVICE, ["2.2.0"])["2.2.0"]) is None
    finally:
        envoy.kill()


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "http://127.0.0.1:1/api", "http://h:99999", "ftp://h"])
def test_urls_that_envoy_is_not_given(url):
    with pytest.raises(UsageError):
        documents.endpoint(url)


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_two_versions_never_share_a_name(service, version, other_service, other_version):
    same = (service, version) == (other_service, other_version)
    assert (cluster_name(service, version) == cluster_name(other_service, other_version)) is same
    assert (stat_name(service, version) == stat_name(other_service, other_version)) is same
    assert "." not in stat_name(service, version)


def test_names_are_readable():
    assert cluster_name("investigations", "2.1.0") == "investigations@2.1.0"
    assert stat_name("investigations", "2.1.0+b_1") == "investigations@2_1_0+b%5f1"
    assert cluster_name("investigations", "2.1.0") == stat_name("investigations", "2-1-0").replace("-", ".")


def test_a_foreign_route_is_not_ours():
    assert documents.state_of({}) is None
    assert documents.state_of({"virtual_hosts": [{"routes": []}]}) is None
