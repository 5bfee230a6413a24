"""Where does a schema that is written the same on both sides lead to what differs? At some of its references."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from olorin_pipelines.diff.dialects import ANNOTATIONS
from olorin_pipelines.diff.shape import Node
from olorin_pipelines.openapi import join

__all__ = ["Door", "doors", "plain"]

Door: TypeAlias = tuple[Node, Node, bool]
"""A schema on both sides, and whether it stands below the value (in a property, an item) and not at its place."""

_BRANCHES = ("anyOf", "oneOf")
_PARTS = ("items", "additionalProperties")
_PLAIN = ANNOTATIONS | {
    *("type", "format", "enum", "const", "nullable", "default", "deprecated", "readOnly", "writeOnly", "required"),
    *("pattern", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "uniqueItems", "properties"),
    *_BRANCHES,
    *_PARTS,
}
"""Keywords of a schema that is the same when it is written the same and all that it refers to is the same."""

_HOLDING = frozenset({"properties", *_BRANCHES, *_PARTS})


def plain(schema: Any) -> bool:
    """Whether a schema says nothing but what holds for each of its parts alone."""
    return isinstance(schema, dict) and (
        schema.keys() <= _PLAIN or all(keyword in _PLAIN or keyword.startswith("x-") for keyword in schema)
    )


def doors(old: Node, new: Node, leads: Callable[[Any], bool], *, below: bool = False) -> Iterator[Door]:
    """Yield what has to be compared of two plain schemas that are written the same, in the order of the text."""
    for keyword in _BRANCHES:
        branches = old.schema.get(keyword)
        for i, branch in enumerate(branches if isinstance(branches, list) else ()):
            yield from _door(branch, new.schema[keyword][i], (old, new, (keyword, i)), leads, below=below)
    properties = old.schema.get("properties")
    for name, schema in properties.items() if isinstance(properties, Mapping) else ():
        at = (old, new, ("properties", name))
        yield from _door(schema, new.schema["properties"][name], at, leads, below=True)
    for keyword in _PARTS:
        if keyword in old.schema:
            yield from _door(old.schema[keyword], new.schema[keyword], (old, new, (keyword,)), leads, below=True)


def _door(
    one: Any,
    two: Any,
    at: tuple[Node, Node, tuple[str | int, ...]],
    leads: Callable[[Any], bool],
    *,
    below: bool,
) -> Iterator[Door]:
    if not isinstance(one, dict):
        return
    simple = plain(one)
    if (simple and _HOLDING.isdisjoint(one)) or (not simple and not leads(one)):
        return
    old, new, steps = at
    nodes = Node(one, join(old.pointer, *steps)), Node(two, join(new.pointer, *steps))
    if simple:
        yield from doors(*nodes, leads, below=below)
    else:
        yield (*nodes, below)
