"""How do listed schemas correspond, as they are written? By reference, content, title, or as the only two left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from olorin_pipelines.diff.shape import Node

if TYPE_CHECKING:
    from olorin_pipelines.diff.literal.delta import Delta

__all__ = ["Branches", "match_branches"]


@dataclass(frozen=True, slots=True)
class Branches:
    """Positions that came and went, and the pairs that stayed."""

    added: tuple[int, ...]
    removed: tuple[int, ...]
    pairs: tuple[Delta, ...]


def match_branches(old: Sequence[Node], new: Sequence[Node], compare: Callable[[Node, Node], Delta]) -> Branches:
    """Match the schemas of one keyword."""
    gone, come = list(range(len(old))), list(range(len(new)))
    pairs: list[Delta] = []

    def pair(i: int, j: int) -> None:
        gone.remove(i)
        come.remove(j)
        pairs.append(compare(old[i], new[j]))

    for i in list(gone):
        if ref := _ref(old[i]):
            j = next((j for j in come if _ref(new[j]) == ref), None)
            if j is not None:
                pair(i, j)
    for i in [i for i in gone if not _ref(old[i])]:
        j = next((j for j in come if not _ref(new[j]) and compare(old[i], new[j]).empty), None)
        if j is not None:
            pair(i, j)
    for j in [j for j in come if not _ref(new[j])]:
        title = new[j].schema.get("title")
        i = next((i for i in gone if title and not _ref(old[i]) and old[i].schema.get("title") == title), -1)
        if i >= 0:
            pair(i, j)
    left = [i for i in gone if not _ref(old[i])], [j for j in come if not _ref(new[j])]
    if len(left[0]) == len(left[1]) == 1 and not (
        old[left[0][0]].schema.get("title") or new[left[1][0]].schema.get("title")
    ):
        pair(left[0][0], left[1][0])
    for i in list(gone):  # inlined, or moved into a component
        j = next(
            (j for j in come if bool(_ref(old[i])) != bool(_ref(new[j])) and compare(old[i], new[j]).validates_alike()),
            None,
        )
        if j is not None:
            gone.remove(i)
            come.remove(j)
    return Branches(tuple(come), tuple(gone), tuple(pairs))


def _ref(node: Node) -> str:
    return str(node.schema.get("$ref") or "")
