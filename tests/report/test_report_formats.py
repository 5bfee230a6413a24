"""The formats that other programs read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import jsonschema_rs
import pytest

from olorin_pipelines import openapi, report
from olorin_pipelines.diff import Finding, Severity, diff
from olorin_pipelines.policy import Judged
from olorin_pipelines.policy.model import Approval

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
HOSTILE = 'a%0A\n::error::x,y:z ]]> <b> \x00 & "q"'


def api(source: str = "api.json", **properties: Any) -> openapi.Snapshot:
    schema = {"type": "object", "properties": properties}
    item = {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}}
    document = {"openapi": "3.1.0", "info": {"title": HOSTILE, "version": "1"}, "paths": {"/a": {"post": item}}}
    return openapi.parse(json.dumps(document, indent=1).encode(), source=source)


def documents(source: str = "api.json") -> tuple[openapi.Snapshot, openapi.Snapshot]:
    old = api(source, a={"type": "string"}, b={"type": "string"})
    return old, api(source, a={"type": "integer"}, c={"enum": [HOSTILE]})


def findings(source: str = "api.json") -> tuple[tuple[Finding, ...], report.Locate]:
    old, new = documents(source)
    found = diff(old, new)
    return found, report.locator(old, new, found)


def approved(found: tuple[Finding, ...]) -> Judged:
    covering, idle = (
        Approval(fingerprint=found[0].fingerprint, reason=HOSTILE, expires=date(2027, 1, 31)),
        Approval(id="x", location="*", reason="r", expires=date(2025, 1, 31)),
    )
    return Judged(findings=found[1:], approved=((found[0], covering),), expired=(idle,), stale=(idle,))


@pytest.fixture(scope="module")
def validator() -> Any:
    return jsonschema_rs.validator_for(json.loads((SCHEMAS / "diff-report.schema.json").read_text()))


def test_json_is_what_its_schema_says(validator: Any) -> None:
    found, locate = findings()
    data = json.loads(report.to_json(found, locate))
    validator.validate(data)
    assert data["findings"][0]["location"]["new"]["line"] > 1
    assert data["findings"][0]["reachable_from"] == [{"operation": "POST /a", "way": "request"}]
    assert data["counts"] == {level: sum(one.severity == level for one in found) for level in Severity}
    validator.validate(json.loads(report.to_json(())))


def test_json_tells_what_a_policy_did(validator: Any) -> None:
    found, locate = findings()
    judged = approved(found)
    data = json.loads(report.to_json(judged.findings, locate, judged=judged, documents=documents()))
    validator.validate(data)
    assert len(data["findings"]) == len(found) - 1
    assert data["approved"][0]["approval"]["reason"] == HOSTILE
    assert data["expired"] == data["stale"]
    assert data["expired"][0]["expires"] == "2025-01-31"
    assert data["new"]["source"] == "api.json"


def test_the_schema_refuses_what_is_not_said(validator: Any) -> None:
    data = json.loads(report.to_json(*findings()))
    for broken in (
        {**data, "more": 1},
        {"findings": []},
        {**data, "findings": [{**data["findings"][0], "severity": "bad"}]},
        {**data, "findings": [{**data["findings"][0], "more": 1}]},
    ):
        assert not validator.is_valid(broken)


def test_sarif_has_what_the_standard_requires() -> None:
    found, locate = findings()
    data = json.loads(report.to_sarif(found, locate))
    assert (data["version"], len(data["runs"])) == ("2.1.0", 1)
    (run,) = data["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "olorin"
    assert run["columnKind"] == "unicodeCodePoints"
    for rule in driver["rules"]:
        assert all(rule[name]["text"] for name in ("shortDescription", "fullDescription", "help"))
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    assert len(run["results"]) == len(found)
    for result, finding in zip(run["results"], found, strict=True):
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == finding.id
        assert result["level"] == {"breaking": "error", "warning": "warning", "info": "note"}[finding.severity]
        assert result["message"]["text"]
        assert result["partialFingerprints"] == {"olorin/v1": finding.fingerprint}
        physical = result["locations"][0]["physicalLocation"]
        assert physical["artifactLocation"]["uri"] == "api.json"
        assert min(physical["region"]["startLine"], physical["region"]["startColumn"]) >= 1


@pytest.mark.parametrize(
    ("source", "uri"),
    [("my api.json", "my%20api.json"), ("/x/api.json", "file:///x/api.json"), ("main:docs/a.yaml", "docs/a.yaml")],
)
def test_sarif_names_files_as_addresses(source: str, uri: str) -> None:
    (run,) = json.loads(report.to_sarif(*findings(source)))["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


@pytest.mark.parametrize("source", ["https://x.example/api.json", "standard input", "shop:app"])
def test_what_is_no_file_has_no_line(source: str) -> None:
    found, locate = findings(source)
    (run,) = json.loads(report.to_sarif(found, locate))["runs"]
    assert "physicalLocation" not in run["results"][0]["locations"][0]
    assert report.to_github(found, locate).startswith("::error title=")


def test_a_document_puts_no_link_into_sarif() -> None:
    found, locate = findings()
    hostile = [replace(finding, message="read [this](https://x.example) or [0](1)") for finding in found]
    (run,) = json.loads(report.to_sarif(hostile, locate))["runs"]
    text = run["results"][0]["message"]["text"]
    assert text.startswith(r"read \[this\](https://x.example) or \[0\](1)")


def test_sarif_suppresses_what_is_approved() -> None:
    found, locate = findings()
    judged = approved(found)
    (run,) = json.loads(report.to_sarif(judged.findings, locate, judged=judged))["runs"]
    suppressed = [result for result in run["results"] if "suppressions" in result]
    assert [result["partialFingerprints"]["olorin/v1"] for result in suppressed] == [found[0].fingerprint]
    assert suppressed[0]["suppressions"][0]["justification"] == HOSTILE


def test_junit_is_xml_with_a_failure_per_breaking_finding() -> None:
    found, _ = findings()
    suite = fromstring(report.to_junit(found, HOSTILE))  # noqa: S314 - our own
    breaking = sum(finding.severity is Severity.BREAKING for finding in found)
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase")) == len(found)
    assert int(suite.attrib["failures"]) == len(suite.findall(".//failure")) == breaking > 0
    nothing = fromstring(report.to_junit((), "t"))  # noqa: S314 - our own
    assert nothing.attrib == {"name": "t", "tests": "1", "failures": "0", "errors": "0", "skipped": "0"}


def test_junit_skips_what_is_approved() -> None:
    judged = approved(findings()[0])
    suite = fromstring(report.to_junit(judged.findings, "t", judged=judged))  # noqa: S314 - our own
    assert int(suite.attrib["skipped"]) == len(suite.findall(".//skipped")) == 1
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase")) == len(judged.findings) + 1


def test_a_document_cannot_write_workflow_commands_of_its_own() -> None:
    found, locate = findings("a,b:c%d.json")
    lines = report.to_github(found, locate).splitlines()
    assert len(lines) == len(found)
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    assert lines[0].startswith("::error file=a%2Cb%3Ac%25d.json,line=")
    assert all(line.count("::") == 2 for line in lines if "::error::" not in line)
    assert all("%0Awhy%3A" not in line and "%0Awhy: " in line for line in lines)


def test_a_changelog_has_a_section_per_kind_of_change() -> None:
    found, _ = findings()
    text = report.to_changelog(found, "Orders 2.0")
    heads = [line for line in text.splitlines() if line.startswith("#")]
    assert heads == ["## Orders 2.0", "### Breaking", "### Added", "### Removed"]
    assert report.to_changelog((), "t") == "## t\n\nNo changes.\n"


def test_a_deprecation_has_a_section_of_its_own() -> None:
    item = {"get": {"responses": {"200": {"description": "d"}}}}
    gone = {"get": {**item["get"], "deprecated": True}}

    def shop(one: Any) -> openapi.Snapshot:
        document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": one}}
        return openapi.parse(json.dumps(document).encode(), source="s")

    text = report.to_changelog(diff(shop(item), shop(gone)), "t")
    assert "### Deprecated\n\n- `GET /a`" in text
