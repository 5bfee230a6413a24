"""The tables of the first release: deployments, what they served, what was decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision: str | None = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the nine tables."""
    op.create_table(
        "deployments",
        sa.Column("sequence", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("environment", sa.String(63), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("revision", sa.String(200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("run_id", sa.String(64)),
        sa.Column("verdict", sa.String(20)),
        sa.Column("decided_by", sa.String(63)),
        sa.Column("because", sa.Text()),
        sa.Column("decided_at", sa.Double()),
        sa.Column("outcome", sa.String(30)),
        sa.Column("ended_at", sa.Double()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "events",
        sa.Column("sequence", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("deployment_id", sa.String(36)),
        sa.Column("kind", sa.String(63), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
    )
    op.create_table(
        "production_checks",
        sa.Column("sequence", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "rollback_requests",
        sa.Column("sequence", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("deployment_id", sa.String(36)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.Double(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rollbacks",
        sa.Column("sequence", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("deployment_id", sa.String(36)),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("from_version", sa.String(200), nullable=False),
        sa.Column("to_version", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(30), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
    )
    op.create_table(
        "serving",
        sa.Column("service", sa.String(63), primary_key=True),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.String(36)),
        sa.Column("previous_version", sa.String(200)),
        sa.Column("previous_url", sa.Text()),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
    )
    op.create_table(
        "snapshots",
        sa.Column("sequence", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("environment", sa.String(63), nullable=False),
        sa.Column("deployment_id", sa.String(36)),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("artifact", sa.String(64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("captured_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "gate_results",
        sa.Column("deployment_id", sa.String(36), sa.ForeignKey("deployments.id"), primary_key=True),
        sa.Column("gate", sa.String(63), primary_key=True),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "rollouts",
        sa.Column("deployment_id", sa.String(36), sa.ForeignKey("deployments.id"), primary_key=True),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("abort_reason", sa.Text()),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("deadline", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.Column("detail", sa.JSON(), nullable=False),
    )
    op.create_index("ix_deployments_service", "deployments", ["service"])
    op.create_index("events_of_deployment", "events", ["deployment_id", "sequence"])
    op.create_index("ix_production_checks_service", "production_checks", ["service"])
    op.create_index("ix_rollbacks_deployment_id", "rollbacks", ["deployment_id"])
    op.create_index("ix_rollbacks_service", "rollbacks", ["service"])
    op.create_index("ix_snapshots_deployment_id", "snapshots", ["deployment_id"])
    op.create_index("ix_snapshots_service", "snapshots", ["service"])
    op.create_index("ix_rollouts_service", "rollouts", ["service"])
