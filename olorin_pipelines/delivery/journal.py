"""A journal in memory, for tests and for rollouts whose record nobody keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from olorin_pipelines.delivery.model import Command

__all__ = ["MemoryJournal"]


class MemoryJournal:
    """Keeps records in `records`; set `command` to ask something of the rollout."""

    def __init__(self) -> None:
        self.records: list[tuple[str, dict[str, Any]]] = []
        self.command: Command | None = None

    def record(self, kind: str, detail: Mapping[str, Any]) -> None:
        """Append a record."""
        self.records.append((kind, dict(detail)))

    def commanded(self) -> Command | None:
        """Return the command that was set."""
        return self.command

    @property
    def kinds(self) -> list[str]:
        """The kinds of the records, in order."""
        return [kind for kind, _ in self.records]
