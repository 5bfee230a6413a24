"""Contract tests as text, JUnit, HAR, HTML and JSON, written from one value."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from olorin_pipelines.contract import CoverageRow, Failure, LeftBehind, OperationResult, frame
from olorin_pipelines.contract import Tested as Run  # pytest would collect a class called Test…
from olorin_pipelines.contract.evidence import Answered, Sent
from olorin_pipelines.gate import CheckResult, Outcome
from olorin_pipelines.report.contract.data import to_json
from olorin_pipelines.report.contract.files import write_reports
from olorin_pipelines.report.contract.har import to_har
from olorin_pipelines.report.contract.html import to_html
from olorin_pipelines.report.contract.junit import to_junit
from olorin_pipelines.report.contract.text import to_text

EVIL = "<script>alert(1)</script>\x1b[2J\x00&'\""
FAILURE = Failure(
    operation="GET /x/{id}",
    check="response_schema",
    message=f"the body violates its schema {EVIL}",
    curl=f"curl http://h/x/1?a=b {EVIL}",
    status=200,
    times=3,
    pointer="/components/schemas/X/required",
    at="api.json:7:3",
    expected="the property 'a'",
    got="no such property",
    fingerprint="0123456789abcdef",
    sent=Sent(method="POST", url="http://h/x/1?a=b&c", headers={"Content-Type": "text/x"}, body=EVIL, at=1e9),
    answered=Answered(status=200, headers={"Location": "/y"}, body=EVIL, size=10, milliseconds=1.5),
)
RUN = Run(
    title=f"X {EVIL}",
    url="http://h",
    source="api.json",
    version="1",
    mode="full",
    checks=(CheckResult(name="honours_document", outcome=Outcome.FAIL, summary=f"1 violation {EVIL}"),),
    failures=(FAILURE,),
    excused=(
        replace(FAILURE, check="server_error", excuse=f"known {EVIL}, until 2999-01-01", sent=None, answered=None),
    ),
    fixed=(replace(FAILURE, check="error_body", state="fixed"),),
    warnings=(replace(FAILURE, check="response_time", advisory=True),),
    errors=(f"GET /z: hung up {EVIL}",),
    operations=(
        OperationResult(key="GET /x/{id}", cases=4, failures=3, statuses=(200,), exercised=True, p50_ms=1, p95_ms=2.5),
        OperationResult(key="GET /z"),
    ),
    covered=(CoverageRow(kind="statuses", total=2, seen=1, missed=(EVIL,), why="never answered"),),
    untested=(EVIL,),
    judged={"response_schema": 4, "server_error": 4, "response_time": 1},
    cases=4,
    left_behind=(LeftBehind(operation="POST /x", count=2, examples=("/x/1",), why=EVIL),),
    notes=(EVIL,),
)


def test_text_names_the_failure_its_line_and_its_request_and_moves_no_cursor():
    text = to_text(RUN)
    assert "\x1b" not in text
    assert "\x00" not in text
    for part in ("GET /x/{id}", "expected the property 'a'; got no such property", "api.json:7:3", "curl http://h/x/1",
                 "known, and not deciding", "fixed since", "left behind\n  2 by POST /x", "not reached: GET /z",
                 ):  # fmt: skip
        assert part in text
    assert "\x1b[31;1mresponse_schema\x1b[0m" in to_text(RUN, color=True)


def test_junit_has_a_test_for_each_operation_and_check():
    (suite,) = ElementTree.fromstring(to_junit([RUN]))  # noqa: S314 - written by us
    cases = {(case.get("classname"), case.get("name")): case for case in suite}
    failed = cases["GET /x/{id}", "response_schema"].find("failure")
    assert failed is not None
    assert "at: api.json:7:3 /components" in (failed.text or "")
    assert cases["GET /x/{id}", "server_error"].find("skipped") is not None, "known"
    assert cases["GET /z", "response_schema"].find("skipped") is not None, "not reached"
    assert ("GET /x/{id}", "response_time") not in cases, "advisory"
    for kind, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert int(suite.get(attribute, "")) == sum(case.find(kind) is not None for case in suite)
    assert int(suite.get("tests", "")) == len(suite)


@pytest.mark.parametrize("outcome", [Outcome.NO_DATA, Outcome.ERROR])
def test_a_run_that_could_not_tell_is_no_green_suite(outcome):
    check = CheckResult(name="honours_document", outcome=outcome, summary="nobody answered")
    run = replace(RUN, checks=(check,), failures=(), excused=(), errors=(), operations=())
    assert ElementTree.fromstring(to_junit([run]))[0].get("errors") == "1"  # noqa: S314


def test_har_holds_what_shows_a_failure():
    log = json.loads(to_har([RUN]))["log"]
    assert log["version"] == "1.2"
    assert [entry["_check"] for entry in log["entries"]] == ["response_schema", "response_time"]
    entry = log["entries"][0]
    assert entry["startedDateTime"] == "2001-09-09T01:46:40.000+00:00"
    assert entry["request"]["queryString"] == [{"name": "a", "value": "b"}, {"name": "c", "value": ""}]
    assert entry["request"]["postData"] == {"mimeType": "text/x", "text": EVIL}
    assert (entry["response"]["redirectURL"], entry["response"]["content"]["text"]) == ("/y", EVIL)


def test_the_page_escapes_all_and_fetches_nothing():
    page = to_html([RUN])
    assert page.count("<script") == 1
    assert "alert(1)</script>" not in page
    assert "http" not in page.replace("http://h", "").replace('http-equiv="', "")
    assert "content=\"default-src 'none'" in page
    for part in ("api.json:7:3", "0123456789abcdef", "known (1)", "fixed (1)", "warning (1)", "Left behind"):
        assert part in page
    assert "By api.json" in to_html([RUN, RUN])


def test_files_are_written_with_the_json_of_a_single_run(tmp_path, request):
    schema = json.loads((request.config.rootpath / "docs" / "schemas" / "test-report.schema.json").read_text())
    written = write_reports([RUN], tmp_path / "a" / "b")
    assert [path.name for path in written] == ["report.html", "junit.xml", "failures.har", "report.json"]
    jsonschema_rs.validator_for(schema).validate(json.loads(to_json(RUN)))
    assert [path.name for path in write_reports([RUN, RUN], tmp_path)][-1] == "failures.har"


def test_operations_are_a_frame():
    table = frame(RUN.operations)
    assert table.loc["GET /x/{id}", "p95_ms"] == 2.5
    assert list(table.index) == ["GET /x/{id}", "GET /z"]
