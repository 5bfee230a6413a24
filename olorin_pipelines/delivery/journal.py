"""A journal in memory, for tests and for rollouts whose record nobody keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["MemoryJournal"]


class MemoryJournal:
    """Keeps records in `records`; set `abort` to a reason to stop the rollout."""

    def __init__(self) -> None:
        self.records: list[tuple[str, dict[str, Any]]] = []
        self.abort: str | None = None

    def record(self, kind: str, detail: Mapping[str, Any]) -> None:
        """Append a record."""
        self.records.append((kind, dict(detail)))

    def abort_requested(self) -> str | None:
        """Return the reason that was set."""
        return self.abort

    @property
    def kinds(self) -> list[str]:
        """The kinds of the records, in order."""
        return [kind for kind, _ in self.records]
