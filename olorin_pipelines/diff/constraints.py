"""Which way do the constraints go that no row of the table knows? `not`, conditions, `contains`, patterns of names.

Where one of two schemas can be shown to be contained in the other the constraint became wider or narrower; `not` turns
that round. Where nothing can be shown the keyword stays unjudged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from olorin_pipelines.diff.aspects import Difference
from olorin_pipelines.diff.containment import Containment
from olorin_pipelines.diff.evaluated import IN_PLACE, reach, told
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.shape import Node, Shape
from olorin_pipelines.diff.values import short, text_of
from olorin_pipelines.openapi import join

__all__ = ["Below", "Constraints", "may_match"]


class Below(NamedTuple):
    """Two schemas of a part of the value, compared as those of items are."""

    old: Node
    new: Node


Found: TypeAlias = Difference | Below
_Way: TypeAlias = tuple[bool, bool]
"""Whether old is shown to be within new, and new within old."""


class Constraints:
    """Compares the constraints of two schemas."""

    def __init__(self, old: Reader, new: Reader, containment: Containment) -> None:
        self._old, self._new, self._containment = old, new, containment

    def compare(self, old: tuple[Node, Shape], new: tuple[Node, Shape]) -> Iterator[Found]:
        """Yield the differences, and the parts that the walk has to compare."""
        one, two = old[1], new[1]
        if not (one.exact or two.exact):
            return
        for keyword in ("not", "propertyNames"):
            yield from self._alone(keyword, one, two)
        yield from self._condition(one, two)
        yield from self._contains(one, two)
        yield from _dependent_required(one, two)
        yield from self._dependent_schemas(one, two)
        yield from self._prefix(one, two)
        yield from self._patterns(one, two)
        for keyword in ("unevaluatedItems", "unevaluatedProperties"):
            yield from self._unevaluated(keyword, old, new)

    def _way(self, old: Node, new: Node) -> _Way:
        one, two = (self._old, old), (self._new, new)
        return self._containment.within(one, two), self._containment.within(two, one)

    def _node(self, shape: Shape, *steps: str | int) -> Node:
        node: Any = shape.exact
        for step in steps:
            if isinstance(node, list) and isinstance(step, int):
                node = node[step]
            else:
                node = node.get(step, True) if isinstance(node, Mapping) else True
        return Node(node, join(shape.pointer, *steps))

    def _alone(self, keyword: str, old: Shape, new: Shape) -> Iterator[Found]:
        sides = [keyword in shape.exact for shape in (old, new)]
        if all(sides):
            wider, narrower = self._way(self._node(old, keyword), self._node(new, keyword))
            if keyword == "not":
                wider, narrower = narrower, wider
            yield from _judged(keyword, (wider, narrower), old, new)
        elif any(sides):
            yield from _judged(keyword, (sides[0], sides[1]), old, new)

    def _condition(self, old: Shape, new: Shape) -> Iterator[Found]:
        sides = ["if" in shape.exact for shape in (old, new)]
        if not all(sides):
            if any(sides):
                yield from _judged("if", (sides[0], sides[1]), old, new)
            return
        when, then, other = (self._way(self._node(old, key), self._node(new, key)) for key in ("if", "then", "else"))
        ways = []
        for side in (0, 1):
            fits = then[side] and other[side]
            # What is not in `then` alone suffers when the condition holds more often, and the other way round.
            tight_then, tight_else = (any(key in shape.exact for shape in (old, new)) for key in ("then", "else"))
            steady = (not tight_then or when[1 - side]) and (not tight_else or when[side])
            ways.append(fits and steady)
        yield from _judged("if", (ways[0], ways[1]), old, new)

    def _contains(self, old: Shape, new: Shape) -> Iterator[Found]:
        sides = ["contains" in shape.exact for shape in (old, new)]
        if not all(sides):
            if any(sides):
                yield from _judged("contains", (sides[0], sides[1]), old, new)
            return
        wider, narrower = self._way(self._node(old, "contains"), self._node(new, "contains"))
        counts = [(side.exact.get("minContains", 1), side.exact.get("maxContains")) for side in (old, new)]
        (least, most), (new_least, new_most) = counts
        if most is not None or new_most is not None:  # more that is counted can be too much
            wider = narrower = wider and narrower
        ends = [float("inf") if end is None else end for end in (most, new_most)]
        way = (
            wider and new_least <= least and ends[1] >= ends[0],
            narrower and new_least >= least and ends[1] <= ends[0],
        )
        yield from _judged("contains", way, old, new)

    def _dependent_schemas(self, old: Shape, new: Shape) -> Iterator[Found]:
        keyword = "dependentSchemas"
        names = {name for shape in (old, new) for name in _mapping(shape.exact.get(keyword))}
        if names:
            ways = [self._way(self._node(old, keyword, name), self._node(new, keyword, name)) for name in sorted(names)]
            yield from _judged(keyword, (all(w for w, _ in ways), all(n for _, n in ways)), old, new)

    def _prefix(self, old: Shape, new: Shape) -> Iterator[Found]:
        """A place behind one list's end is one of `items`, as far as that list goes."""
        lists = [shape.exact.get("prefixItems", []) for shape in (old, new)]
        if not all(isinstance(listed, list) for listed in lists):
            yield _unshown("prefixItems", old, new)
            return
        for i in range(max(map(len, lists))):
            nodes = [
                self._node(shape, "prefixItems", i)
                if i < len(listed)
                else shape.items or Node(True, join(shape.pointer, "items"))
                for shape, listed in zip((old, new), lists, strict=True)
            ]
            yield Below(*nodes)

    def _patterns(self, old: Shape, new: Shape) -> Iterator[Found]:
        keyword = "patternProperties"
        before, after = (_mapping(shape.exact.get(keyword)) for shape in (old, new))
        if not before and not after:
            return
        if before.keys() == after.keys():
            for pattern in before:
                yield Below(self._node(old, keyword, pattern), self._node(new, keyword, pattern))
        elif len(before) + len(after) == 1:
            yield from self._pattern(old, new, next(iter((*before, *after))))
        else:
            yield _unshown(keyword, old, new)

    def _pattern(self, old: Shape, new: Shape, pattern: str) -> Iterator[Found]:
        """The names that one pattern matches were, or will be, additional properties."""
        keyword = "patternProperties"
        came = keyword in new.exact
        without, having = (old, new) if came else (new, old)
        schema = self._node(having, keyword, pattern)
        reader = self._new if came else self._old
        named = [node for name, node in having.properties.items() if may_match(pattern, name)]
        if not all(self._containment.within((reader, node), (reader, schema)) for node in named):
            yield _unshown(keyword, old, new)
        elif without.closed:
            yield from _judged(keyword, (came, not came), old, new)
        else:
            other = without.additional or Node(True, join(without.pointer, "additionalProperties"))
            yield Below(*((other, schema) if came else (schema, other)))

    def _unevaluated(self, keyword: str, old: tuple[Node, Shape], new: tuple[Node, Shape]) -> Iterator[Found]:
        """It sees what stands beside it: it is judged where nothing else changed, or where no part hides anything."""
        one, two = old[1], new[1]
        values = [shape.exact.get(keyword, True) for shape in (one, two)]
        if all(value is True or value == {} for value in values):
            return
        sides = (self._old.followed(old[0]).schema, self._new.followed(new[0]).schema)
        rest = [{k: v for k, v in side.items() if k != keyword} if isinstance(side, dict) else {} for side in sides]
        beside = [{k: v for k, v in side.items() if k in IN_PLACE} for side in rest]
        way = self._way(self._node(one, keyword), self._node(two, keyword))
        steady = self._containment.same(*beside)
        if not all(isinstance(value, bool) for value in values) and not steady:
            yield _unshown(keyword, one, two)
        elif way != (True, True):
            yield from _judged(keyword, way if self._containment.same(*rest) else (False, False), one, two)
        else:
            seen, now = reach(keyword, old[0], self._old), reach(keyword, new[0], self._new)
            if seen != now or (seen.sometimes and not steady):
                yield Difference(keyword, f"beside {told(seen)}", f"beside {told(now)}", understood=False)


def _dependent_required(old: Shape, new: Shape) -> Iterator[Found]:
    before, after = _needs(old), _needs(new)
    yield from _judged("dependentRequired", (after <= before, before <= after), old, new)


def _needs(shape: Shape) -> set[tuple[str, str]]:
    listed = _mapping(shape.exact.get("dependentRequired"))
    pairs = {(name, str(one)) for name, needs in listed.items() if isinstance(needs, list) for one in needs}
    return {(name, need) for name, need in pairs if need not in shape.required and need != name}


def _judged(keyword: str, way: _Way, old: Shape, new: Shape) -> Iterator[Found]:
    wider, narrower = way
    if wider and narrower:
        return
    if not wider and not narrower:
        yield _unshown(keyword, old, new)
        return
    aspect = "constraint-widened" if wider else "constraint-narrowed"
    yield _unshown(keyword, old, new)._replace(aspect=aspect, understood=True)


def _unshown(keyword: str, old: Shape, new: Shape) -> Difference:
    return Difference(keyword, _said(keyword, old), _said(keyword, new), understood=False, keyword=keyword)


_TOGETHER = {"if": ("if", "then", "else"), "contains": ("contains", "minContains", "maxContains")}


def _said(keyword: str, shape: Shape) -> str:
    said = {key: shape.exact[key] for key in _TOGETHER.get(keyword, (keyword,)) if key in shape.exact}
    return short(text_of(said)) if said else "none"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def may_match(pattern: str, name: str) -> bool:
    """Whether a name may match, read with Python's expressions; one that they cannot read may match anything."""
    try:
        return re.search(pattern, name, re.ASCII) is not None
    except re.error:
        return True
