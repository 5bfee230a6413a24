"""How do the dialects of OpenAPI differ where schemas are read? Data; the readers ask these fields, never a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ANNOTATIONS", "Dialect", "dialect_of"]

ANNOTATIONS = frozenset(
    {
        "$comment",
        "$defs",
        "$id",
        "$schema",
        "definitions",
        "description",
        "example",
        "examples",
        "externalDocs",
        "title",
    }
)
"""Keywords that say nothing about which values are valid."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a schema's keywords mean."""

    name: str
    nullable_keyword: bool
    """`nullable: true` adds null to `type`."""
    boolean_exclusive: bool
    """`exclusiveMinimum` is a boolean beside `minimum`, not a bound of its own."""
    ref_siblings: bool
    """Keywords beside `$ref` apply too."""
    unknown: frozenset[str] = frozenset()
    """Keywords of JSON Schema that this dialect does not have: they are read as annotations."""


_OAS30 = Dialect("3.0", nullable_keyword=True, boolean_exclusive=True, ref_siblings=False, unknown=frozenset({"const"}))
_OAS31 = Dialect("3.1", nullable_keyword=False, boolean_exclusive=False, ref_siblings=True)
_OAS32 = Dialect("3.2", nullable_keyword=False, boolean_exclusive=False, ref_siblings=True)
_KNOWN = {dialect.name: dialect for dialect in (_OAS30, _OAS31, _OAS32)}


def dialect_of(document: Mapping[str, Any]) -> Dialect:
    """Return the dialect a document is written in; one that does not say counts as 3.1."""
    return _KNOWN.get(".".join(str(document.get("openapi")).split(".")[:2]), _OAS31)
