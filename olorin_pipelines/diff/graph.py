"""From where can something be reached? A walk against the arrows of a graph."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

__all__ = ["leading_to"]

Node = TypeVar("Node", bound=Hashable)


def leading_to(targets: Iterable[Node], arrows: Mapping[Node, Iterable[Node]]) -> set[Node]:
    """Return the targets and every node from which one of them can be reached."""
    users: dict[Node, list[Node]] = {}
    for user, used in arrows.items():
        for node in used:
            users.setdefault(node, []).append(user)
    found = set(targets)
    waiting = list(found)
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in found:
                found.add(user)
                waiting.append(user)
    return found
