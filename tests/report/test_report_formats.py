"""The formats that other programs read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import jsonschema_rs

from olorin_pipelines import openapi, report
from olorin_pipelines.diff import Finding, Severity, diff

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
HOSTILE = 'a%0A\n::error::x,y:z ]]> <b> \x00 & "q"'


def documents() -> tuple[openapi.Snapshot, openapi.Snapshot]:
    def api(**properties: Any) -> openapi.Snapshot:
        schema = {"type": "object", "properties": properties}
        item = {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {}}
        document = {"openapi": "3.1.0", "info": {"title": HOSTILE, "version": "1"}, "paths": {"/a": {"post": item}}}
        return openapi.parse(json.dumps(document, indent=1).encode(), source="api.json")

    return api(a={"type": "string"}, b={"type": "string"}), api(a={"type": "integer"}, c={"enum": [HOSTILE]})


def findings() -> tuple[tuple[Finding, ...], report.Locate]:
    old, new = documents()
    return diff(old, new), report.locator(old, new)


def test_json_is_what_its_schema_says() -> None:
    found, locate = findings()
    schema = json.loads((SCHEMAS / "diff.schema.json").read_text())
    data = json.loads(report.to_json(found, locate))
    jsonschema_rs.validator_for(schema).validate(data)
    assert data["findings"][0]["location"]["new"]["line"] > 1
    assert data["findings"][0]["reachable_from"] == [{"operation": "POST /a", "way": "request"}]


def test_sarif_names_rule_level_and_line() -> None:
    found, locate = findings()
    data = json.loads(report.to_sarif(found, locate))
    assert data["version"] == "2.1.0"
    (run,) = data["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(run["results"]) == len(found)
    for result, finding in zip(run["results"], found, strict=True):
        assert rules[result["ruleIndex"]] == result["ruleId"] == finding.id
        assert result["level"] == {"breaking": "error", "warning": "warning", "info": "note"}[finding.severity]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "api.json"
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1


def test_junit_is_xml_with_a_failure_per_breaking_finding() -> None:
    found, _ = findings()
    suite = fromstring(report.to_junit(found, HOSTILE))  # noqa: S314 - our own
    breaking = sum(finding.severity is Severity.BREAKING for finding in found)
    assert int(suite.attrib["tests"]) == len(suite.findall("testcase")) == len(found)
    assert int(suite.attrib["failures"]) == len(suite.findall(".//failure")) == breaking > 0
    nothing = fromstring(report.to_junit((), "t"))  # noqa: S314 - our own
    assert nothing.attrib == {"name": "t", "tests": "1", "failures": "0"}


def test_a_document_cannot_write_workflow_commands_of_its_own() -> None:
    found, locate = findings()
    lines = report.to_github(found, locate).splitlines()
    assert len(lines) == len(found)
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    assert lines[0].startswith("::error file=api.json,line=")


def test_a_changelog_has_a_section_per_kind_of_change() -> None:
    found, _ = findings()
    text = report.to_changelog(found, "Orders 2.0")
    heads = [line for line in text.splitlines() if line.startswith("#")]
    assert heads == ["## Orders 2.0", "### Breaking", "### Added", "### Removed"]
    assert report.to_changelog((), "t") == "## t\n\nNo changes.\n"
