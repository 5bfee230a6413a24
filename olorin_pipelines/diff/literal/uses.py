"""What does the literal reading report? One use of one edit: an id, where it stands, and the operation it touches."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from olorin_pipelines.openapi import Pointer

__all__ = ["Options", "Use"]


class Use(NamedTuple):
    """One edit as one operation meets it. `operation` and `path` are empty for what belongs to the whole document."""

    id: str
    operation: str
    path: str
    old_pointer: Pointer | None
    new_pointer: Pointer | None
    before: str
    after: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the lifecycle rules need: today, the days of notice of a deprecation, the least stability looked at."""

    today: date = field(default_factory=date.today)
    beta_days: int = 0
    stable_days: int = 0
    stability: str = "beta"
