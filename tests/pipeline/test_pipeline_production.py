"""The look at production goes through the guard, and names what drifted."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from olorin_pipelines.gate import Outcome
from olorin_pipelines.pipeline.production import check_production

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1.0.0"},
    "paths": {
        path: {
            "get": {
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"type": "object", "required": ["id"]}}},
                    }
                }
            },
            "post": {"responses": {"201": {"description": ""}}},
        }
        for path in ("/orders", "/prices")
    },
}


@pytest.fixture
def shop() -> Any:
    """A shop on a socket of its own; `answers` is what its paths say, `asked` what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self._serve
            raise AttributeError(name)

        def _serve(self) -> None:
            server.asked.append((self.command, self.path, self.headers.get("X-Olorin-Synthetic")))
            body = json.dumps(server.answers.get(self.path, {})).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Shop(ThreadingHTTPServer):
        daemon_threads = True
        asked: list[tuple[str, str, str | None]]
        answers: dict[str, Any]

    server = Shop(("127.0.0.1", 0), Handler)
    server.asked, server.answers = [], {"/openapi.json": DOCUMENT, "/orders": {"id": 1}, "/prices": {"id": 2}}
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def url_of(shop: Any) -> str:
    return f"http://127.0.0.1:{shop.server_address[1]}"


def test_a_drift_of_production_is_red_and_names_the_operation(workplace: Any, shop: Any) -> None:
    place = workplace(url_of(shop))
    before = check_production(place, "investigations").result
    assert before.outcome is Outcome.PASS, before.summary
    shop.answers["/prices"] = {"identifier": 2}
    after = check_production(place, "investigations").result
    assert after.outcome is Outcome.FAIL
    assert "GET /prices the body violates its schema" in after.summary
    assert [row["operation"] for row in after.rows if row["outcome"] == "fail"] == ["GET /prices"]
    shop.answers["/prices"] = {"id": 2}
    assert check_production(place, "investigations").result.outcome is Outcome.PASS


def test_all_of_it_passes_the_guard_and_is_marked(workplace: Any, shop: Any) -> None:
    place = workplace(url_of(shop))
    result = check_production(place, "investigations").result
    assert shop.asked == [("GET", path, "production-check") for path in ("/openapi.json", "/orders", "/prices")]
    assert (result.facts["guard_passed"], result.facts["guard_refused"]) == (3, 0)
    log = [
        json.loads(line) for line in (place.config.state / "guard" / "investigations.ndjson").read_text().splitlines()
    ]
    assert [(line["method"], line["path"], line["status"]) for line in log] == [
        ("GET", "/openapi.json", 200),
        ("GET", "/orders", 200),
        ("GET", "/prices", 200),
    ]


def test_without_envoy_production_is_not_asked_and_the_check_says_what_is_missing(
    workplace: Any, shop: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr("olorin_pipelines.envoy.program.importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("olorin_pipelines.envoy.program.sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    result = check_production(workplace(url_of(shop)), "investigations").result
    assert result.outcome is Outcome.ERROR
    assert "Envoy is not installed" in result.summary
    assert shop.asked == []
