"""What a failure says: the smallest request, the line of the document, what it wants and what came, and its name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from olorin_pipelines.contract.events import Fold
from olorin_pipelines.contract.evidence import EXCERPT
from olorin_pipelines.contract.failures import Failures
from olorin_pipelines.contract.fingerprint import fingerprint
from olorin_pipelines.contract.judge import Violation
from olorin_pipelines.contract.judge.promise import written

ITEMS = "/components/schemas/Item"


def scenario(document: dict[str, Any], *answers: tuple[str, int, Any], key: str = "GET /items") -> Fold:
    """Fold answers to requests by their query."""
    method, _, path = key.partition(" ")
    recorder: dict[str, Any] = {"label": key, "cases": {}, "interactions": {}, "checks": {}}
    for number, (query, status, body) in enumerate(answers):
        recorder["cases"][f"c{number}"] = {"value": {"method": method, "path": path}}
        recorder["interactions"][f"c{number}"] = {
            "request": {
                "method": method,
                "uri": f"http://h{path}{query}",
                "headers": {"Authorization": ["[Filtered]"]},
            },
            "response": {
                "status_code": status,
                "headers": {"Content-Type": ["application/json"]},
                "content": json.dumps(body),
                "elapsed": 0.25,
            },
        }
    fold = Fold(document)
    fold.add(json.dumps({"ScenarioFinished": {"phase": "coverage", "recorder": recorder}}).encode())
    fold.end()
    return fold


def test_one_cause_is_one_failure_shown_by_its_smallest_request(document: dict[str, Any]) -> None:
    fold = scenario(
        document,
        ("?limit=50", 200, [{"id": "1", "name": "a"}]),
        ("?limit=5", 200, [{"id": 1, "name": "a"}, {"id": "2", "name": "b"}]),
        ("", 200, [{"id": "3", "name": "c"}]),
        ("?limit=7", 200, [{"id": "4", "name": "d"}]),
    )
    (failure,) = fold.failures()
    assert failure.times == 4
    assert failure.curl.endswith("http://h/items")
    assert failure.pointer == f"{ITEMS}/properties/id/type"
    assert (failure.expected, failure.got) == ('type: "integer"', "a text of 1 characters")
    assert failure.answered
    assert failure.answered.body == '[{"id": "3", "name": "c"}]'
    assert failure.answered.milliseconds == 250.0
    assert (fold.operations()[0].p50_ms, fold.operations()[0].p95_ms) == (250.0, 250.0)


@pytest.mark.parametrize(
    ("status", "body", "check", "pointer", "expected", "got"),
    [
        (200, [{"id": 1}], "response_schema", f"{ITEMS}/required", "the property 'name'", "no such property"),
        (200, {}, "response_schema", "…/responses/200/content/application~1json/schema/type", 'type: "array"',
         "an object of 0 properties"),
        (418, {}, "status_documented", "…/responses", "one of 200, 400, 401, 404", "418"),
        (503, {}, "server_error", "…/responses", "no answer of 5xx", "503"),
        (404, {"e": 1}, "error_body", "/components/schemas/Problem/required", "the property 'error'",
         "no such property"),
    ],
)  # fmt: skip
def test_a_failure_names_the_line_that_was_broken(
    document: dict[str, Any], status: int, body: Any, check: str, pointer: str, expected: str, got: str
) -> None:
    (failure,) = scenario(document, ("", status, body)).failures()
    assert (failure.check, failure.expected, failure.got) == (check, expected, got)
    assert failure.pointer == pointer.replace("…", "/paths/~1items/get")


def test_the_name_of_a_cause_depends_on_neither_values_nor_the_names_of_parameters(document: dict[str, Any]) -> None:
    one = scenario(document, ("?limit=5", 200, [{"id": "1", "name": "a"}])).failures()[0]
    other = scenario(document, ("", 200, [{"id": 1, "name": "a"}, {"id": True, "name": "a"}])).failures()[0]
    elsewhere = scenario(document, ("", 200, [{"id": 1, "name": 2}])).failures()[0]
    assert one.fingerprint == other.fingerprint != elsewhere.fingerprint
    assert fingerprint("c", "GET /x/{id}", "p") == fingerprint("c", "GET /x/{item_id}", "p")
    assert fingerprint("c", "GET /x/{id}", "p") != fingerprint("c", "GET /x", "p")


def test_an_excerpt_is_bounded(document: dict[str, Any]) -> None:
    (failure,) = scenario(document, ("", 200, [{"id": 1, "title": "x" * 9_000}])).failures()
    assert failure.answered
    assert len(failure.answered.body) == EXCERPT + 1
    assert failure.answered.size > 9_000


def test_a_pointer_is_one_of_the_document_as_it_is_written() -> None:
    document = {"a": {"nullable": True, "type": "object", "properties": {"x/y": {"type": "string"}}, "allOf": [{}]}}
    assert written(document, "/a/anyOf/1/properties/x~1y/type") == "/a/properties/x~1y/type"
    assert written(document, "/a/allOf/0/type") == "/a/allOf/0"
    assert written(document, "/a/allOf/7") == "/a/allOf"


def borrowed(key: str, title: str) -> dict[str, Any]:
    """A line of Schemathesis that says so of its `ignored_auth`."""
    method, _, path = key.partition(" ")
    check = {"name": "ignored_auth", "status": "failure", "failure_info": {"failure": {"title": title}}}
    interaction = {
        "request": {"method": method, "uri": f"http://h{path}", "headers": {"Authorization": ["[Filtered]"]}},
        "response": {"status_code": 200, "headers": {}, "content": "[]", "elapsed": 0.1},
    }
    case = {"value": {"method": method, "path": path}, "parent_id": "c0"}
    recorder = {"label": key, "cases": {"c": case}, "interactions": {"c": interaction}, "checks": {"c": [check]}}
    return {"ScenarioFinished": {"phase": "coverage", "recorder": recorder}}


@pytest.mark.parametrize("order", [1, -1])
def test_where_no_token_is_needed_a_bad_one_is_no_second_failure(document: dict[str, Any], order: int) -> None:
    """A replay, which compares nothing, names the one alone."""
    fold = Fold(document)
    said = ["API accepts requests without authentication", "API accepts invalid authentication"]
    for title in said[::order]:
        fold.add(json.dumps(borrowed("GET /items", title)).encode())
    assert {each.check for each in fold.failures()} & {"auth_required", "token_refused"} == {"auth_required"}
    assert fold.violations == len(fold.failures()), "what is told on the way is what is told at the end"


def test_what_is_only_shown_takes_nothing_away_from_what_decides() -> None:
    failures = Failures()
    failures.add(Violation(check="auth_required", message="said", operation="GET /items", advisory=True))
    failures.add(Violation(check="token_refused", message="said", operation="GET /items"))
    assert [each.check for each in failures.all(advisory=False)] == ["token_refused"]
    assert failures.count == 1


def test_a_bad_token_that_is_accepted_where_one_is_needed_is_named(document: dict[str, Any]) -> None:
    fold = Fold(document)
    fold.add(json.dumps(borrowed("GET /items", "API accepts invalid authentication")).encode())
    assert "token_refused" in [each.check for each in fold.failures()]
