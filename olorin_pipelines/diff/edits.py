"""Which changes are one edit, met from several sides? A schema that is sent and answered changes once, not twice."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from olorin_pipelines.diff.change import UNSHOWN, Change, Place

__all__ = ["Reach", "edit_of", "way_of"]


class Reach(NamedTuple):
    """An operation that an edit touches, and by which way: request, response, webhook, callback, or empty."""

    operation: str
    way: str


_PLACES = sorted((place.value for place in Place), key=len, reverse=True)
_CAME, _WENT = "property-added", "property-removed"
_REQUIRED, _OPTIONAL = "property-became-required", "property-became-optional"
_ASPECTS = {
    "new-required-request-property": _CAME,
    "new-required-request-property-with-default": _CAME,
    "new-optional-request-property": _CAME,
    "response-required-property-added": _CAME,
    "response-optional-property-added": _CAME,
    "response-property-added-to-closed-object": _CAME,
    "request-property-removed": _WENT,
    "request-property-removed-from-closed-object": _WENT,
    "response-required-property-removed": _WENT,
    "response-optional-property-removed": _WENT,
    "request-property-became-required": _REQUIRED,
    "request-property-became-required-with-default": _REQUIRED,
    "response-property-became-required": _REQUIRED,
    "request-property-became-optional": _OPTIONAL,
    "response-property-became-optional": _OPTIONAL,
}
"""Kinds whose names do not tell that they are the same edit."""


def edit_of(change: Change) -> Hashable:
    """Return what two changes share when they are one edit: the pointers, the aspect and both sides.

    The texts of properties say what the direction needs to know, so they do not tell edits apart.
    """
    if change.kind == UNSHOWN:
        return (UNSHOWN, change.old_pointer, change.new_pointer, change.subject, change.before, change.after)
    if aspect := _ASPECTS.get(change.kind):
        return (aspect, change.old_pointer, change.new_pointer)
    kind = change.kind
    for place in _PLACES:
        if kind.startswith(f"{place}-"):
            return (kind.removeprefix(f"{place}-"), change.old_pointer, change.new_pointer, change.before, change.after)
    return (kind, change.old_pointer, change.new_pointer, change.before, change.after, change.subject)


def way_of(kind: str) -> str:
    """Return by which way a kind of change meets an operation."""
    if "request" in kind:
        return "request"
    if "response" in kind:
        return "response"
    return "webhook" if kind.startswith("webhook") else ""
