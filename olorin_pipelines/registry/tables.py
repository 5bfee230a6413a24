"""The tables of the registry. Times are seconds since the epoch, UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "Announcement",
    "ConsumerRecord",
    "ContractFailure",
    "ContractRun",
    "Deployment",
    "Event",
    "GateRecord",
    "Lease",
    "Notice",
    "ProductionCheck",
    "Rollback",
    "RollbackRequest",
    "Rollout",
    "RolloutCommand",
    "Serving",
    "Snapshot",
    "Table",
]

_Sequence = BigInteger().with_variant(Integer, "sqlite")


class Table(DeclarativeBase):
    """Base of all tables."""


class Deployment(Table):
    """A version of a service put in an environment. Open until `outcome` is set."""

    __tablename__ = "deployments"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it; a cursor needs new numbers

    sequence: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    service: Mapped[str] = mapped_column(String(63), index=True)
    environment: Mapped[str] = mapped_column(String(63))
    version: Mapped[str] = mapped_column(String(200))
    revision: Mapped[str] = mapped_column(String(200), default="")
    url: Mapped[str] = mapped_column(Text)
    created_at: Mapped[float]
    run_id: Mapped[str | None] = mapped_column(String(64), default=None)
    verdict: Mapped[str | None] = mapped_column(String(20), default=None)
    decided_by: Mapped[str | None] = mapped_column(String(63), default=None)
    because: Mapped[str | None] = mapped_column(Text, default=None)
    decided_at: Mapped[float | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(String(30), default=None)
    ended_at: Mapped[float | None] = mapped_column(default=None)


class Announcement(Table):
    """A deployment as somebody outside called it: their `id`, and the digest of what they said under it."""

    __tablename__ = "announcements"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(63))
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"))
    at: Mapped[float]


class Snapshot(Table):
    """An OpenAPI document as it was served, at a time; the bytes are the artifact `digest`."""

    __tablename__ = "snapshots"

    sequence: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    service: Mapped[str] = mapped_column(String(63), index=True)
    environment: Mapped[str] = mapped_column(String(63))
    deployment_id: Mapped[str | None] = mapped_column(String(36), index=True)
    role: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    artifact: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(200))
    captured_at: Mapped[float]


class GateRecord(Table):
    """The latest result of one gate for one deployment, as JSON."""

    __tablename__ = "gate_results"

    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"), primary_key=True)
    gate: Mapped[str] = mapped_column(String(63), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[float]


class ConsumerRecord(Table):
    """What was proved about one consumer for one deployment: between which documents, and the answer to each finding.

    `operations` are those its code uses, by the place that does; `impacts` are rows of finding, answer, place, because.
    """

    __tablename__ = "consumer_proofs"

    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"), primary_key=True)
    consumer: Mapped[str] = mapped_column(String(200), primary_key=True)
    service: Mapped[str] = mapped_column(String(63), index=True)
    version: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    baseline_digest: Mapped[str] = mapped_column(String(64))
    baseline_version: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(Text)
    operations: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    impacts: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    recorded_at: Mapped[float]


class Rollout(Table):
    """Moving traffic to one deployment. `deadline` is when something else may call it dead."""

    __tablename__ = "rollouts"

    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"), primary_key=True)
    service: Mapped[str] = mapped_column(String(63), index=True)
    state: Mapped[str] = mapped_column(String(20))
    weight: Mapped[int]
    fence: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="")
    abort_reason: Mapped[str | None] = mapped_column(Text, default=None)
    started_at: Mapped[float]
    deadline: Mapped[float]
    ended_at: Mapped[float | None] = mapped_column(default=None)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Rollback(Table):
    """Taking traffic off a version, with the proofs that it worked."""

    __tablename__ = "rollbacks"

    sequence: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    deployment_id: Mapped[str | None] = mapped_column(String(36), index=True)
    service: Mapped[str] = mapped_column(String(63), index=True)
    from_version: Mapped[str] = mapped_column(String(200))
    to_version: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(30))
    started_at: Mapped[float]
    seconds: Mapped[float]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class RollbackRequest(Table):
    """A rollback that was asked for and is to be run; `deployment_id` is None for "production, to what is retained"."""

    __tablename__ = "rollback_requests"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it; a cursor needs new numbers

    sequence: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    service: Mapped[str] = mapped_column(String(63))
    deployment_id: Mapped[str | None] = mapped_column(String(36))
    reason: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[float]


class RolloutCommand(Table):
    """What a person wants of a rollout: who, why, and the answer once it was done, or could not be.

    `verb` is one of `olorin_pipelines.delivery.states.COMMANDS`.
    """

    __tablename__ = "rollout_commands"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it; a cursor needs new numbers

    sequence: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    service: Mapped[str] = mapped_column(String(63))
    deployment_id: Mapped[str] = mapped_column(String(36), index=True)
    verb: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[float]
    answered_at: Mapped[float | None] = mapped_column(default=None)
    answer: Mapped[str] = mapped_column(Text, default="")


class Serving(Table):
    """What production is, per service: the stable version, and the one before it that is retained for a rollback."""

    __tablename__ = "serving"

    service: Mapped[str] = mapped_column(String(63), primary_key=True)
    version: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(Text)
    deployment_id: Mapped[str | None] = mapped_column(String(36))
    previous_version: Mapped[str | None] = mapped_column(String(200))
    previous_url: Mapped[str | None] = mapped_column(Text)
    fence: Mapped[int] = mapped_column(default=0)
    since: Mapped[float]


class Lease(Table):
    """Who may move the traffic of a service now. Free when `holder` is empty.

    `fence` is the number that the holder writes into the route; `beats` grows while it lives, `renewed_at` says when
    it did last. After `deadline` it may be called dead though it beats. `work` is what it does, JSON-able, so that
    somebody else can finish it.
    """

    __tablename__ = "leases"

    service: Mapped[str] = mapped_column(String(63), primary_key=True)
    holder: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    deployment_id: Mapped[str | None] = mapped_column(String(36))
    fence: Mapped[int]
    beats: Mapped[int]
    taken_at: Mapped[float]
    renewed_at: Mapped[float]
    deadline: Mapped[float]
    work: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Notice(Table):
    """A message for one channel: due (at `due_at`), sent, or failed after `tries`. `key` names its news for ever."""

    __tablename__ = "notices"

    channel: Mapped[str] = mapped_column(String(130), primary_key=True)
    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    words: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(20), index=True)
    tries: Mapped[int]
    made_at: Mapped[float]
    due_at: Mapped[float]
    sent_at: Mapped[float | None] = mapped_column(default=None)
    trouble: Mapped[str] = mapped_column(Text, default="")


class ProductionCheck(Table):
    """One scheduled look at production, as JSON."""

    __tablename__ = "production_checks"

    sequence: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    service: Mapped[str] = mapped_column(String(63), index=True)
    version: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(20))
    result: Mapped[str] = mapped_column(Text)
    checked_at: Mapped[float]


class ContractRun(Table):
    """A run of contract tests: which scopes it asked, as a list, and its numbers for the trend, by name."""

    __tablename__ = "contract_runs"

    sequence: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    service: Mapped[str] = mapped_column(String(63))
    environment: Mapped[str] = mapped_column(String(63))
    gate: Mapped[str] = mapped_column(String(63))
    version: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))
    deployment_id: Mapped[str | None] = mapped_column(String(36), index=True)
    asked: Mapped[list[str]] = mapped_column(JSON, default=list)
    numbers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[float]


class ContractFailure(Table):
    """A failure that a run of contract tests saw, by the name of its cause; `state` is what history said then."""

    __tablename__ = "contract_failures"

    sequence: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    run: Mapped[int] = mapped_column(ForeignKey("contract_runs.sequence"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    scope: Mapped[str] = mapped_column(Text)
    check: Mapped[str] = mapped_column(String(63))
    operation: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))


class Event(Table):
    """Append-only: what was decided or done, when, on which evidence."""

    __tablename__ = "events"

    sequence: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    at: Mapped[float]
    service: Mapped[str] = mapped_column(String(63))
    deployment_id: Mapped[str | None] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(63))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


Index("events_of_deployment", Event.deployment_id, Event.sequence)
Index("runs_of_a_gate", ContractRun.service, ContractRun.environment, ContractRun.gate, ContractRun.sequence)
