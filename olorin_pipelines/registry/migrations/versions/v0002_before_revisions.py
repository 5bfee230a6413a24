"""What came before revisions had names: leases, consumers, history, commands, announcements, notices.

A registry of those days may have some of these tables already; they were never changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0002"
down_revision: str | None = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the seven tables, those that are not there yet."""
    op.create_table(
        "contract_runs",
        sa.Column("sequence", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("environment", sa.String(63), nullable=False),
        sa.Column("gate", sa.String(63), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("deployment_id", sa.String(36)),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "leases",
        sa.Column("service", sa.String(63), primary_key=True),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("deployment_id", sa.String(36)),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.Column("renewed_at", sa.Double(), nullable=False),
        sa.Column("deadline", sa.Double(), nullable=False),
        sa.Column("work", sa.JSON(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "notices",
        sa.Column("channel", sa.String(130), primary_key=True),
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("sent_at", sa.Double()),
        sa.Column("trouble", sa.Text(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "rollout_commands",
        sa.Column("sequence", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("deployment_id", sa.String(36), nullable=False),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("answered_at", sa.Double()),
        sa.Column("answer", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "announcements",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("source", sa.String(63), nullable=False),
        sa.Column("deployment_id", sa.String(36), sa.ForeignKey("deployments.id"), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "consumer_proofs",
        sa.Column("deployment_id", sa.String(36), sa.ForeignKey("deployments.id"), primary_key=True),
        sa.Column("consumer", sa.String(200), primary_key=True),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("baseline_digest", sa.String(64), nullable=False),
        sa.Column("baseline_version", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("operations", sa.JSON(), nullable=False),
        sa.Column("impacts", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.Double(), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "contract_failures",
        sa.Column("sequence", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("run", _NUMBER, sa.ForeignKey("contract_runs.sequence"), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("check", sa.String(63), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_contract_runs_deployment_id", "contract_runs", ["deployment_id"], if_not_exists=True)
    op.create_index(
        "runs_of_a_gate", "contract_runs", ["service", "environment", "gate", "sequence"], if_not_exists=True
    )
    op.create_index("ix_notices_state", "notices", ["state"], if_not_exists=True)
    op.create_index("ix_rollout_commands_deployment_id", "rollout_commands", ["deployment_id"], if_not_exists=True)
    op.create_index("ix_consumer_proofs_service", "consumer_proofs", ["service"], if_not_exists=True)
    op.create_index("ix_contract_failures_run", "contract_failures", ["run"], if_not_exists=True)
