"""Which rules judge schemas? A table of narrowings and widenings; each row holds at every place a schema can stand.

A request may be widened and not narrowed, a response may be narrowed and not widened: so one row gives the severities
of both directions. Where oasdiff is milder, the difference is on purpose: a narrowed request is breaking also when the
limit was not there before (`max-set` and its like are warnings there).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from olorin_pipelines.diff.change import Place
from olorin_pipelines.diff.rule import Rule, Severity

__all__ = ["ALIASES", "placed", "schema_rules"]

ALIASES: Mapping[str, str] = {"response-body-enum-value-removed": "response-mediatype-enum-value-removed"}
"""Kinds whose id in oasdiff does not follow its own pattern."""

_TEXT, _NUMBER, _LIST = {"type": "string"}, {"type": "integer"}, {"type": "array", "items": {"type": "string"}}
_OBJECT = {"type": "object"}
_LIMIT = ("the limit of {subject} went from {before} to {after}",) * 2


class _Row(NamedTuple):
    """A narrowing and the widening that mirrors it; `loose` allows more than `tight`."""

    narrowing: str
    widening: str
    loose: Mapping[str, Any]
    tight: Mapping[str, Any]
    says: tuple[str, str] = _LIMIT
    widened_response: Severity = Severity.BREAKING


def _limits(stem: str, keyword: str, base: Mapping[str, Any], *, upper: bool) -> Iterator[_Row]:
    """A limit that moves, and one that appears."""
    loose, tight = ({**base, keyword: value} for value in ((9, 5) if upper else (5, 9)))
    steps = ("decreased", "increased") if upper else ("increased", "decreased")
    says = tuple(f"`{keyword}` of {{subject}} was {step} from {{before}} to {{after}}" for step in steps)
    yield _Row(f"{stem}-{steps[0]}", f"{stem}-{steps[1]}", loose, tight, (says[0], says[1]))
    if stem != "min-length":  # none is the same as 0
        yield _Row(
            f"{stem}-set",
            f"{stem}-unset",
            base,
            tight,
            (f"`{keyword}` of {{subject}} was set to {{after}}", f"`{keyword}` {{before}} of {{subject}} was removed"),
        )


_ROWS = (
    _Row(
        "type-specialized",
        "type-generalized",
        {},
        _TEXT,
        (
            "the type of {subject} was narrowed from {before} to {after}",
            "the type of {subject} was widened from {before} to {after}",
        ),
    ),
    _Row(
        "list-of-types-narrowed",
        "list-of-types-widened",
        {"type": ["string", "integer"]},
        _TEXT,
        (
            "{subject} allows fewer types: {before} became {after}",
            "{subject} allows more types: {before} became {after}",
        ),
    ),
    _Row(
        "became-not-nullable",
        "became-nullable",
        {"type": ["string", "null"]},
        _TEXT,
        ("{subject} may no longer be null", "{subject} may now be null"),
    ),
    _Row(
        "enum-value-removed",
        "enum-value-added",
        {"enum": ["a", "b", "c"]},
        {"enum": ["a", "b"]},
        ("{subject} lost the value {before}", "{subject} got the value {after}"),
        Severity.WARNING,
    ),
    _Row(
        "became-enum",
        "enum-removed",
        _TEXT,
        {"type": "string", "enum": ["a", "b"]},
        ("{subject} was restricted to {after}", "{subject} is no longer restricted to {before}"),
    ),
    _Row(
        "const-added",
        "const-removed",
        _TEXT,
        {"type": "string", "const": "a"},
        ("{subject} was fixed to {after}", "{subject} is no longer fixed to {before}"),
    ),
    *_limits("min", "minimum", _NUMBER, upper=False),
    *_limits("max", "maximum", _NUMBER, upper=True),
    *_limits("exclusive-min", "exclusiveMinimum", _NUMBER, upper=False),
    *_limits("exclusive-max", "exclusiveMaximum", _NUMBER, upper=True),
    *_limits("min-length", "minLength", _TEXT, upper=False),
    *_limits("max-length", "maxLength", _TEXT, upper=True),
    *_limits("min-items", "minItems", _LIST, upper=False),
    *_limits("max-items", "maxItems", _LIST, upper=True),
    *_limits("min-properties", "minProperties", _OBJECT, upper=False),
    *_limits("max-properties", "maxProperties", _OBJECT, upper=True),
    _Row(
        "pattern-added",
        "pattern-removed",
        _TEXT,
        {"type": "string", "pattern": "^a"},
        ("{subject} has to match {after}", "{subject} no longer has to match {before}"),
    ),
    _Row(
        "multiple-of-set",
        "multiple-of-unset",
        _NUMBER,
        {"type": "integer", "multipleOf": 5},
        ("{subject} has to be a multiple of {after}", "{subject} no longer has to be a multiple of {before}"),
    ),
    _Row(
        "unique-items-set",
        "unique-items-unset",
        _LIST,
        {**_LIST, "uniqueItems": True},
        ("items of {subject} have to be unique", "items of {subject} no longer have to be unique"),
    ),
    _Row(
        "additional-properties-disallowed",
        "additional-properties-allowed",
        _OBJECT,
        {"type": "object", "additionalProperties": False},
        ("{subject} no longer allows further properties", "{subject} allows further properties"),
    ),
    _Row(
        "constraint-narrowed",
        "constraint-widened",
        {"type": "string"},
        {"type": "string", "not": {"const": "a"}},
        (
            "{subject} allows less: {before} became {after}",
            "{subject} allows more: {before} became {after}",
        ),
    ),
    _Row(
        "any-of-removed",
        "any-of-added",
        {"anyOf": [{"type": "string", "maxLength": 5}, _NUMBER, {"type": "boolean"}]},
        {"anyOf": [{"type": "string", "maxLength": 5}, _NUMBER]},
        ("{subject} lost the alternative {before}", "{subject} got the alternative {after}"),
    ),
    _Row(
        "one-of-removed",
        "one-of-added",
        {"oneOf": [{"type": "string", "maxLength": 5}, _NUMBER, {"type": "boolean"}]},
        {"oneOf": [{"type": "string", "maxLength": 5}, _NUMBER]},
        ("{subject} lost the alternative {before}", "{subject} got the alternative {after}"),
    ),
    _Row(
        "all-of-added",
        "all-of-removed",
        {"allOf": [{"properties": {"a": {}}, "additionalProperties": False}]} | _OBJECT | {"properties": {"a": {}}},
        {
            "allOf": [{"properties": {"a": {}}, "additionalProperties": False}, {"required": ["a"]}],
            "type": "object",
            "properties": {"a": {}},
        },
        ("{subject} has to fulfil {after} too", "{subject} no longer has to fulfil {before}"),
    ),
)


class _Swap(NamedTuple):
    """A change that allows other values without allowing more or fewer of them; it is its own mirror."""

    aspect: str
    one: Mapping[str, Any]
    two: Mapping[str, Any]
    says: str
    mirror: str = ""
    request: Severity = Severity.BREAKING
    response: Severity = Severity.BREAKING


_DEFAULT = {"type": "integer", "default": 1}


def _tagged(**mapping: str) -> dict[str, Any]:
    return {"type": "object", "discriminator": {"propertyName": "kind", "mapping": mapping}}


_SWAPS = (
    _Swap("type-changed", _TEXT, _NUMBER, "the type of {subject} changed from {before} to {after}"),
    _Swap("const-changed", {"const": "a"}, {"const": "b"}, "{subject} is fixed to {after} instead of {before}"),
    _Swap(
        "pattern-changed",
        {"type": "string", "pattern": "^a"},
        {"type": "string", "pattern": "^b"},
        "{subject} has to match {after} instead of {before}",
    ),
    _Swap(
        "multiple-of-changed",
        {"type": "integer", "multipleOf": 2},
        {"type": "integer", "multipleOf": 3},
        "{subject} has to be a multiple of {after} instead of {before}",
    ),
    *(
        _Swap(
            f"default-value-{step}",
            one,
            two,
            f"the default of {{subject}} was {step}: {{before}} became {{after}}",
            f"default-value-{mirror}",
            Severity.WARNING,
            Severity.INFO,
        )
        for step, one, two, mirror in (
            ("added", _NUMBER, _DEFAULT, "removed"),
            ("removed", _DEFAULT, _NUMBER, "added"),
            ("changed", _DEFAULT, {"type": "integer", "default": 2}, "changed"),
        )
    ),
    *(
        _Swap(
            f"discriminator-mapping-{step}",
            one,
            two,
            f"a mapping of the discriminator of {{subject}} was {step}: {{before}} became {{after}}",
            f"discriminator-mapping-{mirror}",
            Severity.INFO,
            Severity.INFO,
        )
        for step, one, two, mirror in (
            ("added", _tagged(), _tagged(x="#/x"), "deleted"),
            ("deleted", _tagged(x="#/x"), _tagged(), "added"),
        )
    ),
    _Swap(
        "x-extensible-enum-value-removed",
        {"type": "string", "x-extensible-enum": ["a", "b"]},
        {"type": "string", "x-extensible-enum": ["a"]},
        "{subject} no longer knows the value {before}",
        "x-extensible-enum-value-added",
        Severity.WARNING,
        Severity.INFO,
    ),
    _Swap(
        "x-extensible-enum-value-added",
        {"type": "string", "x-extensible-enum": ["a"]},
        {"type": "string", "x-extensible-enum": ["a", "b"]},
        "{subject} knows the value {after} too",
        "x-extensible-enum-value-removed",
        Severity.INFO,
        Severity.INFO,
    ),
    _Swap(
        "discriminator-mapping-changed",
        _tagged(x="#/x"),
        _tagged(x="#/y"),
        "a mapping of the discriminator of {subject} changed from {before} to {after}",
    ),
    _Swap(
        "discriminator-property-changed",
        {"type": "object", "discriminator": {"propertyName": "kind"}},
        {"type": "object", "discriminator": {"propertyName": "type"}},
        "the discriminator of {subject} is the property {after} instead of {before}",
    ),
    _Swap(
        "discriminator-added",
        {"type": "object"},
        _tagged(),
        "{subject} got the discriminator {after}",
        "discriminator-removed",
        Severity.WARNING,
        Severity.INFO,
    ),
    _Swap(
        "discriminator-removed",
        _tagged(),
        {"type": "object"},
        "{subject} lost the discriminator {before}",
        "discriminator-added",
        Severity.INFO,
        Severity.WARNING,
    ),
)

_WHY = {
    (True, "narrowing"): "a consumer may send what was valid until now, and is refused",
    (True, "widening"): "everything that was valid is still valid",
    (False, "narrowing"): "a consumer gets only what it could already get",
    (False, "widening"): "a consumer may get a value it was never told about",
    (True, "swap"): "what a consumer sends may no longer be valid, or mean something else",
    (False, "swap"): "a consumer may get something it does not expect",
}
_FIX = {
    True: "go on accepting what was accepted, or take the change into a new version of the operation",
    False: "go on answering within the old schema, or take the change into a new version of the operation",
}


def placed(place: Place, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document in which `schema` stands at `place`."""
    inner: Any = schema
    if place.below is place or place in (Place.REQUEST_PARAMETER_PROPERTY,):
        inner = {"type": "object", "properties": {"value": schema}}
    media = {"application/json": {"schema": inner}}
    response: dict[str, Any] = {"description": "done"}
    operation: dict[str, Any] = {"responses": {"200": response}}
    if place in (Place.REQUEST_PARAMETER, Place.REQUEST_PARAMETER_PROPERTY):
        operation["parameters"] = [{"name": "filter", "in": "query", "schema": inner}]
    elif place.request:
        operation["requestBody"] = {"content": media}
    elif place is Place.RESPONSE_HEADER:
        response["headers"] = {"X-Value": {"schema": inner}}
    else:
        response["content"] = media
    return {"paths": {"/orders": {"post": operation}}}


@cache
def schema_rules(place: Place) -> tuple[Rule, ...]:
    """Return the rules for schemas that stand at a place."""
    found = [rule for row in _ROWS for rule in _row_rules(place, row)]
    for swap in _SWAPS:
        severity = swap.request if place.request else swap.response
        found.append(
            Rule(
                id=f"{place.value}-{swap.aspect}",
                severity=severity,
                says=swap.says,
                why=_WHY[place.request, "swap"] if severity is Severity.BREAKING else "no value becomes invalid",
                fix=_FIX[place.request] if severity is Severity.BREAKING else "",
                mirror=f"{place.value}-{swap.mirror or swap.aspect}",
                before=placed(place, swap.one),
                after=placed(place, swap.two),
            )
        )
    return tuple(found)


def _row_rules(place: Place, row: _Row) -> Iterator[Rule]:
    loose, tight = placed(place, row.loose), placed(place, row.tight)
    ids = [ALIASES.get(kind, kind) for kind in (f"{place.value}-{row.narrowing}", f"{place.value}-{row.widening}")]
    bad = Severity.BREAKING if place.request else row.widened_response
    yield Rule(
        id=ids[0],
        severity=bad if place.request else Severity.INFO,
        says=row.says[0],
        why=_WHY[place.request, "narrowing"],
        fix=_FIX[True] if place.request else "",
        mirror=ids[1],
        before=loose,
        after=tight,
    )
    yield Rule(
        id=ids[1],
        severity=Severity.INFO if place.request else bad,
        says=row.says[1],
        why=_WHY[place.request, "widening"],
        fix="" if place.request else _FIX[False],
        mirror=ids[0],
        before=tight,
        after=loose,
    )
