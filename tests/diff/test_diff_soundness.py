"""What is called compatible must be: no value may prove the opposite.

One assumption stands, as in every differ: nobody sends properties that the schema does not name. So the objects drawn
here name both `x` and `y`, and of edited schemas no value counts that sends a property before it was described.
"""

from __future__ import annotations

import random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from olorin_pipelines.diff import Place, Severity, compare, judge
from olorin_pipelines.diff.rules_schema import placed
from olorin_pipelines.diff.witness.samples import samples
from tests.diff.schema_edits import OWN, SPECS, edited_anywhere, property_names, real_schemas

BASE = {"openapi": "3.1.0", "info": {"title": "example", "version": "1"}}
SCALARS: list[Any] = [None, True, False, 0, 1, 2, 5, 7, 10, 0.5, "", "a", "b", "ab", "abcdef"]
VALUES: list[Any] = [
    *SCALARS,
    *([item] for item in SCALARS),
    [],
    [1, 1],
    ["a", "b", "a"],
    {},
    *({"x": item} for item in SCALARS),
    *({"y": item} for item in (None, 1, "a")),
    {"x": 1, "y": "a"},
    {"x": "a", "y": 1},
    {"z": 1},
]

numbers = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={
        "minimum": st.integers(0, 6),
        "maximum": st.integers(0, 10),
        "exclusiveMinimum": st.integers(0, 6),
        "exclusiveMaximum": st.integers(0, 10),
        "multipleOf": st.integers(1, 5),
    },
)
texts = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", ["string", "null"], ["string", "integer"]])},
    optional={
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 6),
        "pattern": st.sampled_from(["^a", "b$"]),
    },
)
values = st.one_of(
    st.builds(
        lambda found: {"enum": found}, st.lists(st.sampled_from(SCALARS), min_size=1, max_size=3, unique_by=repr)
    ),
    st.builds(lambda found: {"const": found}, st.sampled_from(SCALARS)),
)
anything = st.sampled_from([{}, True, False, {"type": "null"}, {"type": "boolean"}])


def compound(schemas: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(schemas, min_size=1, max_size=3)
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.fixed_dictionaries({"x": schemas, "y": st.just({}) | texts})},
        optional={
            "required": st.lists(st.sampled_from("xy"), unique=True, max_size=2),
            "additionalProperties": st.one_of(st.booleans(), schemas),
            "maxProperties": st.integers(0, 2),
        },
    )
    arrays = st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={"items": schemas, "minItems": st.integers(0, 2), "uniqueItems": st.booleans()},
    )
    unions = st.one_of(st.builds(lambda found, key: {key: found}, lists, st.sampled_from(["anyOf", "allOf"])))
    beside = st.builds(lambda one, two: {**one, "allOf": two}, objects, lists)
    negated = st.builds(lambda found: {"not": found}, schemas)
    return st.one_of(objects, arrays, unions, beside, negated, constrained(schemas))


def constrained(schemas: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return schemas with the keywords that are judged by containment."""
    named = st.sampled_from(["x", "y", "^x", "^[yz]$", "."])
    return st.one_of(
        st.fixed_dictionaries({"if": schemas}, optional={"then": schemas, "else": schemas}),
        st.fixed_dictionaries(
            {"type": st.just("array"), "contains": schemas},
            optional={"minContains": st.integers(0, 2), "maxContains": st.integers(1, 2), "items": schemas},
        ),
        st.fixed_dictionaries(
            {"prefixItems": st.lists(schemas, min_size=1, max_size=2)},
            optional={"items": schemas, "unevaluatedItems": schemas},
        ),
        st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.fixed_dictionaries({"x": schemas, "y": st.just({}) | texts})},
            optional={
                "patternProperties": st.dictionaries(named, schemas, min_size=1, max_size=2),
                "additionalProperties": st.one_of(st.booleans(), schemas),
                "propertyNames": schemas | st.sampled_from([{"maxLength": 1}, {"enum": ["x"]}, {"pattern": "^[xy]"}]),
                "dependentRequired": st.sampled_from([{"x": ["y"]}, {"y": ["x"]}, {"x": ["y"], "y": ["x"]}]),
                "dependentSchemas": st.dictionaries(st.sampled_from("xy"), schemas, min_size=1, max_size=2),
                "unevaluatedProperties": st.booleans() | schemas,
                "required": st.lists(st.sampled_from("xy"), unique=True, max_size=2),
            },
        ),
    )


schemas = st.recursive(st.one_of(numbers, texts, values, anything), compound, max_leaves=5)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(schemas, schemas, st.booleans())
def test_no_value_proves_a_compatible_change_to_be_breaking(one: Any, two: Any, near: bool) -> None:
    """A request may lose no valid value, a response may gain none."""
    if near and isinstance(one, dict) and isinstance(two, dict):
        two = {**one, **two}
    check_sound(one, two)


def check_sound(one: Any, two: Any) -> None:
    old, new = jsonschema_rs.validator_for(one), jsonschema_rs.validator_for(two)
    values = [*VALUES, *samples(one), *samples(two)]
    lost = [value for value in values if old.is_valid(value) and not new.is_valid(value)]
    gained = [value for value in values if new.is_valid(value) and not old.is_valid(value)]
    fresh = property_names(two) - property_names(one)
    lost = [value for value in lost if not uses(value, fresh)]
    if lost:
        assert worst(Place.REQUEST_BODY, one, two), f"{lost[0]!r} is refused now"
    if gained:
        assert worst(Place.RESPONSE_BODY, one, two), f"{gained[0]!r} may be answered now"


def uses(value: Any, names: set[str]) -> bool:
    """Whether a value has one of these properties, at any depth."""
    if isinstance(value, dict):
        return not names.isdisjoint(value) or any(uses(each, names) for each in value.values())
    return isinstance(value, list) and any(uses(each, names) for each in value)


CLOSED = {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(CLOSED, {**CLOSED, "properties": {"b": {}}}, id="required, and neither described nor allowed"),
        pytest.param({"enum": [0.5]}, {"type": "integer"}, id="an enum gave way to a narrower type"),
        pytest.param({"enum": ["a", 1]}, {"type": "string"}, id="an enum gave way to one of its types"),
    ],
)
def test_counterexamples_that_were_found_are_judged_since(one: Any, two: Any) -> None:
    check_sound(one, two)
    check_sound(two, one)


PASSED_BY = {
    "items": ({"items": {}, "unevaluatedItems": False}, {"unevaluatedItems": False}),
    "prefixItems": (
        {"prefixItems": [{}, {}], "unevaluatedItems": False},
        {"prefixItems": [{}], "unevaluatedItems": False},
    ),
    "contains": (
        {"contains": {}, "minContains": 0, "unevaluatedItems": False},
        {"minContains": 0, "unevaluatedItems": False},
    ),
    "additionalProperties": (
        {"additionalProperties": {}, "unevaluatedProperties": False},
        {"unevaluatedProperties": False},
    ),
    "patternProperties": (
        {"patternProperties": {"^x": {}}, "unevaluatedProperties": False},
        {"unevaluatedProperties": False},
    ),
    "beside a schema": (
        {"items": {}, "unevaluatedItems": {"type": "string"}},
        {"unevaluatedItems": {"type": "string"}},
    ),
    "in a part": (
        {"allOf": [{"items": {}}], "unevaluatedItems": False},
        {"allOf": [{}], "unevaluatedItems": False},
    ),
    "by one of its kind in a part": (
        {"allOf": [{"unevaluatedProperties": {}}], "unevaluatedProperties": False},
        {"allOf": [{}], "unevaluatedProperties": False},
    ),
    "in a branch": (
        {"anyOf": [{"items": {}}, {}], "unevaluatedItems": False},
        {"anyOf": [{"minItems": 2, "items": {}}, {}], "unevaluatedItems": False},
    ),
    "in a branch that goes": (
        {"anyOf": [{"additionalProperties": {}}, {}], "unevaluatedProperties": False},
        {"anyOf": [{}, {}], "unevaluatedProperties": False},
    ),
    "in a condition": (
        {"if": {"minItems": 1}, "then": {"items": {}}, "unevaluatedItems": False},
        {"if": {"minItems": 2}, "then": {"items": {}}, "unevaluatedItems": False},
    ),
}
"""What the first schema of a pair evaluates, the second one leaves to `unevaluated…`, which did not change."""


@pytest.mark.parametrize("name", PASSED_BY)
def test_what_is_evaluated_on_one_side_alone_is_judged(name: str) -> None:
    open_, shut = PASSED_BY[name]
    check_sound(open_, shut)
    check_sound(shut, open_)
    assert worst(Place.REQUEST_BODY, open_, shut)
    assert worst(Place.RESPONSE_BODY, shut, open_)


@pytest.mark.parametrize("name", PASSED_BY)
def test_what_is_evaluated_as_before_is_not_told(name: str) -> None:
    for schema in PASSED_BY[name]:
        documents = [{**BASE, **placed(Place.REQUEST_BODY, one)} for one in (schema, {**schema, "description": "d"})]
        assert not [finding for finding in judge(compare(*documents)) if finding.severity is not Severity.INFO]


def worst(place: Place, one: Any, two: Any) -> bool:
    """Whether anything at least a warning is said. (A new enum value is one; so are lost properties.)"""
    findings = judge(compare({**BASE, **placed(place, one)}, {**BASE, **placed(place, two)}))
    return any(finding.severity is not Severity.INFO for finding in findings)


BELOW = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
LIMITS = (
    "minContains",
    "maxContains",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxProperties",
    "multipleOf",
)


def edited(node: Any, seed: random.Random) -> Any:
    """Return a schema with one small edit somewhere."""
    if not isinstance(node, dict):
        return node
    below = [key for key in BELOW if isinstance(node.get(key), dict)]
    if node.get("properties") and seed.random() < 0.5:
        name = seed.choice(sorted(node["properties"]))
        return {**node, "properties": {**node["properties"], name: edited(node["properties"][name], seed)}}
    if below and seed.random() < 0.5:
        key = seed.choice(below)
        return {**node, key: edited(node[key], seed)}
    limits = [key for key in LIMITS if key in node]
    kind = seed.choice(["say", "drop", "move", "require", "values", "wrap", "union"])
    if kind == "drop" and limits:
        return {key: value for key, value in node.items() if key != seed.choice(limits)}
    if kind == "move" and limits:
        key = seed.choice(limits)
        return {**node, key: max(1, node[key] + seed.choice([-1, 1]))}
    if kind == "require" and "properties" in node:
        return {**node, "required": seed.sample("xy", seed.randint(0, 2))}
    if kind == "values" and len(node.get("enum", ())) > 1:
        return {**node, "enum": node["enum"][1:]}
    if kind == "wrap":
        return {seed.choice(["allOf", "anyOf", "oneOf"]): [node]}
    if kind == "union":
        return {"anyOf": [node, {"type": "boolean"}]}
    return {**node, "description": "said otherwise", "example": 1}


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_twenty_thousand_pairs_and_a_third_of_the_judgements_are_compatible() -> None:
    """Everything called breaking would be sound too: so enough has to be called compatible."""
    judged = {True: 0, False: 0}
    known = [*OWN, *real_schemas()]

    @settings(max_examples=20_000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(schemas, schemas, st.randoms(use_true_random=False), st.sampled_from(["edit", "edit", "real", "other"]))
    def run(one: Any, two: Any, seed: random.Random, kind: str) -> None:
        if kind == "real":
            one = seed.choice(known)
            two = edited_anywhere(one, seed)
        else:
            two = two if kind == "other" else edited(one, seed)
        check_sound(one, two)
        for place in (Place.REQUEST_BODY, Place.RESPONSE_BODY):
            judged[worst(place, one, two)] += 1

    run()
    assert judged[False] / (judged[True] + judged[False]) >= 0.3, judged


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(OWN), st.randoms(use_true_random=False))
def test_edits_of_schemas_like_real_ones_are_judged_soundly(schema: Any, seed: random.Random) -> None:
    check_sound(schema, edited_anywhere(schema, seed))


@pytest.mark.skipif(not SPECS.is_dir(), reason="the collection of real documents is not beside the project")
def test_there_are_real_schemas_to_edit() -> None:
    found = real_schemas(50)
    assert len(found) == 50
    assert all(jsonschema_rs.validator_for(schema) for schema in found)


ORDER = {"type": "object", "properties": {"a": {"type": "string", "maxLength": 5}}, "required": ["a"]}
HARMLESS: dict[str, tuple[Any, Any]] = {
    "a description": (ORDER, {**ORDER, "description": "an order"}),
    "a title": (ORDER, {**ORDER, "title": "Order"}),
    "an example": (ORDER, {**ORDER, "examples": [{"a": "b"}]}),
    "a comment": (ORDER, {**ORDER, "$comment": "c"}),
    "an extension": (ORDER, {**ORDER, "x-owner": "us"}),
    "keys in another order": (ORDER, dict(reversed(ORDER.items()))),
    "allOf of one": (ORDER, {"allOf": [ORDER]}),
    "oneOf of one": (ORDER, {"oneOf": [ORDER]}),
    "anyOf of one": (ORDER, {"anyOf": [ORDER]}),
    "a list of one type": ({"type": "string"}, {"type": ["string"]}),
    "types in another order": ({"type": ["string", "null"]}, {"type": ["null", "string"]}),
    "null as a branch": ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    "const as an enum": ({"const": "a"}, {"enum": ["a"]}),
    "values in another order": ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    "required in another order": ({"required": ["a", "b"]}, {"required": ["b", "a"]}),
    "a number written otherwise": ({"type": "number", "maximum": 1}, {"type": "number", "maximum": 1.0}),
    "a limit that says nothing": ({"type": "string"}, {"type": "string", "minLength": 0}),
    "an open object": (ORDER, {**ORDER, "additionalProperties": True}),
    "a branch twice over": ({"anyOf": [ORDER, {"type": "null"}]}, {"anyOf": [{"type": "null"}, ORDER]}),
    "parts taken together": (
        {"allOf": [{"type": "string", "minLength": 1}, {"maxLength": 5}]},
        {"type": "string", "minLength": 1, "maxLength": 5},
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_edit_breaks_nobody(name: str) -> None:
    old, new = HARMLESS[name]
    for place in (Place.REQUEST_BODY, Place.RESPONSE_BODY, Place.REQUEST_PARAMETER):
        assert not worst(place, old, new)
        assert not worst(place, new, old)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.text("ab", max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("ab$", max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)


def shuffled(node: Any, seed: random.Random) -> Any:
    if isinstance(node, dict):
        items = list(node.items())
        seed.shuffle(items)
        return {key: shuffled(value, seed) for key, value in items}
    return [shuffled(item, seed) for item in node] if isinstance(node, list) else node


@settings(max_examples=60, deadline=None)
@given(schemas, json_values, st.randoms(use_true_random=False))
def test_a_document_does_not_differ_from_itself_in_another_order(schema: Any, extra: Any, seed: random.Random) -> None:
    document = {**BASE, **placed(Place.REQUEST_BODY, schema), "components": {"examples": {"e": {"value": extra}}}}
    assert compare(document, document) == ()
    assert judge(compare(document, shuffled(document, seed))) == ()
