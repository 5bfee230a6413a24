"""How do two schemas differ, part by part? Each pair of schemas is walked once per place."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from olorin_pipelines.diff.aspects import NEUTRAL, Difference, comparable, differences
from olorin_pipelines.diff.change import UNSHOWN, Change, Place
from olorin_pipelines.diff.constraints import Below, Constraints
from olorin_pipelines.diff.containment import Containment
from olorin_pipelines.diff.doors import Door, doors, plain
from olorin_pipelines.diff.keywords import GROUPS, JUDGED, NESTED
from olorin_pipelines.diff.naming import schema_name
from olorin_pipelines.diff.properties import property_changes
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.sameness import Sameness, Standing
from olorin_pipelines.diff.shape import Node, Shape
from olorin_pipelines.diff.trace import Trace
from olorin_pipelines.diff.unions import match_unions
from olorin_pipelines.openapi import join

__all__ = ["Part", "SchemaWalk"]

_REFERENCES = ("$dynamicRef", "$recursiveRef", "$ref")


class Part(NamedTuple):
    """Two schemas that have to be compared; `label` names the whole value they belong to."""

    old: Node
    new: Node
    place: Place
    label: str
    way: str = ""
    """As in `Change`."""


class SchemaWalk:
    """Compares schemas and notes what differs in the trace."""

    def __init__(self, old: Reader, new: Reader, sameness: Sameness, trace: Trace) -> None:
        self._old, self._new = old, new
        self._sameness, self._trace = sameness, trace
        self._constraints = Constraints(old, new, Containment(sameness.same))
        self._known: dict[tuple[int, int], tuple[bool, Any, Any]] = {}
        self._doors: dict[tuple[int, int], list[Door]] = {}

    def compare(self, part: Part, user: Hashable) -> None:
        """Compare two schemas that `user` reaches, and all below them, without recursion."""
        waiting = [(part, user)]
        while waiting:
            part, user = waiting.pop()
            if self._sameness.same(part.old.schema, part.new.schema):
                continue
            one, two = self._old.followed(part.old), self._new.followed(part.new)
            if self._alike(one.schema, two.schema):
                alike = ("alike", id(one.schema), id(two.schema), part.place, part.way)
                if self._trace.enter(alike, user):
                    waiting.extend((below, alike) for below in self._behind(part, one, two))
                continue
            old, new = self._old.shape(part.old), self._new.shape(part.new)
            context = (old.pointer, id(old), new.pointer, id(new), part.place, part.way)
            if self._trace.enter(context, user):
                waiting.extend((below, context) for below in self._pair(part, context))

    def _alike(self, old: Any, new: Any) -> bool:
        """Whether two schemas are written the same, and say nothing but what holds for each of their parts alone."""
        key = (id(old), id(new))
        if key not in self._known:
            alike = plain(old) and self._sameness.standing(old, new) is not Standing.OTHER
            self._known[key] = (alike, old, new)  # ids are only good while their objects live
        return self._known[key][0]

    def _behind(self, part: Part, old: Node, new: Node) -> Iterator[Part]:
        """Yield what differs behind the references of two schemas that are written the same."""
        key = (id(old.schema), id(new.schema))
        if key not in self._doors:
            self._doors[key] = list(doors(old, new, self._sameness.leads))
        for one, two, below in self._doors[key]:
            yield part._replace(old=one, new=two, place=part.place.below if below else part.place)

    def _pair(self, part: Part, context: Hashable) -> Iterator[Part]:
        """Note the differences of one pair and yield the parts below it."""
        old, new, pairs, found = match_unions((self._old, part.old), (self._new, part.new))
        for difference in (*differences(old, new), *found, *self._lost(old, new)):
            self._note(context, part, difference, old, new)
        yield from (part._replace(old=one, new=two) for one, two in pairs)
        for change in property_changes((self._old, old), (self._new, new), part.place, self._sameness.same):
            if isinstance(change, Change):
                kind = change.kind if part.place is not Place.EXACT else UNSHOWN
                self._trace.add(context, replace(change, kind=kind, way=part.way))
            else:
                yield part._replace(old=change[0], new=change[1], place=part.place.below)
        for one, two in _below(old, new):
            yield part._replace(old=one, new=two, place=part.place.below)
        yield from self._constrained(part, context, old, new)
        for one, two in _unjudged(old, new):
            yield part._replace(old=one, new=two, place=Place.EXACT)

    def _constrained(self, part: Part, context: Hashable, old: Shape, new: Shape) -> Iterator[Part]:
        for found in self._constraints.compare((part.old, old), (part.new, new)):
            if isinstance(found, Below):
                yield part._replace(old=found.old, new=found.new, place=part.place.below)
            elif not found.understood and (nodes := _comparable(found.keyword, old, new)):
                yield from (part._replace(old=one, new=two, place=Place.EXACT) for one, two in nodes)
            else:
                self._note(context, part, found, old, new)

    def _lost(self, old: Shape, new: Shape) -> Iterator[Difference]:
        """A reference that could not be followed may mean something else as soon as a component differs."""
        if not self._sameness.components:
            for keyword in _REFERENCES:
                if keyword in old.exact and old.exact.get(keyword) == new.exact.get(keyword):
                    yield Difference(keyword, str(old.exact[keyword]), "the same, in changed components", False)

    def _note(self, context: Hashable, part: Part, found: Difference, old: Shape, new: Shape) -> None:
        if part.place is Place.EXACT and found.aspect in NEUTRAL:
            return
        subject = _subject(part, old)
        if found.keyword:
            subject = f"`{found.keyword}` of the {subject}"
        if part.place is Place.EXACT or not found.understood:
            kind = UNSHOWN
            subject = subject if found.keyword else f"`{found.aspect}` of the {subject}"
        else:
            kind = f"{part.place.value}-{found.aspect}"
        change = Change(kind, old.pointer, new.pointer, found.before, found.after, subject, way=part.way)
        self._trace.add(context, change)


def _subject(part: Part, shape: Shape) -> str:
    name = schema_name(shape.pointer)
    if part.place in (Place.REQUEST_PARAMETER, Place.RESPONSE_HEADER, Place.REQUEST_BODY, Place.RESPONSE_BODY):
        return part.label
    if part.place is Place.REQUEST_PARAMETER_PROPERTY:
        return f"property `{name}` of the {part.label}" if name else f"items of the {part.label}"
    side = "request" if part.place.request else "response" if part.place is not Place.EXACT else ""
    return f"{side} property `{name}`".lstrip() if name else part.label


def _below(old: Shape, new: Shape) -> Iterator[tuple[Node, Node]]:
    """Yield items and additional properties; where one side says nothing, anything is allowed there."""
    if old.items or new.items:
        yield old.items or _anything(old, "items"), new.items or _anything(new, "items")
    if (old.additional or new.additional) and not old.closed and not new.closed:
        keyword = "additionalProperties"
        yield old.additional or _anything(old, keyword), new.additional or _anything(new, keyword)


def _anything(shape: Shape, keyword: str) -> Node:
    return Node(True, join(shape.pointer, keyword))


def _unjudged(old: Shape, new: Shape) -> Iterator[tuple[Node, Node]]:
    """Yield the schemas below keywords that nobody judges."""
    for keyword in sorted((old.exact.keys() & new.exact.keys()) - JUDGED):
        yield from _comparable(keyword, old, new)


def _comparable(keyword: str, old: Shape, new: Shape) -> list[tuple[Node, Node]]:
    """Return the schemas below a keyword and those that belong to it, pair by pair; none where they do not correspond.

    What cannot be judged is at least not reported for a description that changed in it.
    """
    keys = next((group for group in GROUPS if keyword in group), frozenset({keyword}))
    found: list[tuple[Node, Node]] = []
    for key in sorted(keys & (old.exact.keys() | new.exact.keys())):
        before, after = old.exact.get(key), new.exact.get(key)
        at, to = join(old.pointer, key), join(new.pointer, key)
        if key not in old.exact or key not in new.exact or not comparable(key, before, after):
            if before == after:
                continue
            return []
        if key in NESTED:
            found.append((Node(before, at), Node(after, to)))
        elif isinstance(before, (list, dict)):
            steps: Iterable[Any] = range(len(before)) if isinstance(before, list) else before
            found += [(Node(before[s], join(at, s)), Node((after or {})[s], join(to, s))) for s in steps]
    return found
