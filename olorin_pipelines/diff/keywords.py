"""What do a schema's own keywords say? Those of `allOf`, `anyOf`, `oneOf` and `$ref` are read by the reader."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from olorin_pipelines.diff.dialects import ANNOTATIONS, Dialect
from olorin_pipelines.diff.merge import fits
from olorin_pipelines.diff.shape import Bound, Node, Shape
from olorin_pipelines.diff.values import kind_of, text_of
from olorin_pipelines.openapi import Pointer, join

__all__ = ["GROUPS", "JUDGED", "LISTED", "MAPPED", "NESTED", "SIZES", "own_shape"]

SIZES = {
    "minLength": "min-length",
    "maxLength": "max-length",
    "minItems": "min-items",
    "maxItems": "max-items",
    "minProperties": "min-properties",
    "maxProperties": "max-properties",
}
NESTED = frozenset(
    {
        "contains",
        "contentSchema",
        "else",
        "if",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
"""Keywords whose value is a schema."""
GROUPS = (frozenset({"if", "then", "else"}), frozenset({"contains", "minContains", "maxContains"}))
"""Keywords that mean something together only."""

JUDGED = frozenset(
    {
        *("contains", "dependentRequired", "dependentSchemas", "else", "if", "maxContains", "minContains", "not"),
        *("patternProperties", "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
    }
)
"""Keywords that are compared by containment, not by a row of the table."""

MAPPED = frozenset({"dependentSchemas", "patternProperties"})
LISTED = frozenset({"prefixItems"})

_READ = ANNOTATIONS | {
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "default",
    "deprecated",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maximum",
    "minimum",
    "multipleOf",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "readOnly",
    "required",
    "type",
    "uniqueItems",
    "writeOnly",
    *SIZES,
}


def own_shape(schema: Mapping[str, Any], pointer: Pointer, dialect: Dialect) -> Shape:
    """Read every keyword that stands in `schema` itself."""
    types, nullable = _types(schema, dialect)
    enum, nullable = _values(schema, dialect, types, nullable)
    if enum is not None:
        types = frozenset(kind_of(value) for value in enum.values())
    properties = schema.get("properties")
    additional = schema.get("additionalProperties", True)
    listed = schema.get("required")
    return Shape(
        pointer=pointer,
        types=types,
        nullable=nullable,
        format=str(schema.get("format") or ""),
        enum=enum,
        lower=_bound(schema, dialect, "minimum", "exclusiveMinimum", sign=1),
        upper=_bound(schema, dialect, "maximum", "exclusiveMaximum", sign=-1),
        sizes={name: schema[key] for key, name in SIZES.items() if _limits(key, schema.get(key))},
        patterns=frozenset({schema["pattern"]} if isinstance(schema.get("pattern"), str) else ()),
        unique=schema.get("uniqueItems") is True,
        multiple=schema["multipleOf"] if _number(schema.get("multipleOf")) else None,
        properties={
            name: Node(child, join(pointer, "properties", name))
            for name, child in (properties.items() if isinstance(properties, dict) else ())
        },
        required=frozenset(name for name in listed if isinstance(name, str))
        if isinstance(listed, list)
        else frozenset(),
        additional=Node(additional, join(pointer, "additionalProperties"))
        if isinstance(additional, dict) and not additional.keys() <= ANNOTATIONS
        else None,
        closed=additional is False,
        items=Node(schema["items"], join(pointer, "items")) if "items" in schema else None,
        exact=_exact(schema, dialect),
        default=text_of(schema["default"]) if "default" in schema else None,
        extensible=frozenset(map(text_of, schema["x-extensible-enum"]))
        if isinstance(schema.get("x-extensible-enum"), list)
        else None,
        deprecated=schema.get("deprecated") is True,
        read_only=schema.get("readOnly") is True,
        write_only=schema.get("writeOnly") is True,
    )


def _types(schema: Mapping[str, Any], dialect: Dialect) -> tuple[frozenset[str] | None, bool]:
    written = schema.get("type")
    if written is None:
        return None, True
    names = frozenset({written} if isinstance(written, str) else map(str, written))
    nullable = "null" in names or (dialect.nullable_keyword and schema.get("nullable") is True)
    names -= {"null"}
    return (names - {"integer"} if "number" in names else names), nullable


def _values(
    schema: Mapping[str, Any], dialect: Dialect, types: frozenset[str] | None, nullable: bool
) -> tuple[dict[str, Any] | None, bool]:
    """Read `enum` and `const`, which are one thing; only values of an allowed type count."""
    written = schema.get("enum")
    values = written if isinstance(written, list) else None
    if "const" in schema and "const" not in dialect.unknown:
        text = text_of(schema["const"])
        values = [schema["const"]] if values is None else [value for value in values if text_of(value) == text]
    if values is None:
        return None, nullable
    # A 3.0 document that says `nullable` and leaves null out of `enum` means null, whatever 3.0.3 clarifies.
    stated = dialect.nullable_keyword and types is not None and nullable
    allowed = [v for v in values if v is not None and fits(kind_of(v), types)]
    return {text_of(v): v for v in allowed}, nullable and (None in values or stated)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _limits(keyword: str, value: Any) -> bool:
    """Whether a size says anything: a minimum of 0 does not."""
    return _number(value) and not (keyword.startswith("min") and value <= 0)


def _bound(schema: Mapping[str, Any], dialect: Dialect, plain: str, exclusive: str, *, sign: int) -> Bound | None:
    found = []
    value, other = schema.get(plain), schema.get(exclusive)
    if value is not None and _number(value):
        found.append(Bound(value, dialect.boolean_exclusive and other is True))
    if other is not None and _number(other) and not dialect.boolean_exclusive:
        found.append(Bound(other, True))
    return max(found, key=lambda bound: (sign * bound.value, bound.exclusive), default=None)


def _exact(schema: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Return what is not understood: keywords nobody reads, and `nullable` where the dialect gives it no effect."""
    rest = {k: v for k, v in schema.items() if k not in _READ and k not in dialect.unknown and not k.startswith("x-")}
    if dialect.nullable_keyword and schema.get("nullable") is True and "type" not in schema:
        rest["nullable"] = True
    return _without_idle(rest)


def _without_idle(rest: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has no effect: half a condition, limits of a `contains` that is not there."""
    if "if" not in rest or not rest.keys() & {"then", "else"}:
        rest = {key: value for key, value in rest.items() if key not in ("if", "then", "else")}
    if "contains" not in rest or (rest.get("minContains") == 0 and "maxContains" not in rest):
        rest = {key: value for key, value in rest.items() if key not in ("contains", "minContains", "maxContains")}
    if rest.get("minContains") == 1:
        del rest["minContains"]
    return rest
