"""`olorin check`: what it prints in each format, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import jsonschema_rs
import pytest

ROOT = Path(__file__).parent.parent.parent
QUICK = ("--skip", "generated_types", "--skip", "consumer_compatibility")


@pytest.fixture
def pair(home: Path) -> tuple[str, ...]:
    """Two documents, of which the second breaks the first."""
    for name, required in (("old.json", ["name"]), ("new.json", [])):
        pet = {"type": "object", "properties": {"name": {"type": "string"}}, "required": required}
        answer = {"description": "fine | <b>", "content": {"application/json": {"schema": pet}}}
        paths = {"/pets": {"get": {"operationId": "pets", "responses": {"200": answer}}}}
        document = {"openapi": "3.1.0", "info": {"title": "Pets <script>", "version": "1"}, "paths": paths}
        (home / name).write_text(json.dumps(document, indent=1))
    return "--base", "old.json", "--head", "new.json", *QUICK


def test_the_text_ends_with_the_verdict_and_names_operation_rule_and_line(olorin, pair):
    said = olorin("check", *pair)
    assert said.code == 1
    assert "fail            schema_diff: GET /pets" in said.out
    assert "at new.json:" in said.out
    assert said.out.splitlines()[-1].startswith("rejected: schema_diff fail: GET /pets")


def test_json_has_the_published_shape(olorin, pair):
    schema = json.loads((ROOT / "docs" / "schemas" / "review-report.schema.json").read_text())
    diff = json.loads((ROOT / "docs" / "schemas" / "diff-report.schema.json").read_text())
    said = olorin("check", *pair, "--json")
    jsonschema_rs.validator_for(schema).validate(said.data)
    jsonschema_rs.validator_for(diff).validate(said.data["diff"])
    assert (said.code, said.data["verdict"], said.data["decided_by"]) == (1, "rejected", "schema_diff")
    assert "fail  schema_diff" in said.err, "progress, as the report comes at once"


def test_reports_are_written_and_what_documents_say_is_escaped(olorin, pair, home):
    said = olorin("check", *pair, "--format", "markdown", "--report", "out/deep")
    assert said.code == 1
    assert said.out == (home / "out/deep/report.md").read_text()
    assert said.out.startswith("<!-- olorin check: pets-script -->\n")
    assert "<script>" not in said.out
    names = sorted(path.name for path in (home / "out/deep").iterdir())
    assert names == ["junit.xml", "report.json", "report.md", "report.sarif"]
    runs = json.loads((home / "out/deep/report.sarif").read_text())["runs"]
    assert [run["automationDetails"]["id"] for run in runs] == [
        "olorin/pets-script/diff/",
        "olorin/pets-script/contract/",
    ]
    suites = fromstring((home / "out/deep/junit.xml").read_text())  # noqa: S314 - our own
    assert [suite.get("failures") for suite in suites] == ["1", "1"]


def test_an_intended_break_is_accepted_with_its_reason(olorin, pair):
    said = olorin("check", *pair, "--intended", "agreed\nwith all")
    assert said.code == 0
    assert "breaking changes were let through: agreed with all" in said.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--base", "old.json"], "--head, --app or --url"),
        (["--head", "x", "--app", "a:b", "--url", "http://127.0.0.1:1"], "give one of them"),
        (["--head", "old.json", "--service", "pest"], "pets"),
        (["--head", "old.json", "--budget", "soon"], "--budget"),
        (["--head", "missing.json"], "missing.json"),
        (["--url", "http://127.0.0.1:9"], "--head FILE"),
    ],
)
def test_bad_input_is_named(olorin, pair, options, said):
    ended = olorin("check", *options)
    assert ended.code == 2
    assert said in ended.err
