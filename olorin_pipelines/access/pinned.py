"""Which values of parameters are known to exist? Real ids, that no document and no generator can know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Pinned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """Values by the name of a parameter of a path or a query, and by operation (`GET /x/{id}`), which come first."""

    by_name: Mapping[str, str] = field(default_factory=dict)
    by_operation: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, operation: str) -> dict[str, str]:
        """Return the values for an operation, by parameter."""
        return {**self.by_name, **self.by_operation.get(operation, {})}
