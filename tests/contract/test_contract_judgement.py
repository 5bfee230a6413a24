"""What a report and a result are read as, without running anything."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

import olorin_pipelines.contract as contract
from olorin_pipelines.contract import Failure, OperationResult, SuiteResult, coverage, honours, operation_rows, rows
from olorin_pipelines.contract.events import Fold, documented_statuses, is_documented
from olorin_pipelines.contract.redaction import Redactor, secrets_of
from olorin_pipelines.gate import Outcome

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/x": {"get": {"responses": {"200": {}, "4XX": {}}}, "post": {"responses": {"201": {}}}, "parameters": []},
        "/y": {"get": {"responses": {"200": {}}}},
    }
}


def line(event: str, **value: Any) -> bytes:
    return json.dumps({event: value}).encode() + b"\n"


def scenario(
    *cases: tuple[str, str, int | None, list[str]],
    label: str,
    phase: str = "coverage",
    check: str = "response_schema_conformance",
) -> bytes:
    """A scenario of cases: method, path, status, messages of violations of the schema."""
    recorder: dict[str, Any] = {"label": label, "cases": {}, "interactions": {}, "checks": {}}
    for number, (method, path, status, messages) in enumerate(cases):
        case = f"c{number}"
        body = {"$base64": base64.b64encode(b'{"a": 1}').decode()}
        recorder["cases"][case] = {"value": {"method": method, "path": path}}
        recorder["interactions"][case] = {
            "request": {
                "method": method,
                "uri": f"http://h{path}",
                "headers": {"A": ["it's"], "B": [""]},
                "body": body,
            },
            # A body that was cut: what Schemathesis says of it counts, as nobody else has seen the whole.
            "response": None if status is None else {"status_code": status, "content_size": 99_999},
        }
        recorder["checks"][case] = [{"name": "not_a_server_error", "status": "success"}] + [
            {
                "name": check,
                "status": "failure",
                "failure_info": {"failure": {"title": "Response violates schema", "message": message}},
            }
            for message in messages
        ]
    return line("ScenarioFinished", phase=phase, recorder=recorder)


def folded(*lines: bytes) -> Fold:
    fold = Fold(DOCUMENT)
    for each in lines:
        fold.add(each)
    return fold


def message(value: str, place: str = "/a") -> str:
    return f"{value} is wrong\n\nSchema at {place}:\n\n    {{}}"


def test_failures_are_grouped_by_their_place_not_by_the_value_that_came() -> None:
    fold = folded(
        scenario(
            ("GET", "/x", 200, [message("1")]),
            ("GET", "/x", 200, [message("2")]),
            ("GET", "/x", 200, [message("3", place="/b")]),
            label="GET /x",
        )
    )
    assert [(f.times, f.message) for f in fold.failures()] == [
        (2, "Response violates schema: 1 is wrong"),
        (1, "Response violates schema: 3 is wrong"),
    ]
    first = fold.failures()[0]
    assert first.curl == """curl -X GET -H 'A: it'"'"'s' -H 'B;' --data-raw '{"a": 1}' http://h/x"""
    assert first.check == "response_schema"
    assert first.detail.startswith("Schemathesis response_schema_conformance: Response violates schema")
    assert "Schema at /a" in first.detail
    assert fold.operations()[0].failures == 3


def test_of_an_answer_that_was_cut_short_only_what_is_said_of_its_body_is_borrowed() -> None:
    """A valid request that was refused once is no violation, however long the refusal is."""
    refused = scenario(("GET", "/x", 422, ["refused"]), label="GET /x", check="positive_data_acceptance")
    assert folded(refused).failures() == ()
    assert folded(scenario(("GET", "/x", 422, ["wrong"]), label="GET /x")).failures() != ()


def test_a_request_by_another_method_counts_for_its_operation_but_not_its_statuses() -> None:
    fold = folded(scenario(("GET", "/x", 200, []), ("TRACE", "/x", 405, []), label="GET /x"))
    assert fold.operations()[0] == OperationResult(
        key="GET /x",
        cases=2,
        valid=1,
        statuses=(200,),
        documented=("200", "4XX"),
        exercised=True,
        succeeded=True,
        coverage=0.5,
    )


def test_stateful_cases_are_told_apart_by_their_own_method_and_path() -> None:
    fold = folded(scenario(("POST", "/x", 201, []), ("GET", "/y", None, []), label="Stateful tests", phase="stateful"))
    assert [(each.key, each.cases, each.exercised) for each in fold.operations()] == [
        ("GET /x", 0, False),
        ("POST /x", 1, True),
        ("GET /y", 1, False),
    ]
    assert fold.cases == 2


@pytest.mark.parametrize(
    ("status", "exercised", "succeeded"),
    [
        (200, True, True),
        (404, True, False),
        (401, False, False),
        (405, False, False),
        (500, False, False),
        (302, False, False),
    ],
)
def test_what_counts_as_reaching_an_operation(status: int, exercised: bool, succeeded: bool) -> None:
    result = folded(scenario(("GET", "/x", status, []), label="GET /x")).operations()[0]
    assert (result.exercised, result.succeeded) == (exercised, succeeded)


@pytest.mark.parametrize("documented", ["429", "default", "4XX", ""])
def test_a_refusal_for_now_is_judged_only_where_the_document_names_it(documented: str) -> None:
    """Its body is then documented too, and shall be as it says."""
    responses = {"200": {}, **({documented: {}} if documented else {})}
    fold = Fold({"paths": {"/x": {"get": {"responses": responses}}}})
    fold.add(scenario(("GET", "/x", 429, []), label="GET /x"))
    (operation,) = fold.operations()
    assert (operation.refused, operation.exercised) == (1, False)
    assert fold.judge.judged["error_body"] == (documented == "429")
    assert fold.failures() == ()


def test_the_rest_of_the_report() -> None:
    fold = folded(
        line("Initialize", schemathesis_version="4.32.5"),
        line("LoadingFinished"),
        line("NonFatalError", label="GET /x", value={"type": "ConnectionError", "message": "hung\nup"}),
        line("NonFatalError", label="GET /x", value={"type": "ConnectionError", "message": "hung\nup"}),
        line("EngineFinished", stop_reason="server_unavailable"),
        b'{"ScenarioFinished": {"recor',
    )
    assert (fold.version, fold.loaded, fold.stop_reason) == ("4.32.5", True, "server_unavailable")
    assert fold.errors == ("GET /x: hung up",)
    assert folded(line("FatalError", exception={"message": "no"})).fatal == "no"


def test_statuses_may_be_ranges() -> None:
    assert is_documented(418, ("4xx",))
    assert is_documented(500, ("default",))
    assert not is_documented(500, ("200", "4XX"))
    assert list(documented_statuses(DOCUMENT, only=("GET /y", "GET /none"))) == ["GET /y"]


def result(**changes: Any) -> SuiteResult:
    operations = tuple(
        OperationResult(
            key=f"GET /{n}", cases=10, statuses=(200,), documented=("200", "404"), exercised=True, succeeded=True
        )
        for n in range(4)
    )
    whole = SuiteResult(
        operations=operations,
        failures=(),
        cases=1204,
        complete=True,
        stop_reason="completed",
        seconds=1.0,
        exit_code=0,
        version="4",
        seed=0,
        mode="all",
    )
    return replace(whole, **changes)


BROKEN = Failure(operation="GET /0", check="server_error", message="Server error", status=500, times=3)


@pytest.mark.parametrize(
    ("changes", "outcome", "summary"),
    [
        ({}, Outcome.PASS, "1,204 cases over 4 of 4 operations, no violation"),
        ({"failures": (BROKEN,)}, Outcome.FAIL, "1 violation (GET /0 server_error)"),
        ({"failures": (BROKEN,), "complete": False, "errors": ("x",)}, Outcome.FAIL, "1 violation"),
        ({"errors": ("GET /0: hung up",)}, Outcome.ERROR, "not everything could be tested: GET /0: hung up"),
        ({"cases": 0}, Outcome.NO_DATA, "no request was sent"),
        (
            {"complete": False, "stop_reason": "out_of_time"},
            Outcome.NO_DATA,
            "stopped early (its time was up) after 1,2",
        ),
        (
            {"complete": False, "stop_reason": "rate_limited", "come_back": 3600.0},
            Outcome.NO_DATA,
            "stopped early (rate limited by the service, which asks to come back in 3,600 s)",
        ),
        (
            {"operations": (OperationResult(key="POST /x", cases=5, why="no valid request was made"),)},
            Outcome.NO_DATA,
            "not reached: POST /x (no valid request was made)",
        ),
    ],
)
def test_honours(changes: dict[str, Any], outcome: Outcome, summary: str) -> None:
    check = honours(result(**changes), name="own_document")
    assert (check.name, check.outcome) == ("own_document", outcome)
    assert summary in check.summary


def test_coverage_names_what_was_not_reached_and_what_never_succeeded() -> None:
    whole = result()
    first, second, *others = whole.operations
    part = result(operations=(replace(first, exercised=False), replace(second, succeeded=False), *others))
    low = coverage(part, threshold=0.95)
    assert low.outcome is Outcome.FAIL
    assert low.summary == "3 of 4 operations reached (75%), 95% wanted; not reached: GET /0"
    enough = coverage(part, threshold=0.75)
    assert enough.outcome is Outcome.PASS
    assert enough.summary.endswith("never answered with success: GET /1")
    assert enough.facts["status_coverage"] == 0.5
    assert coverage(result(operations=()), threshold=0.5).outcome is Outcome.NO_DATA


def test_rows_are_flat() -> None:
    assert rows(result(failures=(BROKEN,)))[0]["times"] == 3
    assert operation_rows(result())[0]["statuses"] == "200"


def test_secrets_are_replaced_in_every_spelling() -> None:
    headers = {"Authorization": "Bearer abc.def", "X-Tenant": "acme", "X-Api-Key": "abc"}
    assert secrets_of(headers, ["more!"]) == ("Bearer abc.def", "abc.def", "more!")
    redactor = Redactor(['a/b+c"d'])
    hidden = base64.b64encode(b'x a/b+c"d y')
    clean = redactor.line(b'{"u":"a%2Fb%2Bc%22d","v":"a/b+c\\"d","w":{"$base64":"' + hidden + b'"}}')
    assert json.loads(clean) == {
        "u": "[Filtered]",
        "v": "[Filtered]",
        "w": {"$base64": base64.b64encode(b"x [Filtered] y").decode()},
    }
    assert Redactor([]).text("abc") == "abc"
    assert Redactor(["zzzz"]).line(b'{"$base64":"====x"}') == b'{"$base64":"====x"}'


def test_all_names_what_is_there() -> None:
    assert len(set(contract.__all__)) == len(contract.__all__), "ruff holds their order"
    assert all(hasattr(contract, name) for name in contract.__all__)
