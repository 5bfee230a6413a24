"""What do the keywords beside `unevaluatedItems` or `unevaluatedProperties` leave to it? (JSON Schema 2020-12, 11)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.shape import Node
from olorin_pipelines.openapi import join

__all__ = ["IN_PLACE", "Reach", "reach", "told"]

_ALWAYS = frozenset({"$dynamicRef", "$ref", "allOf"})
IN_PLACE = _ALWAYS | {"anyOf", "contains", "dependentSchemas", "else", "if", "oneOf", "then"}
"""Keywords whose schemas look at the same value, and evaluate parts of it."""

_EVALUATE = {
    "unevaluatedItems": ("items", "prefixItems", "contains"),
    "unevaluatedProperties": ("additionalProperties", "patternProperties"),
}


class Reach(NamedTuple):
    """The keywords that evaluate parts of a value: of each value, or of those that some schema beside them fits."""

    always: frozenset[str]
    sometimes: frozenset[str]


def reach(keyword: str, node: Node, reader: Reader) -> Reach:
    """Return what is evaluated beside `keyword` in the schema of `node`; named properties are compared elsewhere."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for always, name in _walk(keyword, node, reader, always=True, above=frozenset()):
        found[always].add(name)
    return Reach(frozenset(found[True]), frozenset(found[False]))


def _walk(
    keyword: str, node: Node, reader: Reader, *, always: bool, above: frozenset[int]
) -> Iterator[tuple[bool, str]]:
    schema, pointer = reader.followed(node)
    if not isinstance(schema, dict) or id(schema) in above:
        return
    below = (keyword,) if above else ()  # it evaluates as well, for one that stands above it
    for name in (*_EVALUATE[keyword], *below):
        if name in schema:
            yield from ((always, part) for part in _parts(name, schema[name]))
    if "$ref" in schema:
        target = Node(*reader.resolve({"$ref": schema["$ref"]}, pointer))
        yield from _walk(keyword, target, reader, always=always, above=above | {id(schema)})
    for name in sorted((IN_PLACE - {"$ref", "contains"}) & schema.keys()):
        for part in _schemas(schema[name], join(pointer, name)):
            yield from _walk(keyword, part, reader, always=always and name in _ALWAYS, above=above | {id(schema)})


def _parts(name: str, value: Any) -> list[str]:
    if name == "prefixItems" and isinstance(value, list):
        return [f"{name} ({len(value)})"]
    if name == "patternProperties" and isinstance(value, Mapping):
        return [f"{name} {pattern}" for pattern in value]
    return [name]


def _schemas(value: Any, pointer: str) -> list[Node]:
    """Return the schemas of a list, of a mapping of names (`dependentSchemas`), or the one that stands there."""
    if isinstance(value, list):
        return [Node(one, join(pointer, i)) for i, one in enumerate(value)]
    if pointer.endswith("/dependentSchemas") and isinstance(value, Mapping):
        return [Node(one, join(pointer, name)) for name, one in value.items()]
    return [Node(value, pointer)]


def told(found: Reach) -> str:
    """Return the keywords as text."""
    return ", ".join(sorted(found.always | found.sometimes)) or "nothing"
