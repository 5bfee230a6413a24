"""Is what a run created deleted again? One DELETE for each resource, by the document's own operations."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from olorin_pipelines.contract.created import Created, Resource
from olorin_pipelines.contract.lanes import Lanes
from olorin_pipelines.contract.model import LeftBehind

__all__ = ["CleanedUp", "clean_up"]

EXAMPLES = 5
_GONE = (404, 410)
_SILENT = "its DELETE was not answered"
_PATIENCE = 3
"""Failures to answer, one after the other, before the rest is left."""


class CleanedUp(NamedTuple):
    """How many resources were deleted, and what could not be."""

    removed: int
    left_behind: tuple[LeftBehind, ...]


def clean_up(
    created: Created,
    lanes: Lanes,
    headers: Mapping[str, str],
    *,
    seconds: float,
    monotonic: Callable[[], float] = time.monotonic,
) -> CleanedUp:
    """Delete what was created, the newest first, within `seconds`; what is gone already counts as deleted.

    Two are deleted at once where neither stands below the other.
    """
    until, removed, silent = monotonic() + seconds, 0, 0
    left: dict[tuple[str, str], list[str]] = defaultdict(list)
    asked: deque[Resource] = deque()

    def answered() -> None:
        nonlocal removed, silent
        resource, why = asked.popleft(), _why_there(lanes.receive().status)
        silent = silent + 1 if why == _SILENT else 0
        if why:
            left[resource.operation, why].append(resource.path)
        else:
            removed += 1

    for resource in created.deletable():
        while asked and (not lanes.has_room() or any(each.path.startswith(f"{resource.path}/") for each in asked)):
            answered()
        if monotonic() >= until or silent >= _PATIENCE:
            left[resource.operation, "the time was up" if silent < _PATIENCE else _SILENT].append(resource.path)
            continue
        lanes.send("DELETE", lanes.base + resource.path, headers, b"")
        asked.append(resource)
    while asked:
        answered()
    return CleanedUp(removed, (*_left(left), *_lost(created.lost())))


def _why_there(status: int | None) -> str:
    """Why it is still there after a DELETE; empty when it is not."""
    if status is None:
        return _SILENT
    return "" if 200 <= status < 300 or status in _GONE else f"its DELETE was answered {status}"


def _left(left: Mapping[tuple[str, str], Sequence[str]]) -> list[LeftBehind]:
    return [
        LeftBehind(operation=operation, count=len(paths), examples=tuple(paths[:EXAMPLES]), why=why)
        for (operation, why), paths in left.items()
    ]


def _lost(lost: Mapping[tuple[str, str], int]) -> list[LeftBehind]:
    return [LeftBehind(operation=operation, count=count, why=why) for (operation, why), count in lost.items()]
