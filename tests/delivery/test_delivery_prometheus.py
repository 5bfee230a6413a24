"""Metrics through a Prometheus: what a real one says of a real Envoy, and what each of its troubles is taken for."""

from __future__ import annotations

import json
import shutil
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from delivery_world import SERVICE, Load, RunningEnvoy, eventually
from prometheus_world import Prometheus

from olorin_pipelines.delivery.decide import Act, Limits, decide
from olorin_pipelines.delivery.metrics import open_metrics
from olorin_pipelines.delivery.metrics.envoy import EnvoyMetrics
from olorin_pipelines.delivery.metrics.prometheus import PrometheusMetrics, queries
from olorin_pipelines.delivery.model import RouteState
from olorin_pipelines.delivery.operations import Operation
from olorin_pipelines.delivery.readings import difference
from olorin_pipelines.delivery.routers.envoy import EnvoyRouter
from olorin_pipelines.errors import MetricsUnreachable
from olorin_pipelines.gate import Outcome

VERSIONS = ["2.1.0", "2.2.0"]


@pytest.fixture
def prometheus(tmp_path):
    if shutil.which("prometheus") is None:
        pytest.skip("Prometheus is not installed (apt-get install prometheus)")
    started: list[Prometheus] = []

    def start(admin_port: int) -> Prometheus:
        (tmp_path / "prometheus").mkdir()
        started.append(Prometheus(tmp_path / "prometheus", admin_port))
        return started[-1]

    yield start
    for one in started:
        one.kill()


@pytest.mark.slow
def test_it_counts_what_envoy_counts(envoy, pair, fences, prometheus):
    """By version and by operation: requests, failures, latencies; then the Prometheus is gone."""
    running = prometheus(envoy.admin_port)
    router = EnvoyRouter(
        directory=envoy.directory,
        admin_url=envoy.admin_url,
        entry_url=envoy.url,
        operations=[Operation("GET", "/")],
    )
    stable, candidate = pair
    route = RouteState(
        service=SERVICE,
        stable=stable.backend,
        candidate=candidate.backend,
        weight=50,
        rollout_id="prometheus",
        fence=next(fences),
    )
    router.confirm(router.apply(route), within=5)
    direct, scraped = EnvoyMetrics(admin_url=envoy.admin_url), PrometheusMetrics(url=running.url, match='job="envoy"')
    before = eventually(lambda: len(found := scraped.read(SERVICE, VERSIONS)) == 2 and found, within=20)
    mine = direct.read(SERVICE, VERSIONS)
    candidate.status, candidate.delay = 500, 0.03
    with Load(envoy.url) as load:
        eventually(lambda: candidate.seen >= 60)
    sent = sum(load.statuses.values())

    def settled():
        after = scraped.read(SERVICE, VERSIONS)
        readings = [difference(before[version], after[version]) for version in VERSIONS]
        whole = sum(reading.requests for reading in readings) == sent
        each = [reading.operations.get("GET /") for reading in readings]  # histograms are merged a second later
        return readings if whole and all(one and one.p95_ms is not None for one in each) else None

    readings = eventually(settled, within=20, every=0.2)
    now = direct.read(SERVICE, VERSIONS)
    for version, reading in zip(VERSIONS, readings, strict=True):
        expected = difference(mine[version], now[version])
        assert (reading.requests, reading.errors) == (expected.requests, expected.errors)
        assert reading.operations["GET /"].requests == expected.operations["GET /"].requests
        assert reading.operations["GET /"].errors == expected.operations["GET /"].errors
    assert readings[1].error_rate == 1.0
    assert readings[1].operations["GET /"].p95_ms > 25
    assert 0 <= readings[1].age < 10
    assert scraped.read(SERVICE, ["9.9.9"]) == {}, "an absent series is no reading"
    running.kill()
    with pytest.raises(MetricsUnreachable, match="does not answer"):
        scraped.read(SERVICE, VERSIONS)


@pytest.mark.slow
def test_an_envoy_that_is_gone_is_no_data_and_one_that_came_back_a_new_start(tmp_path, pair, prometheus):
    envoy = RunningEnvoy(tmp_path / "envoy")
    envoy.directory.mkdir()
    stable, candidate = (one.backend for one in pair)
    try:
        envoy.start()
        running = prometheus(envoy.admin_port)
        router = EnvoyRouter(directory=envoy.directory, admin_url=envoy.admin_url, entry_url=envoy.url)
        route = RouteState(service=SERVICE, stable=stable, candidate=candidate, weight=100, rollout_id="gone", fence=1)
        router.confirm(router.apply(route), within=5)
        scraped = PrometheusMetrics(url=running.url)
        with Load(envoy.url, threads=1):
            eventually(lambda: pair[1].seen >= 20)
        before = eventually(
            lambda: (found := scraped.read(SERVICE, VERSIONS)).get("2.2.0") and found["2.2.0"].requests >= 20 and found,
            within=20,
        )
        envoy.kill()
        eventually(lambda: scraped.read(SERVICE, VERSIONS) == {}, within=20, every=0.2)
        envoy.start()
        after = eventually(lambda: len(found := scraped.read(SERVICE, VERSIONS)) == 2 and found, within=20, every=0.2)
        assert difference(before["2.2.0"], after["2.2.0"]) is None, "never a negative number"
    finally:
        envoy.kill()


@contextmanager
def answering(answer):
    """Something that answers like a Prometheus: `answer` gets the query and returns a body, or waits."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer(parse_qs(urlsplit(self.path).query)["query"][0])
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


def told(*, clock: float = 1_000.0, age: float = 1.0, completed: str = "50", errors: str = "5"):
    """Answer as a Prometheus at `clock` whose newest sample is `age` seconds old."""
    cluster = {"envoy_cluster_name": "investigations@2_2_0"}

    def vector(*entries):
        return [{"metric": labels, "value": [clock, value]} for labels, value in entries]

    def answer(query: str):
        if query == "time()":
            result = [clock, str(clock)]
        elif query.startswith("max by"):
            result = vector((cluster, str(age)))
        elif "rq_completed" in query:
            name = "envoy_cluster_upstream_rq"
            result = vector(
                ({"__name__": f"{name}_total", **cluster}, completed),
                ({"__name__": f"{name}_completed", **cluster}, completed),
                ({"__name__": f"{name}_xx", "envoy_response_code_class": "5", **cluster}, errors),
            )
        else:
            result = []
        return 200, {"status": "success", "data": {"resultType": "vector", "result": result}}

    return answer


def counted(answer):
    with answering(answer) as url:
        return PrometheusMetrics(url=url, timeout=1).read(SERVICE, VERSIONS)


def test_counters_and_the_moment_they_are_of():
    found = counted(told(clock=1_000.0, age=4.0))
    assert set(found) == {"2.2.0"}
    one = found["2.2.0"]
    assert (one.requests, one.errors, one.at, one.age) == (50, 5, 996.0, 4.0)
    assert "rq_completed" in one.query


def test_a_slow_one_is_not_waited_for():
    release = threading.Event()

    def answer(_query: str):
        release.wait(20)
        return 200, {}

    began = time.monotonic()
    with answering(answer) as url:
        source = PrometheusMetrics(url=url, timeout=1)
        with pytest.raises(MetricsUnreachable, match="does not answer"):
            source.read(SERVICE, VERSIONS)
        release.set()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "answer",
    [
        lambda query: (503, b"starting"),
        lambda query: (401, b"who are you?"),
        lambda query: (200, b"<html>a login page</html>"),
        lambda query: (200, {"status": "success", "data": {"result": []}}),
        lambda query: (200, {"status": "success", "data": {"result": [1, "2"]}}),
        lambda query: (200, {"status": "error"}),
    ],
    ids=["unavailable", "unauthorised", "a page", "no time", "another shape", "an error"],
)
def test_what_is_no_answer_is_an_error(answer):
    with pytest.raises(MetricsUnreachable):
        counted(answer)


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf"])
def test_what_is_not_a_number_is_an_error(value):
    with pytest.raises(MetricsUnreachable, match="no number"):
        counted(told(completed=value))


def test_an_old_sample_holds_the_step_as_no_data():
    before, after = counted(told(clock=1_000, completed="0", errors="0")), counted(told(clock=1_060, age=30))
    reading = difference(before["2.2.0"], after["2.2.0"])
    decision = decide(reading, None, Limits(error_rate=0.5), elapsed=30)
    assert (decision.act, decision.outcome) == (Act.HOLD, Outcome.NO_DATA)
    assert "for 30 s" in decision.reason


@pytest.mark.parametrize("skew", [-86_400.0, 86_400.0])
def test_its_clock_need_not_be_ours(skew):
    now = time.time() + skew
    before, after = (counted(told(clock=at, completed=count)) for at, count in ((now, "50"), (now + 10, "150")))
    reading = difference(before["2.2.0"], after["2.2.0"])
    assert (reading.requests, reading.seconds) == (100, pytest.approx(10.0))


def test_a_clock_that_jumps_back_is_a_new_start():
    before, after = (counted(told(clock=at, completed=count)) for at, count in ((1_000, "50"), (900, "150")))
    assert difference(before["2.2.0"], after["2.2.0"]) is None


def test_counters_that_fell_are_a_new_start():
    before, after = (counted(told(clock=at, completed=count)) for at, count in ((1_000, "150"), (1_010, "50")))
    assert difference(before["2.2.0"], after["2.2.0"]) is None


def test_the_default_queries():
    asked = queries("my-api", ["1.0.0"], match='job="edge"')
    assert 'envoy_cluster_name=~"my\\\\-api@1_0_0", job="edge"}' in asked["versions"]
    assert 'olorin_cluster=~"my\\\\-api@1\\\\.0\\\\.0", job="edge"}' in asked["operations"]
    assert asked["uptime"] == 'envoy_server_uptime{job="edge"}'


def test_it_is_opened_by_name():
    assert isinstance(open_metrics("prometheus", url="http://127.0.0.1:9"), PrometheusMetrics)
