"""What if the run that moved traffic died? Its rollout is still open in the registry: a rollback is asked for."""

from __future__ import annotations

import time

from olorin_pipelines.errors import UnknownName
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.worker import gone
from olorin_pipelines.registry import RESTING

__all__ = ["is_left_behind", "rescue"]

_AFTER_SECONDS = 120.0
"""A run ends within seconds of its deployment; a busy machine is given more."""


def rescue(place: Workplace, deployment_id: str, *, run_id: str) -> str:
    """Ask for a rollback when the deployment is still open; returns what was done, for the log."""
    row = place.registry.deployment(deployment_id)
    if row.outcome is not None:
        return f"{row.service} {row.version} is {row.outcome}: nothing to do"
    if row.run_id not in (None, run_id):
        return f"run {row.run_id} works on it now"
    reason = f"the run {run_id[:8]} died before the deployment was closed"
    rollout = place.registry.rollout(deployment_id)
    if rollout is not None and rollout.state in RESTING:
        return f"{row.service} {row.version} is {rollout.state}: it goes on, or is taken back, when somebody says so"
    if rollout is not None and rollout.state == "open":
        place.registry.update_rollout(deployment_id, state="aborted", reason=reason)
    place.registry.request_rollback(row.service, deployment_id=deployment_id, reason=reason)
    return f"asked for a rollback of {row.service} {row.version}: {reason}"


def is_left_behind(place: Workplace, deployment_id: str, *, run_id: str) -> bool:
    """Tell whether a run that counts as running has died.

    Its process is gone while its deployment is open, or its deployment was closed long ago, by somebody else.
    """
    try:
        row = place.registry.deployment(deployment_id)
    except UnknownName:
        return False
    if row.run_id != run_id:
        return False
    if row.ended_at is not None:
        return time.time() - row.ended_at >= _AFTER_SECONDS
    began = [event.detail for event in place.registry.events(deployment_id) if event.kind == "run_started"]
    return bool(began) and began[-1]["run_id"] == run_id and gone(began[-1].get("worker", {}))
