"""What is called compatible must be: no value may prove the opposite.

One assumption stands, as in every differ: nobody sends properties that the schema does not name. So every object here
names both `x` and `y`.
"""

from __future__ import annotations

import random
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from olorin_pipelines.diff import Place, Severity, compare, judge
from olorin_pipelines.diff.rules_schema import placed

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
    return st.one_of(objects, arrays, unions, beside, negated)


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
    lost = [value for value in VALUES if old.is_valid(value) and not new.is_valid(value)]
    gained = [value for value in VALUES if new.is_valid(value) and not old.is_valid(value)]
    if lost:
        assert worst(Place.REQUEST_BODY, one, two), f"{lost[0]!r} is refused now"
    if gained:
        assert worst(Place.RESPONSE_BODY, one, two), f"{gained[0]!r} may be answered now"


def worst(place: Place, one: Any, two: Any) -> bool:
    """Whether anything at least a warning is said. (A new enum value is one; so are lost properties.)"""
    findings = judge(compare({**BASE, **placed(place, one)}, {**BASE, **placed(place, two)}))
    return any(finding.severity is not Severity.INFO for finding in findings)


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
