"""Metrics where another router than our Envoy moves the traffic: queries of the user, asked of a real Prometheus."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from delivery_world import eventually, free_port
from pydantic import ValidationError

from olorin_pipelines.config import PrometheusQueries, load_config
from olorin_pipelines.delivery.readings import difference
from olorin_pipelines.pipeline import revert
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.means import metrics_of, router_of
from olorin_pipelines.pipeline.release import release

NAME, SECRET = "shop", "a-key-of-the-tests"
BOUNDS = (0.01, 0.1, 1.0)
QUERIES = {
    "requests": 'http_requests_total{service="{service}", version="{version}"}',
    "errors": 'http_requests_total{service="{service}", version="{version}", code=~"5.."}',
    "buckets": 'sum by (le) (http_seconds_bucket{version="{version}"})',
    "latency": 'sum(http_seconds_sum{version="{version}"})',
}
ROUTE = """\
import json, os, pathlib, sys
file = pathlib.Path("weights.json")
if sys.argv[1] == "read":
    print(file.read_text())
else:
    weights = {os.environ["OLORIN_STABLE"]: int(os.environ["OLORIN_STABLE_WEIGHT"])}
    if os.environ["OLORIN_CANDIDATE"]:
        weights[os.environ["OLORIN_CANDIDATE"]] = int(os.environ["OLORIN_WEIGHT"])
    file.write_text(json.dumps({"weights": weights}))
"""


class Mesh:
    """Two versions behind a router of the user, as its metrics tell them; each scrape is a hundred requests later.

    It answers as the versions do, too; `bad` is how many of a hundred requests of 2.0.0 fail. Where it is told the
    routes itself, at /routes, `told` are all of them, and a body that is not signed is refused.
    """

    def __init__(self) -> None:
        self.bad, self.failed, self.scrapes = 0, 0, 0
        self.told: list[dict] = [{"weights": {"1.0.0": 100}}]
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                routes = json.dumps({"weights": world.told[-1]["weights"]})
                known = {"/metrics": world.page, f"/routes?service={NAME}": lambda: routes}
                self.answer(200, known.get(self.path, lambda: "ok")())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                made = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
                if self.headers["X-Olorin-Signature-256"] != f"sha256={made}":
                    self.answer(401, "who are you?")
                    return
                world.told.append(json.loads(body))
                self.answer(202, "")

            def answer(self, status: int, said: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "text/plain")
                self.send_header("X-Service-Version", "1.0.0")
                self.send_header("Content-Length", str(len(said.encode())))
                self.end_headers()
                self.wfile.write(said.encode())

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def page(self) -> str:
        self.scrapes += 1
        self.failed += self.bad
        lines: list[str] = []
        for version, failed in (("1.0.0", 0), ("2.0.0", self.failed)):
            labels = f'service="{NAME}", version="{version}"'
            total = 100 * self.scrapes
            counted = (("200", total - failed), ("500", failed))
            lines += [f'http_requests_total{{{labels}, code="{code}"}} {count}' for code, count in counted]
            lines += [f'http_seconds_bucket{{{labels}, le="{bound}"}} {total}' for bound in (*BOUNDS, "+Inf")]
            lines.append(f"http_seconds_sum{{{labels}}} {0.5 * self.scrapes}")
        return "\n".join(lines) + "\n"


@pytest.fixture
def mesh():
    running = Mesh()
    yield running
    running.server.shutdown()
    running.server.server_close()


def by_program(_mesh: Mesh) -> dict:
    programs = {key: [sys.executable, "route.py", key] for key in ("apply", "read")}
    return {"router": "command", "command": programs}


def by_service(mesh: Mesh) -> dict:
    url = f"http://127.0.0.1:{mesh.port}"
    told = {"url": f"{url}/routes", "read": f"{url}/routes", "secret": "${MESH_SECRET}", "entry": url}
    return {"router": "webhook", "webhook": told}


@pytest.fixture(params=[by_program])
def place(request, tmp_path, mesh, monkeypatch):
    monkeypatch.setenv("MESH_SECRET", SECRET)
    if shutil.which("prometheus") is None:
        pytest.skip("Prometheus is not installed (apt-get install prometheus)")
    port, folder = free_port(), tmp_path / "prometheus"
    folder.mkdir()
    scrape = {"job_name": "mesh", "static_configs": [{"targets": [f"127.0.0.1:{mesh.port}"]}]}
    settings = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": [scrape]}
    (folder / "prometheus.yml").write_text(json.dumps(settings))
    options = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    command = ["prometheus", *options, f"--web.listen-address=127.0.0.1:{port}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, start_new_session=True, stdout=log, stderr=log)
    (tmp_path / "route.py").write_text(ROUTE)
    (tmp_path / "weights.json").write_text('{"weights": {"1.0.0": 100}}')
    rollout = {
        **request.param(mesh),
        "metrics": "prometheus",
        "prometheus": {"url": f"http://127.0.0.1:{port}", "queries": QUERIES},
        "steps": [10, 100],
        "step_seconds": 2,
        "step_deadline_seconds": 30,
    }
    url = f"http://127.0.0.1:{mesh.port}"
    service = {"environments": {"production": {"url": url}}, "rollout": rollout}
    (tmp_path / "olorin.yaml").write_text(json.dumps({"services": {NAME: service}}))
    place = Workplace(load_config(tmp_path / "olorin.yaml", environ={}))

    def scraped() -> bool:
        assert process.poll() is None, (folder / "log").read_text()[-2000:]
        try:
            return (
                httpx.get(f"http://127.0.0.1:{port}/-/ready", trust_env=False).status_code == 200 and mesh.scrapes > 1
            )
        except httpx.HTTPError:
            return False

    try:
        eventually(scraped, within=60, every=0.1)
        yield place
    finally:
        place.registry.close()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@pytest.mark.slow
@pytest.mark.parametrize(("bad", "outcome"), [(0, "promoted"), (30, "aborted")])
def test_a_rollout_by_a_program_is_judged_by_the_users_own_counters(place, mesh, bad, outcome):
    mesh.bad = bad
    place.registry.found_serving(NAME, version="1.0.0", url=f"http://127.0.0.1:{mesh.port}")
    row, _ = place.registry.announce(NAME, environment="canary", version="2.0.0", url=f"http://localhost:{mesh.port}")
    place.registry.decide(row.id, verdict="accepted", decided_by="", because="")
    report = release(place.case(row.id))
    assert report.outcome == outcome, report.reason
    whole = report.measured[0]
    assert whole["requests"] >= 100
    assert whole["error_rate"] == pytest.approx(bad / 100, abs=0.02)
    assert whole["mean_ms"] == pytest.approx(5, rel=0.1)
    assert whole["p95_ms"] <= 10


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("place", [by_service], indirect=True)
@pytest.mark.parametrize(("bad", "ends"), [(0, ["promoted"]), (30, ["aborted", "rolled_back_degraded"])])
def test_a_rollout_by_a_service_of_the_user_and_its_way_back(place, mesh, bad, ends):
    """What the service was told, and what it says, are the judges: it counts no requests of a version apart."""
    mesh.bad = bad
    place.registry.found_serving(NAME, version="1.0.0", url=f"http://127.0.0.1:{mesh.port}")
    row, _ = place.registry.announce(NAME, environment="canary", version="2.0.0", url=f"http://localhost:{mesh.port}")
    place.registry.decide(row.id, verdict="accepted", decided_by="", because="")
    report = release(place.case(row.id))
    assert report.outcome == ends[0], report.reason
    weights = [route["weights"]["2.0.0"] for route in mesh.told[1:]]
    if not bad:
        assert (weights, router_of(place.config, NAME).read(NAME).weights) == ([10, 100], {"1.0.0": 0, "2.0.0": 100})
        return
    assert "error rate 30" in report.reason
    back = revert.finish(place, revert.precheck(place, NAME, deployment_id=row.id, reason=""))
    assert back["outcome"] == ends[1]
    assert "drain: nobody counts what is in flight" in back["reason"]
    proved = {proof["name"]: proof["outcome"] for proof in back["proofs"]}
    assert (proved["route_restored"], proved["answered_by_stable"]) == ("pass", "pass")
    assert proved["candidate_untouched"] == "no_data"
    assert weights == [10]
    assert mesh.told[-1]["weights"] == {"1.0.0": 100, "2.0.0": 0}
    assert [route["fence"] for route in mesh.told[1:]] == sorted({route["fence"] for route in mesh.told[1:]})


@pytest.mark.slow
def test_what_they_count_and_what_nobody_counts(place):
    metrics = metrics_of(place.config, NAME)
    before = eventually(lambda: len(found := metrics.read(NAME, ["1.0.0", "2.0.0", "9"])) == 2 and found, within=20)
    assert set(before) == {"1.0.0", "2.0.0"}

    def grown():
        reading = difference(before["1.0.0"], metrics.read(NAME, ["1.0.0"])["1.0.0"])
        return reading if reading.requests else None

    reading = eventually(grown, within=20, every=0.2)
    assert (reading.requests % 100, reading.errors) == (0, 0)
    assert reading.mean_ms == pytest.approx(5)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"requests": "sum(http_requests_total)"}, "without {version}"),
        ({"errors": "sum(http_errors_total)"}, "without {version}"),
        ({"latency": ""}, "go together"),
    ],
)
def test_queries_that_could_not_judge_are_refused(wrong, said):
    with pytest.raises(ValidationError, match=said):
        PrometheusQueries(**{**QUERIES, **wrong})
