"""A claimed break shows the value that proves it, where one can be made."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from olorin_pipelines.diff import Place, Severity, compare, judge
from olorin_pipelines.diff.rules_schema import placed
from olorin_pipelines.diff.witness import samples, with_witnesses
from olorin_pipelines.openapi import standalone

NEW = {"openapi": "3.1.0", "info": {"title": "example", "version": "1"}}
OLD = {**NEW, "openapi": "3.0.3"}


def order(**status: Any) -> dict[str, Any]:
    properties = {"status": {"type": "string", **status}, "id": {"type": "integer", "minimum": 1}}
    return {"type": "object", "required": ["id"], "properties": properties}


TEXT, PAIR = order(), order(enum=["open", "paused"])
WITNESSED = {
    "an enum value went": (Place.REQUEST_BODY, PAIR, order(enum=["open"]), '`{"status":"paused"}` was accepted'),
    "text grew shorter": (Place.REQUEST_BODY, TEXT, order(maxLength=0), '`{"status":"a"}` was accepted'),
    "a property is wanted": (Place.REQUEST_BODY, TEXT, {**TEXT, "required": ["id", "status"]}, '`{"id":1}` was'),
    "null may come": (Place.RESPONSE_BODY, TEXT, order(type=["string", "null"]), '`{"status":null}` may be answered'),
    "a type changed": (Place.RESPONSE_BODY, TEXT, order(type="integer"), " may be answered now"),
    "a property may be missing": (Place.RESPONSE_BODY, TEXT, {**TEXT, "required": []}, "`{}` may be answered now"),
    "a pattern came": (Place.REQUEST_BODY, order(pattern="^[a-z]+$"), order(pattern="^[0-9]{3}$"), " was accepted"),
}


@pytest.mark.parametrize("name", WITNESSED)
def test_a_break_shows_what_proves_it(name: str) -> None:
    place, one, two, said = WITNESSED[name]
    old, new = {**NEW, **placed(place, one)}, {**NEW, **placed(place, two)}
    found = with_witnesses(judge(compare(old, new)), old, new)
    assert any(said in finding.witness for finding in found if finding.severity is Severity.BREAKING), found


def test_what_breaks_nobody_and_what_no_value_proves_has_none() -> None:
    old, new = {**NEW, **placed(Place.REQUEST_BODY, TEXT)}, {**NEW, **placed(Place.REQUEST_BODY, order(minLength=0))}
    assert not any(finding.witness for finding in with_witnesses(judge(compare(old, new)), old, new))
    gone = with_witnesses(judge(compare(old, {**NEW, "paths": {}})), old, {**NEW, "paths": {}})
    assert [finding.witness for finding in gone if finding.severity is Severity.BREAKING] == [""]


def test_a_schema_of_the_old_dialect_stands_alone() -> None:
    document = {
        **OLD,
        "components": {
            "schemas": {
                "Node": {
                    "type": "object",
                    "required": ["size", "made", "secret"],
                    "properties": {
                        "size": {"type": "integer", "minimum": 1, "exclusiveMinimum": True, "nullable": True},
                        "next": {"$ref": "#/components/schemas/Node", "nullable": False},
                        "made": {"type": "string", "readOnly": True},
                        "secret": {"type": "string", "writeOnly": True},
                    },
                }
            }
        },
    }
    sent = standalone(document, "/components/schemas/Node", way="request")
    valid = jsonschema_rs.Draft202012Validator(sent).is_valid
    assert valid({"size": None, "secret": "a", "next": {"size": 2, "secret": "a"}})
    assert not valid({"size": 1, "secret": "a"})
    assert not valid({"size": 2})
    answered = standalone(document, "/components/schemas/Node", way="response")
    assert jsonschema_rs.Draft202012Validator(answered).is_valid({"size": 2, "made": "now"})


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/Missing"},
        {"$ref": "https://example.org/a.json"},
        {"$dynamicRef": "#a"},
        {"properties": 3},
        7,
    ],
)
def test_what_cannot_stand_alone_is_none(schema: Any) -> None:
    document = {**NEW, "components": {"schemas": {"A": schema}}}
    assert standalone(document, "/components/schemas/A", way="request") is None


def test_samples_are_few_different_and_end_for_a_schema_that_contains_itself() -> None:
    tree = {"$ref": "#/$defs/0", "$defs": {"0": {"properties": {"left": {"$ref": "#/$defs/0"}, "n": {"minimum": 3}}}}}
    found = samples(tree)
    assert 0 < len(found) <= 48
    assert {"n": 3} in found
