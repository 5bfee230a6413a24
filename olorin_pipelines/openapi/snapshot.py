"""What is a schema snapshot? The document as served, its canonical form, and the digest that names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from olorin_pipelines.openapi.operations import operations

__all__ = ["Snapshot"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A schema snapshot, named by the SHA-256 of its canonical form (keys sorted, arrays never)."""

    digest: str
    document: Mapping[str, Any] = field(repr=False)
    canonical: bytes = field(repr=False)
    source: str
    raw: bytes = field(repr=False)
    written: Mapping[str, Any] | None = field(default=None, repr=False)
    """The document as it was written, when `document` is a rewriting of it (Swagger 2.0)."""
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """The texts of the other files it was put together from, by their name in it."""

    @property
    def title(self) -> str:
        """`info.title`, empty when it is missing."""
        return _text(self.document, "title")

    @property
    def version(self) -> str:
        """`info.version`, empty when it is missing."""
        return _text(self.document, "version")

    @property
    def dialect(self) -> str:
        """The dialect: "3.0", "3.1" or "3.2"."""
        return ".".join(str(self.document["openapi"]).split(".")[:2])

    @property
    def operation_count(self) -> int:
        """How many operations the paths hold (webhooks and callbacks are not counted)."""
        return sum(1 for _ in operations(self.document))


def _text(document: Mapping[str, Any], key: str) -> str:
    info = document.get("info")
    value = info.get(key) if isinstance(info, Mapping) else None
    return "" if value is None else str(value)
