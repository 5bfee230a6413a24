"""The literal reading, which the `oasdiff` profile stands on: ids, levels, operations."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from olorin_pipelines import openapi
from olorin_pipelines.diff import Profile, Severity, diff, explained, oasdiff_severity
from olorin_pipelines.diff.literal.document import literal_uses
from olorin_pipelines.diff.literal.levels import LEVELS
from olorin_pipelines.diff.literal.uses import Options
from olorin_pipelines.diff.rules import known_rule

TEXT = {"type": "string"}
REF = {"$ref": "#/components/schemas/S"}


def api(schema: Any, *, request: bool = False, media: str = "application/json", **operation: Any) -> dict[str, Any]:
    content = {"content": {media: {"schema": schema}}}
    item = {"responses": {"200": {"description": "done", **({} if request else content)}}, **operation}
    if request:
        item["requestBody"] = content
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/orders": {"post": item}}}


def ids(old: dict[str, Any], new: dict[str, Any], **options: Any) -> list[str]:
    return sorted({use.id for use in literal_uses(old, new, Options(**options))})


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


SCHEMAS = [
    (of(), of(a=TEXT), ["new-optional-request-property"], ["response-optional-property-added"]),
    (of(a=TEXT), of(), ["request-property-removed"], ["response-optional-property-removed"]),
    (
        {**of(), "required": ["a"]},
        {**of(a=TEXT), "required": ["a"]},
        ["new-required-request-property"],
        ["response-required-property-added"],
    ),
    (
        of(a=TEXT),
        {**of(a=TEXT), "required": ["a"]},
        ["request-property-became-required"],
        ["response-property-became-required"],
    ),
    (
        of(a=TEXT),
        of(a={**TEXT, "enum": ["x"]}),
        ["request-property-became-enum", "request-property-enum-value-added"],
        ["response-property-enum-value-added"],
    ),
    ({"type": "integer"}, {"type": "number"}, ["request-body-type-generalized"], ["response-body-type-generalized"]),
    ({"type": "number"}, TEXT, ["request-body-type-changed"], ["response-body-type-changed"]),
    (TEXT, {"type": ["string", "null"]}, ["request-body-became-nullable"], ["response-body-became-nullable"]),
    (
        of(a={"type": "integer", "maximum": 5}),
        of(a={"type": "integer", "maximum": 4}),
        ["request-property-max-decreased"],
        [],
    ),
    (
        of(a={"type": "integer", "minimum": 5}),
        of(a={"type": "integer", "minimum": 4}),
        ["request-property-min-decreased"],
        ["response-property-min-decreased"],
    ),
    (
        {"allOf": [TEXT]},
        {"allOf": [TEXT, {"minLength": 3}]},
        ["request-body-all-of-added"],
        ["response-body-all-of-added"],
    ),
    (
        {"allOf": [TEXT]},
        {"allOf": [TEXT, {"title": "t"}]},
        ["request-body-all-of-added-annotation-only"],
        ["response-body-all-of-added-annotation-only"],
    ),
    (TEXT, {"oneOf": [TEXT, {"type": "null"}]}, ["request-body-became-nullable"], ["response-body-became-nullable"]),
    (
        TEXT,
        {"oneOf": [TEXT, {"type": "integer"}]},
        ["request-body-list-of-types-widened"],
        ["response-body-list-of-types-widened"],
    ),
    (
        {"oneOf": [of(a=TEXT)]},
        {"oneOf": [of(a={"type": "integer"})]},
        ["request-property-type-changed"],
        ["response-property-type-changed"],
    ),
    (
        of(a={**TEXT, "format": "date"}),
        of(a={**TEXT, "format": "date-time"}),
        ["request-property-type-generalized"],
        ["response-property-type-changed"],
    ),
    (
        of(a=TEXT),
        of(a={**TEXT, "readOnly": True, "maxLength": 3}),
        ["request-optional-property-became-read-only"],
        ["response-optional-property-became-read-only"],
    ),
]


@pytest.mark.parametrize(("old", "new", "request_ids", "response_ids"), SCHEMAS)
def test_a_schema_is_reported_under_the_ids_of_its_direction(
    old: Any, new: Any, request_ids: list[str], response_ids: list[str]
) -> None:
    assert ids(api(old, request=True), api(new, request=True)) == request_ids
    assert ids(api(old), api(new)) == response_ids
    assert ids(api(new), api(new)) == []


def test_a_form_field_that_was_a_number_and_is_a_text_goes_on_working() -> None:
    form = "application/x-www-form-urlencoded"
    old, new = (api(of(a={"type": kind}), request=True, media=form) for kind in ("number", "string"))
    assert ids(old, new) == ["request-property-type-compatible"]


@pytest.mark.parametrize(
    ("sunset", "expected"),
    [
        ("2026-06-01", ["endpoint-deprecated-with-sunset"]),
        ("2026-01-02", ["api-sunset-date-too-small"]),
        ("soon", ["api-deprecated-sunset-parse"]),
        (None, ["api-deprecated-sunset-missing"]),
    ],
)
def test_a_deprecation_gives_notice(sunset: str | None, expected: list[str]) -> None:
    new = api(TEXT, deprecated=True, **({"x-sunset": sunset} if sunset else {}))
    assert ids(api(TEXT), new, today=date(2026, 1, 1), stable_days=90) == expected


def test_an_operation_below_the_stability_that_is_looked_at_is_left_out() -> None:
    old, new = (api(schema, **{"x-stability-level": "alpha"}) for schema in (TEXT, {"type": "integer"}))
    assert ids(old, new) == []
    assert ids(old, new, stability="alpha") == ["response-body-type-changed"]


def test_recursive_schemas_end() -> None:
    def document(kind: str) -> dict[str, Any]:
        schema = of(kind={"type": kind}, child=REF, children={"type": "array", "items": REF})
        return {**api(REF), "components": {"schemas": {"S": schema}}}

    assert ids(document("string"), document("integer")) == ["response-property-type-changed"]


def test_the_profile_gives_one_finding_per_edit_with_the_levels_of_oasdiff() -> None:
    schema = of(a={"type": "integer", "maximum": 9})
    documents = []
    for maximum in (9, 5):
        schema = of(a={"type": "integer", "maximum": maximum})
        both = api(REF, requestBody={"content": {"application/json": {"schema": REF}}})
        document = {**both, "components": {"schemas": {"S": schema}}}
        document["paths"]["/more"] = document["paths"]["/orders"]
        documents.append(openapi.parse(json.dumps(document).encode(), source="test"))
    (finding,) = diff(*documents, profile=Profile.OASDIFF)
    assert (finding.id, finding.severity) == ("request-property-max-decreased", Severity.BREAKING)
    assert finding.reachable_from == ("POST /more", "POST /orders")


def test_a_breaking_change_asks_for_a_new_major_version() -> None:
    old, new = api(TEXT), api({"type": "integer"})
    for document, version in ((old, "1.0.0"), (new, "1.1.0")):
        document["info"]["version"] = version
    snapshots = [openapi.parse(json.dumps(document).encode(), source="test") for document in (old, new)]
    assert "api-major-version-not-bumped" in {f.id for f in diff(*snapshots, profile=Profile.OASDIFF)}


def test_every_level_is_known() -> None:
    assert {level.level for level in LEVELS.values()} == {"ERR", "WARN", "INFO"}


@pytest.mark.parametrize("rule_id", sorted(LEVELS))
def test_every_id_is_explained_in_words_of_its_own(rule_id: str) -> None:
    rule = known_rule(rule_id) or explained(rule_id)
    assert rule is not None, "add a row to literal/pages.py"
    assert rule.says.strip()
    assert rule.why.strip()
    assert "  " not in rule.says
    if known_rule(rule_id) is None:
        assert rule.severity.value == oasdiff_severity(rule_id)
        assert bool(rule.fix) == (rule.severity is not Severity.INFO)
        assert not {"{", "}"} & {*rule.says, *rule.why}
