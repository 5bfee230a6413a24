"""A version that a health endpoint names twice is announced once; what names none is said, in bounded time."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from olorin_pipelines.config import load_config
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.poll import poll


class Health:
    """A health endpoint: `body` and `header` are what it names."""

    def __init__(self) -> None:
        self.body: object = {"build": {"version": "2.1.0"}}
        self.raw: bytes | None = None
        self.header, self.status, self.path = "", 200, ""


@pytest.fixture
def health():
    state = Health()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            state.path = self.path
            body = state.raw if state.raw is not None else json.dumps(state.body).encode()
            self.send_response(state.status)
            if state.header:
                self.send_header("X-Version", state.header)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def world(tmp_path, health):
    places = []

    def make(how="{path: /health, pointer: /build/version}", url=None):
        file = tmp_path / "olorin.yaml"
        file.write_text(
            "services: {pets: {environments: {production: {url: 'http://127.0.0.1:9'}, "
            f"canary: {{url: '{url or health.url}', version_from: {how}}}}}}}}}\n"
        )
        places.append(Workplace(load_config(file, environ={})))
        return places[-1]

    yield make
    for place in places:
        place.registry.close()


def polls(place, times, seen=None):
    told = []
    for _ in range(times):
        told, seen = poll(place, seen or {})
    return told[0], seen


def test_a_version_seen_twice_is_announced_once(world, health):
    place = world()
    first, seen = polls(place, 1)
    assert (first.version, first.announced) == ("2.1.0", "")
    second, seen = polls(place, 1, seen)
    (row,) = place.registry.deployments()
    assert (second.announced, row.version, row.environment, row.url) == (row.id, "2.1.0", "canary", health.url)
    assert row.run_id is None, "the deployments sensor takes it up"
    place.registry.end(row.id, "rolled_back")
    polls(place, 3, seen)
    assert len(place.registry.deployments()) == 1, "what was taken back is not tried again"
    assert health.path == "/health"


def test_versions_that_answer_in_turns_are_not_announced(world, health):
    place, seen = world(), {}
    for version in ("2.1.0", "2.2.0", "2.1.0", "2.2.0"):
        health.body = {"build": {"version": version}}
        _, seen = polls(place, 1, seen)
    assert not place.registry.deployments()
    polls(place, 1, seen)
    assert [row.version for row in place.registry.deployments()] == ["2.2.0"]


def test_what_production_serves_is_no_news(world):
    place = world()
    place.registry.found_serving("pets", version="2.1.0", url="http://127.0.0.1:9")
    polls(place, 3)
    assert not place.registry.deployments()


def test_a_header_may_name_it_whatever_the_status(world, health):
    health.header, health.status = "3.0", 503
    told, _ = polls(world("{header: X-Version}"), 2)
    assert told.version == "3.0"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"body": {"build": {}}}, "names no version at /build/version"),
        ({"body": {"build": {"version": 2}}}, "names no version"),
        ({"body": {"build": {"version": "x" * 201}}}, "names no version"),
        ({"body": {"build": {"version": "2\n1"}}}, "names no version"),
        ({"raw": b"<html>"}, "not JSON"),
        ({"raw": b"x" * 300_000}, "longer than"),
        ({"status": 500}, "answers 500"),
    ],
)
def test_what_names_no_version_is_said(world, health, state, said):
    for name, value in state.items():
        setattr(health, name, value)
    place = world()
    told, seen = polls(place, 2)
    assert said in told.trouble
    assert (seen, list(place.registry.deployments())) == ({}, [])


def test_who_does_not_answer_is_given_up_in_time(world):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        told, _ = polls(world("{path: /health, timeout: 0.2}", url), 1)
    assert "no answer" in told.trouble
