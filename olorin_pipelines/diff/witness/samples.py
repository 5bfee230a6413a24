"""Which values lie at the edges of a schema? A few dozen, the likeliest to fulfil it first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from olorin_pipelines.diff.values import text_of
from olorin_pipelines.diff.witness.strings import strings

__all__ = ["samples"]

_MOST = 48
_DEEPEST = 6
_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_TELLING = {
    "object": ("properties", "required", "additionalProperties", "minProperties", "maxProperties"),
    "array": ("items", "minItems", "maxItems", "uniqueItems", "prefixItems", "contains"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_ANY: tuple[Any, ...] = ("a", 1, {}, [], True, None, 0.5, "", 0, False)


def samples(schema: Any) -> list[Any]:
    """Return different values for a standalone JSON Schema, at most 48; nothing says that one fulfils it."""
    definitions = schema.get("$defs", {}) if isinstance(schema, Mapping) else {}
    return _some(_values(schema, definitions, _DEEPEST))


def _some(values: Iterator[Any], most: int = _MOST) -> list[Any]:
    found: dict[str, Any] = {}
    for value in islice(values, 4 * most):
        found.setdefault(text_of(value), value)
        if len(found) == most:
            break
    return list(found.values())


def _values(schema: Any, definitions: Mapping[str, Any], depth: int) -> Iterator[Any]:
    if schema is False or depth < 0:
        return
    if not isinstance(schema, Mapping):
        yield from _ANY
        return
    if "$ref" in schema:
        target = definitions.get(str(schema["$ref"]).rpartition("/")[2], True)
        rest = {keyword: value for keyword, value in schema.items() if keyword not in ("$ref", "$defs")}
        parts = [target, rest] if rest else [target]
        yield from _values(_together(parts) if rest else target, definitions, depth - 1)
        return
    yield from _said(schema)
    if isinstance(schema.get("allOf"), list):
        rest = {keyword: value for keyword, value in schema.items() if keyword != "allOf"}
        parts = [_followed(part, definitions) for part in schema["allOf"]]
        yield from _values(_together([rest, *parts]), definitions, depth - 1)
        return
    for keyword in ("anyOf", "oneOf"):
        rest = {name: value for name, value in schema.items() if name not in ("anyOf", "oneOf", "$defs")}
        for branch in schema.get(keyword) or ():
            whole = _together([rest, _followed(branch, definitions)]) if rest else branch
            yield from _some(_values(whole, definitions, depth - 1), 12)
    if "not" in schema:
        yield from _some(_values(schema["not"], definitions, depth - 1), 12)
    for kind in _kinds(schema):
        yield from _of_kind(kind, schema, definitions, depth)


def _said(schema: Mapping[str, Any]) -> Iterator[Any]:
    if "const" in schema:
        yield schema["const"]
    for keyword in ("enum", "examples"):
        yield from schema[keyword] if isinstance(schema.get(keyword), list) else ()
    for keyword in ("example", "default"):
        if keyword in schema:
            yield schema[keyword]


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    named = schema.get("type")
    if named is not None:
        kinds = [named] if isinstance(named, str) else list(named)
        return [*kinds, "null"] if "null" not in kinds else kinds
    told = [kind for kind, keywords in _TELLING.items() if any(keyword in schema for keyword in keywords)]
    return told or ([] if schema.keys() & {"anyOf", "oneOf", "enum", "const"} else list(_TYPES))


def _of_kind(kind: str, schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> Iterator[Any]:
    if kind in ("integer", "number"):
        yield from _numbers(schema, whole=kind == "integer")
    elif kind == "string":
        yield from strings(schema)
    elif kind == "boolean":
        yield from (True, False)
    elif kind == "null":
        yield None
    elif kind == "array":
        yield from _arrays(schema, definitions, depth)
    elif kind == "object":
        yield from _objects(schema, definitions, depth)


def _numbers(schema: Mapping[str, Any], *, whole: bool) -> Iterator[Any]:
    step = schema.get("multipleOf")
    edges = [schema[keyword] for keyword in _TELLING["number"][:4] if _is_number(schema.get(keyword))]
    for edge in edges:
        yield from (edge, edge + 1, edge - 1)
        if _is_number(step) and step:
            yield from ((edge // step) * step, (edge // step + 1) * step)
    if isinstance(step, (int, float)):
        yield from (step, 2 * step, 3 * step)
    yield from (1, 0, -1, 2, 7, 100, 2**31)
    if not whole:
        yield from (edge + 0.5 for edge in [*edges, 0])


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def _arrays(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> Iterator[Any]:
    first = [next(_values(part, definitions, depth - 1), None) for part in schema.get("prefixItems") or ()]
    items = _some(_values(schema.get("items", True), definitions, depth - 1), 12)
    limits = [schema.get(keyword) for keyword in ("minItems", "maxItems")]
    edges = [int(n) for n in limits if isinstance(n, (int, float)) and 0 <= n <= 20]
    for item in items[:1]:
        for size in (n for edge in edges for n in (edge, edge - 1, edge + 1)):
            yield [*first, *([item] * max(0, size - len(first)))]
            yield [*items[:size], *([item] * max(0, size - len(items)))]
    yield first
    yield from ([*first, item] for item in items)
    yield from ([*first, item, item] for item in items[:2])
    yield []


def _objects(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> Iterator[Any]:
    properties = schema.get("properties") if isinstance(schema.get("properties"), Mapping) else {}
    named = {name: _some(_values(part, definitions, depth - 1), 12) for name, part in (properties or {}).items()}
    required = [name for name in schema.get("required") or () if isinstance(name, str)]
    known = {name: values[0] for name, values in named.items() if values}
    least = {name: known.get(name, "a") for name in required}
    yield least
    if depth == _DEEPEST or len(known) <= 12:
        yield known | least
    for name in [*required, *(name for name in named if name not in required)]:
        yield from ({**least, name: value} for value in named.get(name, ())[:12])
        yield {other: value for other, value in least.items() if other != name}
    extra = schema.get("additionalProperties", True)
    yield from ({**least, "other": value} for value in _some(_values(extra, definitions, depth - 1), 6))
    yield {**least, "other": "a"}
    yield {}


def _followed(schema: Any, definitions: Mapping[str, Any]) -> Any:
    for _ in range(8):
        if not isinstance(schema, Mapping) or "$ref" not in schema:
            break
        schema = definitions.get(str(schema["$ref"]).rpartition("/")[2], True)
    return schema


def _together(parts: list[Any]) -> dict[str, Any]:
    """Write a conjunction as one schema, roughly: what is in its way only makes a sample useless."""
    made: dict[str, Any] = {}
    for part in (part for part in parts if isinstance(part, Mapping)):
        for keyword, value in part.items():
            if keyword == "properties" and isinstance(value, Mapping):
                made[keyword] = {**made.get(keyword, {}), **value}
            elif keyword in ("required", "allOf") and isinstance(value, list):
                made[keyword] = [*made.get(keyword, []), *value]
            else:
                made.setdefault(keyword, value)
    return made
