"""Why was an operation not reached? In words, from what was seen of it and how the run ended."""

from __future__ import annotations

from collections.abc import Mapping

from olorin_pipelines.contract.model import OperationResult

__all__ = ["ENDED", "RATE_LIMITED", "ended_because", "why_unreached"]

RATE_LIMITED = "rate_limited"
ENDED: Mapping[str, str] = {
    "completed": "it came to its end",
    "out_of_time": "its time was up",
    "interrupted": "it was interrupted",
    "server_unavailable": "the service stopped answering",
    RATE_LIMITED: "rate limited by the service",
}
"""How a run ended, in words, by its `stop_reason`."""
_BEFORE = {
    "out_of_time": "the time was up before its turn",
    "interrupted": "the run was interrupted before its turn",
    "server_unavailable": "the service had stopped answering",
    RATE_LIMITED: "the service had asked to be left alone",
}


def ended_because(stop_reason: str) -> str:
    """Return in words why a run stopped."""
    return ENDED.get(stop_reason, stop_reason)


def why_unreached(operation: OperationResult, *, stop_reason: str, endless: bool) -> str:
    """Return why an operation was not exercised; empty when it was. `endless`: no valid body can be made for it."""
    if operation.exercised:
        return ""
    if endless:
        return "no valid request can be made: its body must contain itself without end"
    if not operation.cases:
        before = _BEFORE.get(stop_reason)
        return f"no request was sent: {before}" if before else "no request was sent"
    if operation.refused:
        return f"rate limited by the service: {operation.refused} of {operation.cases} requests were refused"
    if not operation.statuses:
        return "no answer came"
    if not operation.valid:
        return "no valid request was made"
    return f"answered {', '.join(map(str, operation.statuses))} only"
