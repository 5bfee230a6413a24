"""Which deployments are only to be told about? They are marked from their announcement on, by an event."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists

from olorin_pipelines.registry.tables import Deployment, Event

__all__ = ["DRY_RUN", "is_dry"]

DRY_RUN = "dry_run"
"""The event that marks a deployment whose traffic is never moved, and the outcome that it ends with."""


def is_dry() -> ColumnElement[bool]:
    """Return the condition on a row of deployments that it is a dry run."""
    return exists().where(Event.deployment_id == Deployment.id, Event.kind == DRY_RUN)
