"""What does a schema allow, whatever dialect and spelling it is written in?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from olorin_pipelines.openapi import Pointer

__all__ = ["Bound", "Node", "Shape"]


class Node(NamedTuple):
    """A schema as written, and where it stands."""

    schema: Any
    pointer: Pointer


class Bound(NamedTuple):
    """A limit of a number."""

    value: float
    exclusive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One schema, normalised: references followed, spellings of the dialects made one, simple `allOf`s merged.

    What a field does not understand stands in `exact` (keyword to value or nodes) and is compared, never judged.
    """

    pointer: Pointer
    types: frozenset[str] | None = None
    """The types without null; None is any type."""
    nullable: bool = True
    format: str = ""
    enum: Mapping[str, Any] | None = None
    """JSON text to value, null left out; None is any value."""
    lower: Bound | None = None
    upper: Bound | None = None
    sizes: Mapping[str, float] = field(default_factory=dict)
    patterns: frozenset[str] = frozenset()
    unique: bool = False
    multiple: float | None = None
    properties: Mapping[str, Node] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: Node | None = None
    """The schema of properties without a name; None is anything."""
    closed: bool = False
    """No property without a name."""
    items: Node | None = None
    unions: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    """What is left of `anyOf`, `oneOf` and `allOf`."""
    exact: Mapping[str, Any] = field(default_factory=dict)
    default: str | None = None
    """As JSON text."""
    extensible: frozenset[str] | None = None
    """What `x-extensible-enum` lists: values that are known today, others may come."""
    deprecated: bool = False
    read_only: bool = False
    write_only: bool = False

    def says_only(self, *fields: str) -> bool:
        """Whether nothing but these fields restricts the value."""
        free = _FREE
        return all(getattr(self, name) == getattr(free, name) for name in _RESTRICTING if name not in fields)


_RESTRICTING = (
    "types",
    "nullable",
    "format",
    "enum",
    "lower",
    "upper",
    "sizes",
    "patterns",
    "unique",
    "multiple",
    "properties",
    "required",
    "additional",
    "closed",
    "items",
    "unions",
    "exact",
)
_FREE = Shape(pointer="")
