"""Is what a run created deleted again? One DELETE for each resource, by the document's own operations."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from olorin_pipelines.contract.created import Created, Resource
from olorin_pipelines.contract.model import LeftBehind
from olorin_pipelines.contract.wire import Wire

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
    url: str,
    headers: Mapping[str, str],
    *,
    timeout: float,
    seconds: float,
    monotonic: Callable[[], float] = time.monotonic,
) -> CleanedUp:
    """Delete what was created, the newest first, within `seconds`; what is gone already counts as deleted."""
    until, removed, silent = monotonic() + seconds, 0, 0
    left: dict[tuple[str, str], list[str]] = defaultdict(list)
    wire = Wire(url, timeout=timeout)
    for resource in created.deletable():
        if monotonic() >= until or silent >= _PATIENCE:
            left[resource.operation, "the time was up" if silent < _PATIENCE else _SILENT].append(resource.path)
            continue
        why = _delete(wire, resource, headers)
        silent = silent + 1 if why == _SILENT else 0
        if why:
            left[resource.operation, why].append(resource.path)
        else:
            removed += 1
    wire.close()
    return CleanedUp(removed, (*_left(left), *_lost(created.lost())))


def _delete(wire: Wire, resource: Resource, headers: Mapping[str, str]) -> str:
    """Why it is still there; empty when it is not."""
    wire.send("DELETE", wire.base + resource.path, headers.items(), b"")
    status = wire.receive().status
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
