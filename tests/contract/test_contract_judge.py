"""What the judge says of single exchanges, and what it does not say when there is doubt."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from olorin_pipelines.contract.judge import CHECKS, Exchange, Judge, Timing
from olorin_pipelines.contract.judge.checks import ours
from olorin_pipelines.contract.settings import OWN_CHECKS, PROMISED_CHECKS

BEARER = {"authorization": "[Filtered]"}
JSON = {"content-type": "application/json"}


def schema(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **more}


def content(of: dict[str, Any]) -> dict[str, Any]:
    return {"description": "x", "content": {"application/json": {"schema": of}}}


BODY = schema(
    {
        "n": {"type": "integer", "minimum": 1, "exclusiveMaximum": 10, "multipleOf": 3},
        "f": {"type": "number", "multipleOf": 0.1},
        "s": {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]\\d*$"},
        "e": {"enum": ["a", "b", 1]},
        "l": {"type": "array", "maxItems": 2, "uniqueItems": True},
        "o": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
        "d": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "maxLength": 2}]},
        "r": {"type": "string", "readOnly": True},
    },
    required=["n", "r"],
    additionalProperties=False,
)
PAGE = schema({"items": {"type": "array"}, "total": {"type": "integer"}})
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "security": [{"bearer": []}],
    "paths": {
        "/x": {
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 50}},
                    {"name": "offset", "in": "query", "schema": {"type": "integer"}},
                    {"name": "state", "in": "query", "schema": {"enum": ["open", "done"]}},
                    {"name": "X-Trace", "in": "header", "required": True, "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        **content(PAGE),
                        "headers": {"X-Left": {"required": True, "schema": {"type": "integer"}}},
                    },
                    "404": content(schema({"error": {"type": "string"}}, required=["error"])),
                },
            },
            "post": {
                "security": [],
                "requestBody": {"required": True, **content(BODY)},
                "responses": {"201": {"description": "made"}, "422": {"description": "no"}},
            },
        },
        "/x/{id}": {
            "get": {
                "security": [],
                "responses": {
                    "200": content(schema({"at": {"type": "string", "format": "date-time"}, "u": {"format": "uri"}})),
                    "404": {"description": "gone"},
                },
            },
            "delete": {"security": [], "responses": {"204": {"description": "gone"}}},
        },
    },
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
}


def listed(*, status: int = 200, query: str = "", body: Any = None, **changes: Any) -> Exchange:
    said: dict[str, Any] = {
        "method": "GET",
        "headers": {**BEARER, "x-trace": "t"},
        "answer_headers": {**JSON, "x-left": "3"},
        "answer": json.dumps(body if body is not None else {"items": []}).encode(),
    }
    return Exchange(operation="GET /x", path="/x", query=query, status=status, **{**said, **changes})


def posted(value: Any, *, status: int = 201, **changes: Any) -> Exchange:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    said: dict[str, Any] = {"headers": JSON, "body": body}
    return Exchange(operation="POST /x", method="POST", path="/x", status=status, **{**said, **changes})


def read(path: str = "/x/1", *, status: int = 200, body: Any = None, **changes: Any) -> Exchange:
    said: dict[str, Any] = {"answer_headers": JSON, "answer": json.dumps(body or {}).encode()}
    return Exchange(operation="GET /x/{id}", method="GET", path=path, status=status, **{**said, **changes})


def deleted(path: str = "/x/1") -> Exchange:
    return Exchange(operation="DELETE /x/{id}", method="DELETE", path=path, status=204)


def found(*exchanges: Exchange) -> list[str]:
    judge = Judge(DOCUMENT)
    return [each.check for exchange in exchanges for each in judge.take(exchange).violations if not each.advisory]


@pytest.mark.parametrize(
    ("exchange", "checks"),
    [
        (listed(), []),
        (listed(status=500), ["server_error"]),
        (listed(status=418), ["status_documented"]),
        (listed(answer_headers={"content-type": "text/html", "x-left": "1"}), ["content_type"]),
        (listed(answer_headers=JSON), ["response_headers"]),
        (listed(answer_headers={**JSON, "x-left": "few"}), ["response_headers"]),
        (listed(answer_headers={**JSON, "x-left": "[Filtered]"}), []),
        (listed(body={"items": 1}), ["response_schema"]),
        (listed(answer=b"{"), ["response_schema"]),
        (listed(answer=b"{", whole=False), []),
        (listed(status=404, body={"error": "x"}, answer_headers=JSON), []),
        (listed(status=404, body={}, answer_headers=JSON), ["error_body"]),
        (listed(status=404, answer_headers={"content-type": "text/plain"}), ["error_body"]),
        (listed(headers={"x-trace": "t"}), ["auth_required"]),
        (listed(headers={"x-trace": "t"}, status=404, body={"error": "x"}), []),
        (listed(headers=BEARER), ["constraints_enforced"]),
        (listed(query="limit=51"), ["constraints_enforced"]),
        (listed(query="state=other"), ["constraints_enforced"]),
        (listed(query="limit=1&limit=99"), []),
        (listed(query="limit=NaN"), []),
        (listed(query="limit=%2B99"), []),
        (listed(query="state="), []),
        (listed(query="limit=1", body={"items": [1, 2]}), ["pagination_honoured"]),
        (listed(method="PUT"), ["unsupported_method"]),
        (listed(method="PUT", status=404), []),
        (listed(method="POST"), []),
        (listed(method="HEAD"), []),
        (read(body={"at": "2026-01-01T00:00:00Z", "u": "::"}), []),
        (read(body={"at": "2026-01-01T00:00:00"}), []),
        (read(body={"at": "2026-01-01 00:00:00"}), ["response_schema"]),
        (read(body={"at": "1.1.2026"}), ["response_schema"]),
        (read("/x/a%2Fb", status=404), []),
        (posted({"n": 3}, status=422, valid=True), []),
        (posted({"n": 3}, status=422), []),
        (posted(b"\xff", status=400), []),
        (posted(b"{", status=400), []),
        (posted({}, status=400), ["status_documented"]),
        (posted(b"<x/>", status=415, headers={"content-type": "text/xml"}), []),
    ],
)
def test_single_exchanges(exchange: Exchange, checks: list[str]) -> None:
    assert found(exchange) == checks


@pytest.mark.parametrize(
    "body",
    [{}, {"n": 0}, {"n": 10**30}, {"n": 4}, {"n": 3, "z": 1}, {"n": 3, "e": "c"}, {"n": 3, "l": [1, 2, 3]}, b"{", b""]
    + [{"n": 3, "s": text} for text in ("a", "a1234", "1a")]
    + [{"n": 3, "o": 0}],
)
def test_what_was_accepted_against_the_document(body: Any) -> None:
    assert found(posted(body)) == ["constraints_enforced"]


@pytest.mark.parametrize(
    "more",
    [
        {"n": "0"},  # a lenient parser reads it as a number of another kind
        {"f": 0.30000000000000004},
        {"s": "a١"},  # \d, where it means every digit
        {"s": " a1 "},  # stripped first
        {"s": "a1\n"},  # $, where it means before the last line feed
        {"s": "é\u0301"},  # how long is it?
        {"e": "1"},
        {"e": True},
        {"d": "12345"},  # a number for one who coerces
        {"o": None},
    ],
)
def test_doubt_is_no_accusation(more: dict[str, Any]) -> None:
    assert found(posted({"n": 3, **more})) == []


def test_a_wrong_value_that_was_accepted_and_is_given_back_is_one_failure() -> None:
    over = listed(query="limit=51")
    assert found(over, listed(body={"items": [], "total": "51"})) == ["constraints_enforced", "response_schema"]
    given_back = {**DOCUMENT["paths"]["/x"]["get"]["responses"]["200"], **content(schema({"limit": {"maximum": 50}}))}
    document = json.loads(json.dumps(DOCUMENT))
    document["paths"]["/x"]["get"]["responses"]["200"] = given_back
    judge = Judge(document)
    assert [each.check for each in judge.take(over).violations] == ["constraints_enforced"]
    assert judge.take(listed(body={"limit": 51})).violations == ()
    assert [each.check for each in judge.take(listed(body={"limit": 52})).violations] == ["response_schema"]


def test_a_time_without_offset_is_shown_only() -> None:
    (violation,) = Judge(DOCUMENT).take(read(body={"at": "2026-01-01T00:00:00"})).violations
    assert (violation.check, violation.advisory) == ("response_schema", True)


def test_repeated_items_are_shown_only() -> None:
    (violation,) = Judge(DOCUMENT).take(posted({"n": 3, "l": [1, 1]})).violations
    assert (violation.check, violation.advisory) == ("constraints_enforced", True)


def test_what_was_deleted_is_gone_until_it_is_made_again() -> None:
    assert found(read(), deleted(), read(status=404), read("/x/2")) == []
    assert found(deleted(), read()) == ["use_after_delete"]
    assert found(deleted(), posted({"n": 3}), read()) == [], "the id may have been given again"


def test_what_was_made_is_there_until_something_is_deleted() -> None:
    made = posted({"n": 3}, answer_headers={"location": "http://h/base/x/7"})
    assert found(made, read("/x/7", status=404)) == ["resource_available"]
    assert found(made, deleted("/x/7"), read("/x/7", status=404)) == []


def test_the_same_request_again() -> None:
    missing = listed(status=404, body={"error": "x"}, answer_headers=JSON, probe="again")
    assert found(listed(), missing) == ["same_again"]
    assert found(listed(), listed(probe="again")) == []
    assert found(listed(), posted({"n": 3}), missing) == [], "something was written there"
    assert found(read(), read(status=404, probe="again")) == ["same_again"]


def decided(*exchanges: Exchange) -> list[str]:
    judge = Judge(DOCUMENT)
    assert all(each.advisory for exchange in exchanges for each in judge.take(exchange).violations)
    return [each.check for each in judge.end()]


def test_a_refusal_of_what_is_valid_counts_when_one_named_value_explains_it() -> None:
    accepted = posted({"n": 3, "s": "a12"}, valid=True)
    bound = posted({"n": 3, "s": "a12", "o": 1}, status=422, valid=True)
    assert decided(bound, accepted) == ["valid_request_accepted"]
    assert decided(bound) == [], "there is nothing to compare it with"
    both = posted({"n": 6, "s": "a1", "o": 1}, status=422, valid=True)
    assert decided(accepted, both) == [], "it may be a rule between them"
    assert decided(bound, bound, bound) == ["valid_request_accepted"], "nothing is ever accepted"


def test_turning_pages() -> None:
    first = listed(query="limit=1&offset=0", body={"items": [1], "total": 5})
    assert found(first, listed(query="limit=1&offset=1", body={"items": [1], "total": 5})) == ["pagination_honoured"]
    assert found(first, listed(query="limit=1&offset=1", body={"items": [2], "total": 5})) == []
    assert found(first, listed(query="limit=1&offset=1", body={"items": [1], "total": 1})) == [], "there is one only"
    assert found(first, posted({"n": 3}), listed(query="limit=1&offset=1", body={"items": [1], "total": 5})) == []
    whole = [listed(body={"items": [1, 2, 3]}), listed(query="offset=0&limit=1", body={"items": [1]})]
    assert found(*whole, listed(query="offset=1&limit=1", body={"items": [1]})) == ["pagination_honoured"]


def test_a_bad_token_is_accepted_only_where_no_token_is_refused() -> None:
    refused = listed(status=404, body={"error": "x"}, answer_headers=JSON)
    bad = listed(probe="unsigned_token")
    assert found(bad) == []
    without = listed(headers={"x-trace": "t"}, status=401, probe="no_token")
    assert found(without, bad, bad)[-1:] == ["token_refused"]
    assert found(without, bad, bad).count("token_refused") == 1, "one cause is one failure"
    assert found(without, refused) == ["status_documented"]


def test_a_slow_operation_is_measured_against_the_others() -> None:
    judge = Judge(DOCUMENT, timing=Timing(slow_ms=100, times_slower=5))
    for _ in range(3):
        judge.take(listed(elapsed_ms=120))
        judge.take(read(elapsed_ms=2))
    (violation,) = judge.end()
    assert (violation.operation, violation.check, violation.advisory) == ("GET /x", "response_time", True)
    alone = Judge(DOCUMENT)
    for _ in range(3):
        alone.take(listed(elapsed_ms=9_999))
    assert alone.end() == ()


def test_a_schema_that_cannot_be_used_is_not_judged() -> None:
    document = {"openapi": "3.1.0", "paths": {"/x": {"get": {"responses": {"200": content({"$ref": "http://h/x"})}}}}}
    exchange = Exchange(operation="GET /x", method="GET", path="/x", status=200, answer=b"{}", answer_headers=JSON)
    assert Judge(document).take(exchange).told is False


def test_every_check_that_is_switched_on_is_folded_into_one_of_ours() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    assert {ours(theirs) for theirs in (*OWN_CHECKS, *PROMISED_CHECKS)} <= set(names)


def test_it_is_fast_enough_to_judge_thousands() -> None:
    judge = Judge(DOCUMENT)
    exchanges = [listed(query="limit=3", body={"items": [1, 2], "total": 9}), posted({"n": 3, "s": "a1"}), posted({})]
    started = time.process_time()
    for _ in range(300):
        for exchange in exchanges:
            judge.take(exchange)
    assert time.process_time() - started < 0.6, "1,500 in a second at least"


def test_a_documented_header_that_never_comes_is_shown() -> None:
    document = json.loads(json.dumps(DOCUMENT))
    document["paths"]["/x/{id}"]["get"]["responses"]["200"]["headers"] = {"ETag": {"schema": {"type": "string"}}}
    judge = Judge(document)
    for number in range(5):
        assert judge.end() == ()
        judge.take(read(f"/x/{number}"))
    (violation,) = judge.end()
    assert (violation.check, violation.advisory) == ("response_headers", True)
    judge.take(read("/x/9", answer_headers={**JSON, "etag": "1"}))
    assert judge.end() == ()
