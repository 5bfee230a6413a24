"""At which line does a finding stand? Looked up for what is reported only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from olorin_pipelines import yaml12
from olorin_pipelines.diff import Finding
from olorin_pipelines.openapi import Pointer, Snapshot, path_of

__all__ = ["locator"]

_LARGEST = 50_000
"""Bytes of a document that is searched: the YAML reader needs half a second for a megabyte, for each place."""


def locator(old: Snapshot, new: Snapshot) -> Callable[[Finding], dict[str, Any]]:
    """Return a function that gives {"old": place, "new": place} of a finding.

    A place is {"file", "line", "column"}; line and column (1-based) are None in large documents. It is None on the
    side where the thing does not exist.
    """

    @functools.cache
    def place(side: str, pointer: Pointer) -> dict[str, Any]:
        snapshot = old if side == "old" else new
        found = None
        if len(snapshot.raw) <= _LARGEST:
            found = yaml12.locate(snapshot.raw, path_of(snapshot.document, pointer), source=snapshot.source)
        line, column = found or (None, None)
        return {"file": snapshot.source, "line": line, "column": column}

    def locate(finding: Finding) -> dict[str, Any]:
        pointers = {"old": finding.old_pointer, "new": finding.new_pointer}
        return {side: None if pointer is None else place(side, pointer) for side, pointer in pointers.items()}

    return locate
