"""Which properties came, went, or changed whether they have to be there? Seen from the side that sends them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from olorin_pipelines.diff.change import Change, Place
from olorin_pipelines.diff.constraints import may_match
from olorin_pipelines.diff.naming import schema_name
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.shape import Node, Shape
from olorin_pipelines.openapi import join

__all__ = ["property_changes"]

Side: TypeAlias = tuple[Reader, Shape]


def property_changes(
    old: Side, new: Side, place: Place, same: Callable[[Any, Any], bool]
) -> Iterator[Change | tuple[Node, Node]]:
    """Yield the changes, and the pairs of schemas that have to be compared further.

    What is the `same` on both sides, and needed as before, is not looked at.
    """
    before, after = _named(old[1]), _named(new[1])
    for name in (*before, *(name for name in after if name not in before)):
        one, two = before.get(name), after.get(name)
        kept = one is not None and two is not None and _need(name, old[1]) == _need(name, new[1])
        if kept and one and two and same(one.schema, two.schema):
            continue
        one, two = _visible(one, old, place), _visible(two, new, place)
        if one and two:
            yield from _kept(name, one, two, old, new, place)
            yield one, two
        elif one:
            yield _removed(name, one, old, new, place)
            # what was sent under the name is now described by others
            yield from ((one, other) for other in _described(name, new[1]))
        elif two:
            yield _added(name, two, old, new, place)
            yield from ((other, two) for other in _described(name, old[1]))


def _named(shape: Shape) -> dict[str, Node]:
    """Return what is described or required, by name; what only has to be there is described by others, if at all."""
    nodes: dict[str, Node] = {}
    for name in sorted(shape.required - shape.properties.keys()):
        anything = Node(not shape.closed, join(shape.pointer, "properties", name))
        nodes[name] = next(_described(name, shape), anything)
    return {**nodes, **shape.properties}


def _described(name: str, shape: Shape) -> Iterator[Node]:
    """Yield what a shape says about a property that it does not name."""
    patterns = shape.exact.get("patternProperties")
    found = False
    for pattern, schema in patterns.items() if isinstance(patterns, dict) else ():
        if may_match(pattern, name):
            found = True
            yield Node(schema, join(shape.pointer, "patternProperties", pattern))
    rest = shape.exact.get("unevaluatedProperties")
    if shape.additional and not found:
        yield shape.additional
    elif isinstance(rest, dict) and not found:
        yield Node(rest, join(shape.pointer, "unevaluatedProperties"))


def _shut(shape: Shape) -> bool:
    """Whether no property without a name is allowed."""
    return shape.closed or shape.exact.get("unevaluatedProperties") is False


def _visible(node: Node | None, side: Side, place: Place) -> Node | None:
    """A read-only property is no part of a request, a write-only one no part of a response (OpenAPI, Schema Object)."""
    if node is None or place is Place.EXACT:
        return node
    shape = side[0].shape(node)
    return None if (shape.read_only if place.request else shape.write_only) else node


def _removed(name: str, node: Node, old: Side, new: Side, place: Place) -> Change:
    if place.request:
        kind = "request-property-removed-from-closed-object" if _shut(new[1]) else "request-property-removed"
    else:
        kind = f"response-{_need(name, old[1])}-property-removed"
    return Change(kind, node.pointer, None, _need(name, old[1]), "", _subject(node, place))


def _added(name: str, node: Node, old: Side, new: Side, place: Place) -> Change:
    need = _need(name, new[1])
    if place.request:
        defaulted = need == "required" and new[0].shape(node).default is not None
        kind = f"new-{need}-request-property{'-with-default' if defaulted else ''}"
    elif _shut(old[1]):
        kind = "response-property-added-to-closed-object"
    else:
        kind = f"response-{need}-property-added"
    return Change(kind, None, node.pointer, "", need, _subject(node, place))


def _kept(name: str, one: Node, two: Node, old: Side, new: Side, place: Place) -> Iterator[Change]:
    side = "request" if place.request else "response"
    before, after = _need(name, old[1]), _need(name, new[1])
    subject = _subject(one, place)
    first, second = old[0].shape(one), new[0].shape(two)
    if before != after:
        defaulted = place.request and after == "required" and second.default is not None
        kind = f"{side}-property-became-{after}{'-with-default' if defaulted else ''}"
        yield Change(kind, one.pointer, two.pointer, before, after, subject)
    if first.deprecated != second.deprecated and place is not Place.EXACT:
        kind = f"{side}-property-{'deprecated' if second.deprecated else 'reactivated'}"
        yield Change(kind, one.pointer, two.pointer, "", "", subject)


def _need(name: str, shape: Shape) -> str:
    return "required" if name in shape.required else "optional"


def _subject(node: Node, place: Place) -> str:
    side = "request" if place.request else "response" if place is not Place.EXACT else "unjudged"
    return f"{side} property `{schema_name(node.pointer)}`"
