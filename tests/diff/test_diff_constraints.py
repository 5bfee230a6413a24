"""Constraints without a row of their own: containment shows which way they go, or they count as breaking."""

from __future__ import annotations

from typing import Any

import pytest

from olorin_pipelines.diff import Place, Severity, compare, judge
from olorin_pipelines.diff.rules_schema import placed

BASE = {"openapi": "3.1.0", "info": {"title": "example", "version": "1"}}
TEXT, NUMBER, SHORT = {"type": "string"}, {"type": "integer"}, {"type": "string", "maxLength": 3}
OBJECT = {"type": "object", "properties": {"x": TEXT}}
CARD = {"properties": {"kind": {"const": "card"}}, "required": ["kind"]}


def severities(place: Place, old: Any, new: Any) -> set[str]:
    findings = judge(compare({**BASE, **placed(place, old)}, {**BASE, **placed(place, new)}))
    return {finding.severity.value for finding in findings}


NARROWER: dict[str, tuple[Any, Any]] = {
    "not appears": ({}, {"not": TEXT}),
    "not excludes more": ({"not": SHORT}, {"not": TEXT}),
    "not of an enum grows": ({"not": {"enum": ["a"]}}, {"not": {"enum": ["a", "b"]}}),
    "not of an object": ({"not": {**CARD, "minProperties": 2}}, {"not": CARD}),
    "a condition appears": (OBJECT, {**OBJECT, "if": CARD, "then": {"required": ["x"]}}),
    "then asks more": (
        {"if": CARD, "then": {"required": ["x"]}},
        {"if": CARD, "then": {"required": ["x", "y"]}},
    ),
    "else asks more": ({"if": CARD, "else": {"maxProperties": 3}}, {"if": CARD, "else": {"maxProperties": 2}}),
    "a condition that holds more often": (
        {"if": {"type": "integer", "minimum": 5}, "then": {"multipleOf": 5}},
        {"if": {"type": "integer", "minimum": 2}, "then": {"multipleOf": 5}},
    ),
    "contains appears": ({"type": "array"}, {"type": "array", "contains": TEXT}),
    "contains something shorter": (
        {"type": "array", "contains": TEXT},
        {"type": "array", "contains": SHORT},
    ),
    "contains more of it": (
        {"type": "array", "contains": TEXT},
        {"type": "array", "contains": TEXT, "minContains": 2},
    ),
    "contains not too much of it": (
        {"type": "array", "contains": TEXT, "maxContains": 3},
        {"type": "array", "contains": TEXT, "maxContains": 2},
    ),
    "names are restricted": (OBJECT, {**OBJECT, "propertyNames": {"maxLength": 9}}),
    "names are restricted more": (
        {"propertyNames": {"maxLength": 9}},
        {"propertyNames": {"maxLength": 5}},
    ),
    "names are listed": ({"propertyNames": TEXT}, {"propertyNames": {"enum": ["x"]}}),
    "one property needs another": (OBJECT, {**OBJECT, "dependentRequired": {"x": ["y"]}}),
    "one property needs two others": (
        {"dependentRequired": {"x": ["y"]}},
        {"dependentRequired": {"x": ["y", "z"]}},
    ),
    "a property brings a schema": (OBJECT, {**OBJECT, "dependentSchemas": {"x": {"maxProperties": 1}}}),
    "a property brings a stricter schema": (
        {"dependentSchemas": {"x": {"maxProperties": 2}}},
        {"dependentSchemas": {"x": {"maxProperties": 1}}},
    ),
    "an item at a place": ({"prefixItems": [TEXT]}, {"prefixItems": [SHORT]}),
    "an item at a new place": ({"prefixItems": [TEXT]}, {"prefixItems": [TEXT, NUMBER]}),
    "an item at a place that items knew": (
        {"prefixItems": [NUMBER], "items": TEXT},
        {"prefixItems": [NUMBER, SHORT], "items": TEXT},
    ),
    "a pattern of names": (
        {"patternProperties": {"^x": TEXT}},
        {"patternProperties": {"^x": SHORT}},
    ),
    "a new pattern of names": ({"type": "object"}, {"type": "object", "patternProperties": {"^x": TEXT}}),
    "a pattern goes from a closed object": (
        {"patternProperties": {"^x": TEXT}, "additionalProperties": False},
        {"type": ["object", "string", "number", "boolean", "array", "null"], "additionalProperties": False},
    ),
    "nothing unevaluated": (
        {"allOf": [{"properties": {"z": {}}}, OBJECT], "unevaluatedProperties": True},
        {"allOf": [{"properties": {"z": {}}}, OBJECT], "unevaluatedProperties": False},
    ),
    "unevaluated items are shorter": (
        {"prefixItems": [NUMBER], "unevaluatedItems": TEXT},
        {"prefixItems": [NUMBER], "unevaluatedItems": SHORT},
    ),
    "anyOf became oneOf": ({"anyOf": [SHORT, OBJECT]}, {"oneOf": [SHORT, OBJECT]}),
}
SAME: dict[str, tuple[Any, Any]] = {
    "a condition without a then": ({}, {"if": CARD}),
    "a then without a condition": ({}, {"then": CARD}),
    "contains none or more": ({}, {"contains": TEXT, "minContains": 0}),
    "limits of nothing": ({}, {"minContains": 2, "maxContains": 3}),
    "contains one at least": ({"contains": TEXT}, {"contains": TEXT, "minContains": 1}),
    "not, written otherwise": ({"not": {"const": "a"}}, {"not": {"enum": ["a"]}}),
    "a need that is required anyway": (
        {"required": ["y"]},
        {"required": ["y"], "dependentRequired": {"x": ["y"]}},
    ),
    "an item that items knew": ({"items": TEXT}, {"items": TEXT, "prefixItems": [TEXT]}),
    "a pattern that additional properties knew": (
        {"additionalProperties": TEXT},
        {"additionalProperties": TEXT, "patternProperties": {"^x": TEXT}},
    ),
    "unevaluated anything": ({}, {"unevaluatedProperties": {}}),
    "a description below not": ({"not": TEXT}, {"not": {**TEXT, "description": "a text"}}),
}
UNKNOWN: dict[str, tuple[Any, Any]] = {
    "not of something else": ({"not": TEXT}, {"not": NUMBER}),
    "another condition with both ends": (
        {"if": TEXT, "then": SHORT, "else": {"type": "integer", "minimum": 2}},
        {"if": SHORT, "then": SHORT, "else": {"type": "integer", "minimum": 2}},
    ),
    "contains something else": ({"contains": TEXT}, {"contains": NUMBER}),
    "another pattern of names": ({"patternProperties": {"^x": TEXT}}, {"patternProperties": {"^y": TEXT}}),
    "names and a pattern that meet": (
        {"properties": {"xa": {}}},
        {"properties": {"xa": {}}, "patternProperties": {"^x": TEXT}},
    ),
    "other needs": ({"dependentRequired": {"x": ["y"]}}, {"dependentRequired": {"x": ["z"]}}),
}


@pytest.mark.parametrize("name", NARROWER)
def test_a_constraint_that_got_narrower_breaks_requests_and_no_response(name: str) -> None:
    old, new = NARROWER[name]
    for place in (Place.REQUEST_BODY, Place.REQUEST_PARAMETER):
        assert "breaking" in severities(place, old, new)
        assert severities(place, new, old) <= {"info"}
    for place in (Place.RESPONSE_BODY, Place.RESPONSE_HEADER):
        assert severities(place, old, new) <= {"info"}
        assert severities(place, new, old) & {"breaking", "warning"}


@pytest.mark.parametrize("name", SAME)
def test_what_has_no_effect_is_no_change(name: str) -> None:
    old, new = SAME[name]
    for place in (Place.REQUEST_BODY, Place.RESPONSE_BODY):
        assert severities(place, old, new) == severities(place, new, old) == set()


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_shown_is_never_compatible(name: str) -> None:
    old, new = UNKNOWN[name]
    for place in (Place.REQUEST_BODY, Place.RESPONSE_BODY):
        assert "breaking" in severities(place, old, new)
        assert "breaking" in severities(place, new, old)


def tagged(**fields: Any) -> Any:
    return {"type": "object", "discriminator": {"propertyName": "kind", **fields}}


@pytest.mark.parametrize(
    ("old", "new", "request_severity", "response_severity"),
    [
        ({"type": "object"}, tagged(), "warning", "info"),
        (tagged(), {"type": "object"}, "info", "warning"),
        (tagged(), {"type": "object", "discriminator": {"propertyName": "type"}}, "breaking", "breaking"),
        (tagged(mapping={"a": "#/A"}), tagged(mapping={"a": "#/B"}), "breaking", "breaking"),
        (tagged(mapping={"a": "#/A"}), tagged(mapping={"a": "#/A", "b": "#/B"}), "info", "info"),
    ],
)
def test_a_discriminator_tells_branches_and_restricts_nothing(
    old: Any, new: Any, request_severity: str, response_severity: str
) -> None:
    assert severities(Place.REQUEST_BODY, old, new) == {request_severity}
    assert severities(Place.RESPONSE_BODY, old, new) == {response_severity}


def test_a_schema_that_contains_itself_below_not_is_not_followed_for_ever() -> None:
    def api(limit: int) -> Any:
        node = {"not": {"properties": {"next": {"$ref": "#/components/schemas/N"}}, "maxProperties": limit}}
        body = placed(Place.REQUEST_BODY, {"$ref": "#/components/schemas/N"})
        return {**BASE, **body, "components": {"schemas": {"N": node}}}

    findings = judge(compare(api(2), api(3)))
    assert {finding.severity for finding in findings} == {Severity.BREAKING}
