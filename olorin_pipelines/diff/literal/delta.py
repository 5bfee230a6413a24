"""In which keywords do two schemas differ, as they are written? Each pair of schemas is compared once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from olorin_pipelines.diff.literal.branches import Branches, match_branches
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.shape import Node
from olorin_pipelines.diff.values import text_of
from olorin_pipelines.openapi import Pointer, join

__all__ = ["Child", "Delta", "Deltas", "types_of"]

_ZERO: Mapping[str, Any] = {
    "title": "", "format": "", "description": "", "uniqueItems": False, "nullable": False, "readOnly": False,
    "writeOnly": False, "allowEmptyValue": False, "deprecated": False, "minLength": 0, "pattern": "", "minItems": 0,
    "minProperties": 0,
}  # fmt: skip
"""What a missing keyword counts as; every other one counts as null."""
_ANNOTATIONS = frozenset({"title", "description", "default", "example", "externalDocs", "examples", "$comment"})
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = (
    "items", "additionalProperties", "contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties",
    "if", "then", "else", "not", "contentSchema",
)  # fmt: skip
_MAPS = ("properties", "patternProperties", "dependentSchemas")
_PARTS = frozenset({*_LISTS, *_SINGLE, *_MAPS, "$ref", "$defs"})


@dataclass(frozen=True, slots=True)
class Child:
    """A part that both sides have and that differs; `name` is the property's, empty for any other keyword."""

    keyword: str
    name: str
    delta: Delta


@dataclass(slots=True)
class Delta:
    """Two schemas and what differs between them."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    at: Pointer
    to: Pointer
    changed: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """Keyword to (before, after), for keywords that hold no schemas."""
    added: dict[str, list[str]] = field(default_factory=dict)
    """Keyword to the names of the schemas that came; [""] where the keyword holds one schema."""
    removed: dict[str, list[str]] = field(default_factory=dict)
    branches: dict[str, Branches] = field(default_factory=dict)
    children: list[Child] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing differs at all."""
        return not (self.changed or self.added or self.removed or self.branches or self.children)

    def validates_alike(self) -> bool:
        """Whether only annotations differ, here and below."""
        if self.changed.keys() - _ANNOTATIONS or self.added or self.removed:
            return False
        if any(branches.added or branches.removed for branches in self.branches.values()):
            return False
        return all(child.delta.validates_alike() for child in self.children)


class Deltas:
    """Compares the schemas of two documents."""

    def __init__(self, old: Reader, new: Reader) -> None:
        self.old, self.new = old, new
        self._known: dict[tuple[int, int], Delta] = {}
        self._kept: list[Any] = []

    def compare(self, old: Node, new: Node) -> Delta:
        """Return the delta of two schemas, references followed; a pair inside itself counts as equal there."""
        one, at = self._followed(self.old, old)
        two, to = self._followed(self.new, new)
        key = (id(one), id(two))
        if key not in self._known:
            self._kept += (one, two)  # ids are only good while their objects live
            self._known[key] = Delta(one, two, at, to)
            self._fill(self._known[key])
        return self._known[key]

    def alike(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Whether two schemas of which parts were left out differ in annotations only."""
        return self.compare(Node(old, ""), Node(new, "")).validates_alike()

    @staticmethod
    def _followed(reader: Reader, node: Node) -> tuple[Mapping[str, Any], Pointer]:
        schema, pointer = reader.resolve(node.schema, node.pointer)
        return (schema if isinstance(schema, dict) else {}), pointer

    def _fill(self, delta: Delta) -> None:
        if delta.old is delta.new:
            return
        for keyword in sorted((delta.old.keys() | delta.new.keys()) - _PARTS):
            values = [side.get(keyword, _ZERO.get(keyword)) for side in (delta.old, delta.new)]
            if values[0] != values[1] or text_of(values[0]) != text_of(values[1]):
                delta.changed[keyword] = (values[0], values[1])
        if types_of(delta.old) == types_of(delta.new):
            delta.changed.pop("type", None)
        for keyword in _LISTS:
            self._list(delta, keyword)
        for keyword in _SINGLE:
            sides = [
                {"": side[keyword]} if isinstance(side.get(keyword), dict) else {} for side in (delta.old, delta.new)
            ]
            self._map(delta, keyword, sides[0], sides[1])
        for keyword in _MAPS:
            sides = [side[keyword] if isinstance(side.get(keyword), dict) else {} for side in (delta.old, delta.new)]
            self._map(delta, keyword, sides[0], sides[1])

    def _list(self, delta: Delta, keyword: str) -> None:
        before, after = (tuple(_nodes(*side, keyword)) for side in ((delta.old, delta.at), (delta.new, delta.to)))
        if not before and not after:
            return
        found = match_branches(before, after, self.compare)
        pairs = [pair for pair in found.pairs if not pair.empty]
        delta.children += [Child(keyword, "", pair) for pair in pairs]
        if found.added or found.removed or pairs:
            delta.branches[keyword] = found

    def _map(self, delta: Delta, keyword: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        if added := [name for name in new if name not in old]:
            delta.added[keyword] = added
        if removed := [name for name in old if name not in new]:
            delta.removed[keyword] = removed
        for name in old:
            if name in new:
                steps = [keyword, name] if name or keyword in _MAPS else [keyword]
                one, two = Node(old[name], join(delta.at, *steps)), Node(new[name], join(delta.to, *steps))
                if (child := self.compare(one, two)) and not child.empty:
                    delta.children.append(Child(keyword, name if keyword == "properties" else "", child))


def _nodes(schema: Mapping[str, Any], pointer: Pointer, keyword: str) -> Iterator[Node]:
    listed = schema.get(keyword)
    for i, part in enumerate(listed if isinstance(listed, list) else ()):
        yield Node(part if isinstance(part, dict) else {}, join(pointer, keyword, i))


def types_of(schema: Mapping[str, Any]) -> list[str]:
    """Return the types a schema names, none for any."""
    types = schema.get("type")
    return [types] if isinstance(types, str) else [str(t) for t in types] if isinstance(types, list) else []
