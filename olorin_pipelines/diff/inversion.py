"""What does a change of an operation mean where the provider calls and the consumer answers?

The consumer then reads the bodies of requests and writes those of responses, so schemas are judged with the places
exchanged. Of the other changes those are named here that ask nothing new of the consumer; the rest breaks it.
"""

from __future__ import annotations

from dataclasses import replace

from olorin_pipelines.diff.change import UNSHOWN, Change

__all__ = ["COMPATIBLE", "inverted"]

COMPATIBLE = "webhook-changed-compatibly"
"""The kind of a change that asks nothing new of a consumer that answers."""

_UNCHANGED = frozenset(
    {
        *("endpoint-deprecated", "endpoint-deprecated-with-sunset", "endpoint-reactivated"),
        *("api-operation-id-added", "api-operation-id-removed", "api-deprecated-sunset-parse"),
        *("api-invalid-stability-level", "api-stability-decreased", "api-stability-increased"),
        *("api-sunset-date-changed-too-small", "api-sunset-date-postponed", "sunset-added", "sunset-deleted"),
    }
)
_HARMLESS = frozenset(
    {
        "new-optional-request-parameter",
        "new-request-path-parameter",
        "new-required-request-parameter",
        "optional-response-header-removed",
        "request-body-became-required",
        "request-body-encoding-narrowed",
        "request-body-media-type-removed",
        "request-body-media-type-schema-added",
        "request-parameter-became-required",
        "request-parameter-deprecated",
        "request-parameter-reactivated",
        "required-response-header-removed",
        "response-body-encoding-widened",
        "response-body-media-type-schema-removed",
        "response-header-became-optional",
        "response-media-type-added",
        "response-non-success-status-added",
        "response-success-status-added",
    }
)


def inverted(change: Change, way: str) -> Change:
    """Return the change as the consumer that answers meets it; `way` is "webhook" or "callback"."""
    kind = change.kind
    if kind not in _UNCHANGED:
        kind = COMPATIBLE if kind in _HARMLESS else UNSHOWN
    return replace(change, kind=kind, way=way, subject=f"{change.subject} of the {way}")
