"""The probe of production: it only reads, and every kind of answer has its outcome."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from olorin_pipelines.contract import ProbeResult, ProbeRow, probe, probe_rows, production_honours
from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.gate import Outcome


def test_a_good_production_passes_and_is_only_read(
    service: Any, document: dict[str, Any], headers: dict[str, str]
) -> None:
    found = probe(document, url=service.url, headers=headers)
    assert [(row.operation, row.outcome, row.status) for row in found.rows] == [
        ("GET /items", Outcome.PASS, 200),
        ("GET /items/{item_id}", Outcome.PASS, 200),
    ]
    assert service.methods() == {"GET"}
    assert not any("cookie" in {name.lower() for name in asked} for *_, asked, _ in service.requests)
    check = production_honours(found)
    assert (check.name, check.outcome) == ("production_honours_schema", Outcome.PASS)
    assert probe_rows(found)[0]["outcome"] == "pass"


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        ("schema", 'at /0/id: [value] is not of type "integer"'),
        ("renamed", '"name" is a required property'),
        ("text", "content type text/plain is not documented for 200 (application/json is)"),
    ],
)
def test_a_violation_fails(
    service: Any, document: dict[str, Any], headers: dict[str, str], fault: str, detail: str
) -> None:
    service.reset(fault)
    found = probe(json.dumps(document).encode(), url=service.url, headers=headers)
    assert found.rows[0].outcome is Outcome.FAIL
    assert detail in found.rows[0].detail
    assert production_honours(found).outcome is Outcome.FAIL


def test_a_hanging_or_absent_production_is_an_error_row(service: Any, document: dict[str, Any]) -> None:
    service.reset("hang")
    found = probe(document, url=service.url, timeout=0.1)
    assert {row.outcome for row in found.rows} == {Outcome.ERROR}
    absent = probe(document, url="http://127.0.0.1:1")
    assert "no answer" in absent.rows[0].detail
    assert production_honours(absent).outcome is Outcome.ERROR
    service.stop.set()
    service.stop.clear()


def test_without_credentials_there_is_nothing_to_judge(service: Any, document: dict[str, Any]) -> None:
    found = probe(document, url=service.url)
    assert found.rows[0].detail == "answered 401: credentials are needed"
    assert production_honours(found).outcome is Outcome.NO_DATA


def one(operation: dict[str, Any], *, version: str = "3.1.0", path: str = "/x", **document: Any) -> dict[str, Any]:
    return {"openapi": version, "paths": {path: {"get": operation}}, **document}


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer))


def row_of(document: dict[str, Any], response: httpx.Response, **options: Any) -> ProbeRow:
    with answering(lambda _: response) as client:
        return probe(document, url="http://p", client=client, **options).rows[0]


def json_response(schema: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}


@pytest.mark.parametrize(
    ("version", "schema", "body", "outcome"),
    [
        ("3.0.3", {"type": "string", "nullable": True}, None, Outcome.PASS),
        ("3.0.3", {"type": "string", "enum": ["a"], "nullable": True}, None, Outcome.PASS),
        ("3.0.3", {"type": "string"}, None, Outcome.FAIL),
        ("3.1.0", {"type": "string", "nullable": True}, None, Outcome.FAIL),
        ("3.1.0", {"type": ["string", "null"]}, None, Outcome.PASS),
        ("3.0.3", {"type": "number", "maximum": 3, "exclusiveMaximum": True}, 3, Outcome.FAIL),
        ("3.1.0", {"type": "number", "exclusiveMaximum": 3}, 3, Outcome.FAIL),
        ("3.0.3", {"$ref": "#/components/schemas/Account"}, {"id": 1}, Outcome.PASS),
        ("3.1.0", {"$ref": "#/components/schemas/Account"}, {"nullable": "x"}, Outcome.FAIL),
        ("3.1.0", {"$ref": "http://never.invalid/schema"}, 1, Outcome.NO_DATA),
        ("3.1.0", {"$ref": "#/components/schemas/None"}, 1, Outcome.NO_DATA),
    ],
)
def test_schemas_of_both_versions(version: str, schema: Any, body: Any, outcome: Outcome) -> None:
    account = {
        "type": "object",
        "required": ["id", "password"],
        "properties": {
            "id": {"type": "integer"},
            "password": {"type": "string", "writeOnly": True},
            "nullable": {"type": "string"},
        },
    }
    document = one(json_response(schema), version=version, components={"schemas": {"Account": account}})
    answer = httpx.Response(200, content=json.dumps(body), headers={"content-type": "application/json"})
    assert row_of(document, answer).outcome is outcome


@pytest.mark.parametrize(
    ("response", "outcome", "detail"),
    [
        (httpx.Response(418), Outcome.FAIL, "status 418 is not documented (200 are)"),
        (httpx.Response(302, headers={"location": "http://else"}), Outcome.FAIL, "status 302 is not documented"),
        (httpx.Response(503), Outcome.FAIL, "answered 503"),
        (httpx.Response(429, headers={"retry-after": "0"}), Outcome.NO_DATA, "rate limited by the service"),
        (httpx.Response(200, content=b"{", headers={"content-type": "application/json"}), Outcome.FAIL, "not JSON"),
        (httpx.Response(200, content=b"x"), Outcome.FAIL, "content type missing"),
        (httpx.Response(200, json="x" * 1_100_000), Outcome.NO_DATA, "over 1,048,576 bytes"),
    ],
)
def test_answers(response: httpx.Response, outcome: Outcome, detail: str) -> None:
    row = row_of(one(json_response({"type": "string"})), response)
    assert row.outcome is outcome
    assert detail in row.detail


def test_values_of_production_are_not_repeated() -> None:
    row = row_of(one(json_response({"type": "integer"})), httpx.Response(200, json="alice@example.com"))
    assert row.outcome is Outcome.FAIL
    assert "alice" not in row.detail


def test_a_response_may_be_a_reference_and_media_a_range() -> None:
    shared = {"description": "", "content": {"application/*": {"schema": {"type": "integer"}}}}
    document = one(
        {"responses": {"2XX": {"$ref": "#/components/responses/r"}}}, components={"responses": {"r": shared}}
    )
    assert row_of(document, httpx.Response(200, json=1)).outcome is Outcome.PASS
    assert row_of(document, httpx.Response(200, json="a")).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("parameter", "address"),
    [
        ({"in": "query", "required": True, "example": "a b"}, "http://p/x?p=a+b"),
        ({"in": "query", "required": True, "examples": {"one": {"value": [1, 2]}}}, "http://p/x?p=1&p=2"),
        ({"in": "query", "required": True, "schema": {"default": [1, 2]}, "explode": False}, "http://p/x?p=1%2C2"),
        ({"in": "query", "required": True, "schema": {"enum": [True]}}, "http://p/x?p=true"),
        ({"in": "query", "required": True, "schema": {"$ref": "#/components/schemas/S"}}, "http://p/x?p=7"),
        ({"in": "query", "schema": {"default": 1}}, "http://p/x"),
    ],
)
def test_required_parameters_come_from_the_document(parameter: dict[str, Any], address: str) -> None:
    operation = {"parameters": [{"name": "p", **parameter}], "responses": {"200": {}}}
    asked: list[str] = []
    with answering(lambda request: asked.append(str(request.url)) or httpx.Response(200)) as client:
        probe(one(operation, components={"schemas": {"S": {"examples": [7]}}}), url="http://p/", client=client)
    assert asked == [address]


def test_a_path_is_filled_and_escaped() -> None:
    parameters = [{"name": "id", "in": "path", "required": True, "example": "a/b"}]
    asked: list[str] = []
    with answering(lambda request: asked.append(str(request.url)) or httpx.Response(200)) as client:
        probe(one({"parameters": parameters, "responses": {"200": {}}}, path="/x/{id}"), url="http://p", client=client)
    assert asked == ["http://p/x/a%2Fb"]


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ({"parameters": [{"name": "p", "in": "query", "required": True}]}, "'p' has no example"),
        ({"parameters": [{"name": "p", "in": "cookie", "required": True, "example": 1}]}, "not filled"),
        ({"requestBody": {"required": True}}, "request body is required"),
    ],
)
def test_what_cannot_be_called_says_why(operation: dict[str, Any], reason: str) -> None:
    row = row_of(one({**operation, "responses": {"200": {}}}), httpx.Response(200))
    assert row.outcome is Outcome.NOT_RUN
    assert reason in row.detail


def test_the_budget_of_the_whole_probe() -> None:
    row = row_of(one({"responses": {"200": {}}}), httpx.Response(200), seconds=0.0)
    assert (row.outcome, row.detail) == (Outcome.NOT_RUN, "the time of the probe was up")


def test_an_answer_that_does_not_end_is_an_error() -> None:
    ticks = iter(float(number) for number in range(0, 1000, 10))
    row = row_of(one({"responses": {"200": {}}}), httpx.Response(200, content=b"x"), monotonic=lambda: next(ticks))
    assert row.outcome is Outcome.ERROR
    assert "did not end within" in row.detail


def test_nothing_called_is_no_data() -> None:
    assert production_honours(ProbeResult(url="", rows=(), seconds=0)).outcome is Outcome.NO_DATA
    with pytest.raises(DocumentInvalid):
        probe(b"{", url="http://p")
    with pytest.raises(DocumentInvalid):
        probe(b"[]", url="http://p")
