"""A drift of production is named, new at first, known then, and fixed after the mend."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from olorin_pipelines.gate import Outcome
from olorin_pipelines.pipeline.production import check_production

SERVICE = "investigations"


def look(place: Any) -> Any:
    return check_production(place, SERVICE).result


def counts(result: Any) -> tuple[object, ...]:
    return tuple(result.facts[name] for name in ("new", "known", "flaky", "fixed"))


def states(result: Any) -> set[object]:
    return {row["state"] for row in result.tables["failures"]}


def test_an_answer_that_drifts_is_new_then_known_then_fixed(workplace, release, tmp_path):
    broken = tmp_path / "broken"
    place = workplace(release("stable", fault=broken))
    first = look(place)
    assert (first.outcome, counts(first)) == (Outcome.PASS, (0, 0, 0, 0)), first.summary
    broken.touch()
    second = look(place)
    assert second.outcome is Outcome.FAIL
    row, *more = second.tables["failures"]
    found = 1 + len(more)
    assert row["operation"] == "GET /api/v1/investigations/"
    assert str(row["operation"]) in second.summary
    assert (states(second), counts(second)) == ({"new"}, (found, 0, 0, 0))
    third = look(place)
    assert (third.outcome, states(third), counts(third)) == (Outcome.FAIL, {"known"}, (0, found, 0, 0))
    assert third.summary.endswith(f"({found} known)")
    broken.unlink()
    fourth = look(place)
    assert (fourth.outcome, counts(fourth)) == (Outcome.PASS, (0, 0, 0, found))
    assert f"; fixed: {row['operation']} {row['check']}" in fourth.summary
    assert fourth.tables["fixed"][0]["operation"] == row["operation"]
    assert counts(look(place)) == (0, 0, 0, 0)
    broken.touch()
    assert states(look(place)) == {"flaky"}


def test_a_known_failure_is_shown_and_does_not_decide(workplace, release, tmp_path):
    broken = tmp_path / "broken"
    broken.touch()
    (tmp_path / "known.yaml").write_text(
        'known: [{check: response_schema, operation: "*", reason: under repair, expires: 2999-01-01}]'
    )
    result = look(workplace(release("stable", fault=broken), extra="    policy: {known_failures: known.yaml}\n"))
    assert result.outcome is Outcome.PASS, result.summary
    assert {row["excuse"] for row in result.tables["failures"]} == {"under repair, until 2999-01-01"}
    assert states(result) == {"new"}


class _Changing(BaseHTTPRequestHandler):
    document: dict[str, Any]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        pass

    def do_GET(self) -> None:
        answer = self.document if self.path == "/openapi.json" else {"name": "x", "age": 1}
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def document(*required: str) -> dict[str, Any]:
    properties = {name: {"type": "string" if name == "name" else "integer"} for name in required}
    schema = {"type": "object", "required": list(required), "properties": properties}
    response = {"200": {"description": "one", "content": {"application/json": {"schema": schema}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {
            "/pets/{id}": {"put": {"responses": response, "parameters": [_ID]}},
            "/pet": {"get": {"responses": response}},
        },
    }


_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


@pytest.fixture
def changing() -> Iterator[tuple[str, type[_Changing]]]:
    handler = type("Handler", (_Changing,), {"document": document("name", "age")})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", handler
    server.shutdown()
    server.server_close()


def test_a_document_that_drifts_is_new_then_known_then_fixed(workplace, changing):
    url, service = changing
    place = workplace(url)
    assert look(place).outcome is Outcome.PASS
    service.document = document("name")
    drifted = look(place)
    assert drifted.outcome is Outcome.FAIL
    assert "GET /pet" in drifted.summary or "PUT /pets/{id}" in drifted.summary
    assert "age" in drifted.summary
    assert {row["check"] for row in drifted.tables["failures"]} == {"served_document"}
    found = len(drifted.tables["failures"])
    assert counts(drifted) == (found, 0, 0, 0)
    assert counts(look(place)) == (0, found, 0, 0)
    service.document = document("name", "age")
    mended = look(place)
    assert (mended.outcome, counts(mended)) == (Outcome.PASS, (0, 0, 0, found))


def test_a_look_at_nothing_calls_nothing_fixed(workplace, changing):
    url, service = changing
    place = workplace(url)
    look(place)
    service.document = document("name")
    look(place)
    service.document = {}
    assert look(place).outcome is Outcome.ERROR
    service.document = document("name")
    assert look(place).tables["failures"][0]["state"] == "known"
