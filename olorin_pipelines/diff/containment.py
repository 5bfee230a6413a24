"""Is every value that one schema allows allowed by another? Yes only when it can be shown; no means "not shown".

The meaning is that of JSON Schema alone: here nobody is assumed to leave out what a schema does not name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from olorin_pipelines.diff.keywords import GROUPS
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.shape import Bound, Node, Shape
from olorin_pipelines.diff.values import kind_of, text_of

__all__ = ["Containment", "Side"]

Side: TypeAlias = tuple[Reader, Node]
"""A schema and the reader of its document."""

Shaped: TypeAlias = tuple[Reader, Shape]

_DEEPEST = 40
_MOST = 3_000
"""Pairs that are looked at for one question."""

_SIZED = {"length": "string", "items": "array", "properties": "object"}
_BY_NEIGHBOURS = frozenset({"unevaluatedItems", "unevaluatedProperties"})
"""What they allow depends on what stands beside them."""

_ANYTHING = Node(True, "")
_WIDER_FORMATS = frozenset({("int32", "int64"), ("float", "double")})


class Containment:
    """Shows containments; `same` says whether two schemas of the two documents mean the same for certain."""

    def __init__(self, same: Callable[[Any, Any], bool]) -> None:
        self.same = same
        self._known: dict[tuple[int, int], tuple[bool, Any, Any]] = {}
        self._open: set[tuple[int, int]] = set()
        self._left = _MOST

    def within(self, inner: Side, outer: Side) -> bool:
        """Whether it can be shown that all values of `inner` are values of `outer`."""
        one, two = inner[0].followed(inner[1]).schema, outer[0].followed(outer[1]).schema
        if two is True or two == {} or one is False or self.same(one, two):
            return True
        key = (id(one), id(two))
        if key in self._known:
            return self._known[key][0]
        if not self._open:
            self._left = _MOST
        shown = self._guarded(key, (inner[0], inner[0].shape(inner[1])), (outer[0], outer[0].shape(outer[1])))
        if shown or not self._open:  # below an open pair, a "no" may only be the guard's
            self._known[key] = (shown, one, two)  # ids are only good while their objects live
        return shown

    def _guarded(self, key: tuple[int, int], inner: Shaped, outer: Shaped) -> bool:
        """A schema that contains itself, or is too much to look at: not shown."""
        self._left -= 1
        if key in self._open or len(self._open) > _DEEPEST or self._left < 0:
            return False
        self._open.add(key)
        try:
            return self._shapes(inner, outer)
        finally:
            self._open.discard(key)

    def _shapes(self, inner: Shaped, outer: Shaped) -> bool:
        (reader, one), two = inner, outer[1]
        for keyword in ("any-of", "one-of", "all-of"):  # what one says beside a union can suffice, or its branches
            branches = [(reader, reader.shape(node)) for node in one.unions.get(keyword, ())]
            every = any if keyword == "all-of" else all
            if branches and every(self._guarded((id(each[1]), id(two)), each, outer) for each in branches):
                return True
        return (
            self._unions(inner, outer)
            and _exact(one, two)
            and _values(one, two)
            and (one.enum is not None or _limits(one, two))
            and self._objects(inner, outer)
            and self._lists(inner, outer)
        )

    def _unions(self, inner: Shaped, outer: Shaped) -> bool:
        reader = outer[0]
        for keyword, nodes in outer[1].unions.items():
            if keyword == "one-of":
                return False  # a value may be in two branches
            every = all if keyword == "all-of" else any
            branches = [(reader, reader.shape(node)) for node in nodes]
            if not every(self._guarded((id(inner[1]), id(each[1])), inner, each) for each in branches):
                return False
        return True

    def _objects(self, inner: Shaped, outer: Shaped) -> bool:
        one, two = inner[1], outer[1]
        if not _may_be(one, "object"):
            return True
        if _one_way(inner) or _one_way(outer) or not two.required <= one.required or (two.closed and not one.closed):
            return False
        rest = one.additional or _ANYTHING
        for name in two.properties.keys() | one.properties.keys():
            wanted = two.properties.get(name, two.additional)
            if wanted is None and two.closed:
                return False
            given = one.properties.get(name) or (None if one.closed else rest)
            if wanted and given and not self.within((inner[0], given), (outer[0], wanted)):
                return False
        return one.closed or two.additional is None or self.within((inner[0], rest), (outer[0], two.additional))

    def _lists(self, inner: Shaped, outer: Shaped) -> bool:
        one, two = inner[1], outer[1]
        if two.items is None or not _may_be(one, "array"):
            return True
        return self.within((inner[0], one.items or _ANYTHING), (outer[0], two.items))


def _may_be(shape: Shape, kind: str) -> bool:
    if shape.enum is not None:
        return any(kind_of(value) == kind for value in shape.enum.values())
    return shape.types is None or kind in shape.types


def _one_way(side: Shaped) -> bool:
    """Whether some property is part of requests only, or of responses only: then `required` says two things."""
    shapes = (side[0].shape(node) for node in side[1].properties.values())
    return any(shape.read_only or shape.write_only for shape in shapes)


def _exact(one: Shape, two: Shape) -> bool:
    """What the other says, and no field of a shape holds, one has to say in the same words, without references."""
    given, wanted = ({k: v for k, v in shape.exact.items() if k != "discriminator"} for shape in (one, two))
    if "prefixItems" in given and "prefixItems" not in wanted and two.items is not None:
        return False
    if "patternProperties" in given:
        free = two.additional is None and not two.closed
        if not two.properties.keys() <= one.properties.keys() or not (
            free or one.properties.keys() == two.properties.keys()
        ):
            return False
        if "patternProperties" not in wanted and not free:
            return False
    keys = set(wanted)
    for group in GROUPS:
        if keys & group:
            keys |= group
    words = [{key: side.get(key) for key in keys} for side in (given, wanted)]
    return not keys & _BY_NEIGHBOURS and words[0] == words[1] and (not keys or _no_reference(*words))


def _no_reference(one: Any, two: Any) -> bool:
    text = text_of(one)
    return text == text_of(two) and '"$' not in text


def _values(one: Shape, two: Shape) -> bool:
    """Whether the types and the listed values of one are among those of the other."""
    if one.nullable and not two.nullable:
        return False
    if one.enum is not None:
        return all(_listed(text, value, two) for text, value in one.enum.items())
    if two.enum is not None:
        return one.types == frozenset()
    return two.types is None or (one.types is not None and all(_typed(kind, two.types) for kind in one.types))


def _typed(kind: str, types: frozenset[str] | None) -> bool:
    return types is None or kind in types or (kind == "integer" and "number" in types)


def _listed(text: str, value: Any, shape: Shape) -> bool:
    if (shape.enum is not None and text not in shape.enum) or not _typed(kind_of(value), shape.types):
        return False
    if shape.says_only("types", "nullable", "enum"):
        return True
    if shape.patterns or shape.multiple or shape.format:
        return False
    if isinstance(value, bool):
        return True
    if isinstance(value, (int, float)):
        return _above(Bound(value, False), shape.lower) and _below(Bound(value, False), shape.upper)
    if isinstance(value, str):
        least, most = shape.sizes.get("min-length", 0), shape.sizes.get("max-length", len(value))
        return least <= len(value) <= most
    return False


def _limits(one: Shape, two: Shape) -> bool:
    if _may_be(one, "integer") or _may_be(one, "number"):
        if not (_above(one.lower, two.lower) and _below(one.upper, two.upper)):
            return False
        if two.multiple and not _multiple(one, two.multiple):
            return False
    for name, size in two.sizes.items():
        step, _, what = name.partition("-")
        given = one.sizes.get(name)
        if _may_be(one, _SIZED[what]) and (given is None or (given < size if step == "min" else given > size)):
            return False
    if two.format and two.format != one.format and (one.format, two.format) not in _WIDER_FORMATS:
        return False
    if two.unique and not one.unique and _may_be(one, "array"):
        return False
    return two.patterns <= one.patterns or not _may_be(one, "string")


def _above(one: Bound | None, two: Bound | None) -> bool:
    if two is None or one is None:
        return two is None
    return one.value > two.value or (one.value == two.value and (one.exclusive or not two.exclusive))


def _below(one: Bound | None, two: Bound | None) -> bool:
    if two is None or one is None:
        return two is None
    return one.value < two.value or (one.value == two.value and (one.exclusive or not two.exclusive))


def _multiple(one: Shape, step: float) -> bool:
    if step == 1 and one.types is not None and "number" not in one.types:
        return True
    whole = isinstance(step, int) and isinstance(one.multiple, int)
    return one.multiple == step or (whole and one.multiple is not None and one.multiple % step == 0)
