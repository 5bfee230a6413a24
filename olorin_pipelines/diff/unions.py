"""How do the branches of `anyOf`, `oneOf` and `allOf` correspond? Matched branches are compared, the rest came or went.

The branches of a `oneOf` are taken to exclude each other, as those of a tagged union do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from olorin_pipelines.diff.aspects import Difference
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.shape import Node, Shape
from olorin_pipelines.diff.values import short, text_of

__all__ = ["Matched", "match_unions"]


class Matched(NamedTuple):
    """The shapes with what is left to compare, the pairs of branches, and the differences of the unions."""

    old: Shape
    new: Shape
    pairs: list[tuple[Node, Node]]
    differences: list[Difference]


def match_unions(old: tuple[Reader, Node], new: tuple[Reader, Node]) -> Matched:
    """Match the unions of two schemas; one that became a branch of a union is lifted into one first."""
    one, two = old[0].shape(old[1]), new[0].shape(new[1])
    found = Matched(one, two, [], [])
    renamed = _renamed(one, two)
    if renamed:
        found.differences.append(renamed)
    for keyword in sorted(one.unions.keys() | two.unions.keys()):
        before, after = one.unions.get(keyword, ()), two.unions.get(keyword, ())
        if renamed and keyword == "one-of":
            continue
        if renamed and keyword == "any-of":
            before, after = (before or one.unions["one-of"]), (after or two.unions["one-of"])
        if keyword != "all-of" and not before and _nothing_else(two) and not one.unions:
            found, before = found._replace(old=Shape(pointer=one.pointer), new=_without(two)), (old[1],)
        elif keyword != "all-of" and not after and _nothing_else(one) and not two.unions:
            found, after = found._replace(old=_without(one), new=Shape(pointer=two.pointer)), (new[1],)
        elif keyword != "all-of" and not (before and after):
            texts = _all(old[0], before), _all(new[0], after)
            aspect = "constraint-narrowed" if after else "constraint-widened"
            name = keyword.replace("-o", "O")
            found.differences.append(Difference(aspect, texts[0], texts[1], keyword=name))
            continue
        for pair in _match((old[0], before), (new[0], after)):
            if pair[0] and pair[1]:
                found.pairs.append((pair[0], pair[1]))
            elif pair[0]:
                found.differences.append(Difference(f"{keyword}-removed", _text(old[0], pair[0]), ""))
            elif pair[1]:
                found.differences.append(Difference(f"{keyword}-added", "", _text(new[0], pair[1])))
    return found


def _renamed(one: Shape, two: Shape) -> Difference | None:
    """An `anyOf` that became a `oneOf`, or the other way round: its branches still correspond."""
    kinds = [shape.unions.keys() & {"any-of", "one-of"} for shape in (one, two)]
    if kinds[0] == kinds[1] or any(len(kind) != 1 for kind in kinds):
        return None
    names = [next(iter(kind)).replace("-o", "O") for kind in kinds]
    aspect = "constraint-narrowed" if names[1] == "oneOf" else "constraint-widened"
    return Difference(aspect, names[0], names[1], keyword="union")


def _nothing_else(shape: Shape) -> bool:
    return len(shape.unions) == 1 and shape.says_only("unions")


def _without(shape: Shape) -> Shape:
    return replace(shape, unions={})


def _match(
    old: tuple[Reader, tuple[Node, ...]], new: tuple[Reader, tuple[Node, ...]]
) -> Iterator[tuple[Node | None, Node | None]]:
    """Match by name, then by text; what is left over is matched in order when it is as many on both sides."""
    before, after = list(old[1]), list(new[1])
    for same in (_same_name, _same_text):
        for one in list(before):
            two = next((node for node in after if same(old[0], one, new[0], node)), None)
            if two is not None:
                before.remove(one)
                after.remove(two)
                yield one, two
    if len(before) == len(after):
        yield from zip(before, after, strict=True)
    else:
        yield from ((one, None) for one in before)
        yield from ((None, two) for two in after)


def _same_name(old: Reader, one: Node, new: Reader, two: Node) -> bool:
    name = old.name(one)
    return bool(name) and name == new.name(two)


def _same_text(_: Reader, one: Node, __: Reader, two: Node) -> bool:
    return text_of(one.schema) == text_of(two.schema)


def _text(reader: Reader, node: Node) -> str:
    return reader.name(node).rpartition("/")[2] or short(text_of(node.schema))


def _all(reader: Reader, nodes: tuple[Node, ...]) -> str:
    return short(", ".join(_text(reader, node) for node in nodes)) or "none"
