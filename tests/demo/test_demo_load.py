"""The load generator is open-loop, bounded, and logs every request."""

from __future__ import annotations

import http.server
import io
import json
import threading
from collections import Counter
from typing import ClassVar

import pytest

from olorin_pipelines.demo.load import generate


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: ClassVar[Counter[str]] = Counter()

    def do_GET(self) -> None:
        Answers.seen[self.command] += 1
        self.send_response(200)
        self.send_header("X-Service-Version", "1.2.3")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def url():
    Answers.seen.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_request_is_logged_and_the_end_is_kept(url):
    log = io.BytesIO()
    sent = generate(url, rate=200, seconds=0.5, tokens=["t", "u"], log=log, stop=threading.Event())
    entries = [json.loads(line) for line in log.getvalue().splitlines()]
    assert sent == len(entries) == 100
    assert {(entry["status"], entry["version"]) for entry in entries} == {(200, "1.2.3")}
    assert Answers.seen == {"GET": 90, "POST": 10}


def test_no_answer_is_a_failed_request_not_a_crash():
    log = io.BytesIO()
    generate("http://127.0.0.1:1", rate=100, seconds=0.1, tokens=["t", "u"], log=log, stop=threading.Event())
    entries = [json.loads(line) for line in log.getvalue().splitlines()]
    assert len(entries) == 10
    assert all(entry["status"] == 0 and "ConnectionRefused" in entry["error"] for entry in entries)


def test_it_stops_when_told(url):
    stop = threading.Event()
    stop.set()
    assert generate(url, rate=10, seconds=60, tokens=["t", "u"], log=io.BytesIO(), stop=stop) == 0
