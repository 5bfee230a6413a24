"""Metrics where another router than our Envoy moves the traffic: queries of the user, asked of a real Prometheus."""

from __future__ import annotations

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
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.means import metrics_of
from olorin_pipelines.pipeline.release import release

NAME = "shop"
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

    It answers as the versions do, too; `bad` is how many of a hundred requests of 2.0.0 fail.
    """

    def __init__(self) -> None:
        self.bad, self.failed, self.scrapes = 0, 0, 0
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = (world.page() if self.path == "/metrics" else "ok").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

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


@pytest.fixture
def place(tmp_path, mesh):
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
        "router": "command",
        "command": {"apply": [sys.executable, "route.py", "apply"], "read": [sys.executable, "route.py", "read"]},
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
