"""What is a rule? Everything about it in one place: id, severity, why, fix, and a pair that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["Rule", "Severity"]


class Severity(StrEnum):
    """What a finding means for consumers that worked until now."""

    BREAKING = "breaking"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Judges one kind of change.

    `says` is the message, with {subject}, {before} and {after}. `before` and `after` are example documents without
    `openapi` and `info`; `mirror` is the id that the pair gives the other way round.
    """

    id: str
    severity: Severity
    says: str
    why: str
    fix: str
    mirror: str
    before: Mapping[str, Any] = field(repr=False)
    after: Mapping[str, Any] = field(repr=False)
