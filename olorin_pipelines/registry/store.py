"""The registry: every write is one transaction, every read returns detached rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import create_engine, event, select
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.sql import Select

from olorin_pipelines.errors import RegistryError, UnknownName
from olorin_pipelines.gate import GateResult
from olorin_pipelines.registry.identity import uuid7
from olorin_pipelines.registry.tables import (
    Deployment,
    Event,
    GateRecord,
    ProductionCheck,
    Rollback,
    RollbackRequest,
    Rollout,
    Serving,
    Snapshot,
    Table,
)

__all__ = ["Registry"]

_POLL_SECONDS = 0.1
_WRITES = "olorin_writes"
_Row = TypeVar("_Row")


class Registry:
    """What was deployed, served and decided.

    `url` is a SQLAlchemy URL; a SQLite file is created, with its folder, in WAL mode. `clock` returns seconds since
    the epoch. Every method raises `RegistryError` when the database does not answer.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        try:
            address = make_url(url)
            if address.get_backend_name() == "sqlite" and address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            self._engine = create_engine(address, pool_pre_ping=True)
            if address.get_backend_name() == "sqlite":
                event.listen(self._engine, "connect", _tune_sqlite)
                event.listen(self._engine, "begin", _begin_sqlite)
            Table.metadata.create_all(self._engine)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise RegistryError(
                f"the registry URL is not usable: {error}", hint="e.g. sqlite:///var/olorin.db"
            ) from error
        except (SQLAlchemyError, OSError) as error:
            raise RegistryError(f"the registry cannot be opened: {_reason(error)}", hint="check `registry:`") from error
        self._readers = sessionmaker(self._engine, expire_on_commit=False)
        self._writers = sessionmaker(self._engine.execution_options(**{_WRITES: True}), expire_on_commit=False)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def _transaction(self) -> AbstractContextManager[Session]:
        return self._begin(self._writers)

    def _reading(self) -> AbstractContextManager[Session]:
        return self._begin(self._readers)

    @contextmanager
    def _begin(self, sessions: sessionmaker[Session]) -> Iterator[Session]:
        try:
            with sessions.begin() as session:
                yield session
        except SQLAlchemyError as error:
            raise RegistryError(f"the registry does not answer: {_reason(error)}", hint="check `registry:`") from error

    # -- deployments ---------------------------------------------------------------------------------------------

    def announce(
        self,
        service: str,
        *,
        environment: str,
        version: str,
        url: str,
        revision: str = "",
        run_id: str | None = None,
    ) -> tuple[Deployment, bool]:
        """Record a deployment. Announcing the same open one again returns it, with False.

        `run_id` names who works on it already; the deployments sensor starts a run for those without one.
        """
        with self._transaction() as session:
            same = session.scalars(
                select(Deployment).where(
                    Deployment.service == service,
                    Deployment.environment == environment,
                    Deployment.version == version,
                    Deployment.url == url,
                    Deployment.outcome.is_(None),
                )
            ).first()
            if same is not None:
                return same, False
            row = Deployment(
                id=uuid7(),
                service=service,
                environment=environment,
                version=version,
                revision=revision,
                url=url,
                created_at=self._clock(),
                run_id=run_id,
            )
            session.add(row)
            detail = {"environment": environment, "version": version, "url": url}
            session.add(self._event("deployment_announced", service, row.id, detail))
            return row, True

    def deployment(self, deployment_id: str) -> Deployment:
        """Return a deployment, or raise `UnknownName`."""
        with self._reading() as session:
            row = session.scalars(select(Deployment).where(Deployment.id == deployment_id)).first()
        if row is None:
            raise UnknownName("deployment", deployment_id, [])
        return row

    def deployments(self, service: str | None = None, *, limit: int = 20) -> Sequence[Deployment]:
        """Return the latest deployments, newest first."""
        query = select(Deployment).order_by(Deployment.sequence.desc()).limit(limit)
        if service is not None:
            query = query.where(Deployment.service == service)
        with self._reading() as session:
            return session.scalars(query).all()

    def deployments_after(self, sequence: int, *, wait_seconds: float = 0.0) -> Sequence[Deployment]:
        """Return deployments newer than `sequence`, oldest first; waits up to `wait_seconds` for the first one."""
        query = select(Deployment).where(Deployment.sequence > sequence).order_by(Deployment.sequence)
        return self._long_poll(query, wait_seconds)

    def name_version(self, deployment_id: str, version: str) -> None:
        """Give a deployment that was announced without a version the one its document states."""
        with self._transaction() as session:
            self._one(session, deployment_id).version = version

    def started(self, deployment_id: str, run_id: str) -> None:
        """Record which run works on the deployment."""
        with self._transaction() as session:
            row = self._one(session, deployment_id)
            if row.run_id != run_id:
                row.run_id = run_id
                session.add(self._event("run_started", row.service, row.id, {"run_id": run_id}))

    def decide(self, deployment_id: str, *, verdict: str, decided_by: str, because: str) -> None:
        """Record the verdict."""
        with self._transaction() as session:
            row = self._one(session, deployment_id)
            row.verdict, row.decided_by, row.because = verdict, decided_by, because
            row.decided_at = self._clock()
            detail = {"verdict": verdict, "decided_by": decided_by, "because": because}
            session.add(self._event("verdict", row.service, row.id, detail))

    def end(self, deployment_id: str, outcome: str) -> None:
        """Record the fate of a deployment, which closes it."""
        with self._transaction() as session:
            row = self._one(session, deployment_id)
            row.outcome, row.ended_at = outcome, self._clock()
            session.add(self._event("deployment_ended", row.service, row.id, {"outcome": outcome}))

    # -- evidence ------------------------------------------------------------------------------------------------

    def record_gate(self, deployment_id: str, result: GateResult) -> None:
        """Keep the result of a gate; a second run of the gate replaces it, the event log keeps both."""
        with self._transaction() as session:
            row = self._one(session, deployment_id)
            session.merge(
                GateRecord(
                    deployment_id=deployment_id,
                    gate=result.gate,
                    outcome=result.outcome.value,
                    summary=result.summary,
                    result=result.to_json().decode(),
                    recorded_at=self._clock(),
                )
            )
            detail = {"gate": result.gate, "outcome": result.outcome.value, "summary": result.summary}
            session.add(self._event("gate", row.service, row.id, detail))

    def gates(self, deployment_id: str) -> dict[str, GateResult]:
        """Return the results of a deployment's gates, by gate."""
        with self._reading() as session:
            rows = session.scalars(select(GateRecord).where(GateRecord.deployment_id == deployment_id)).all()
        return {row.gate: GateResult.from_json(row.result) for row in rows}

    def record_snapshot(
        self, service: str, *, environment: str, deployment_id: str | None, role: str, digest: str, artifact: str,
        source: str, version: str,
    ) -> None:  # fmt: skip
        """Keep what was served; `role` is "candidate", "baseline" or "production"."""
        with self._transaction() as session:
            session.add(
                Snapshot(
                    service=service,
                    environment=environment,
                    deployment_id=deployment_id,
                    role=role,
                    digest=digest,
                    artifact=artifact,
                    source=source,
                    version=version,
                    captured_at=self._clock(),
                )
            )

    def snapshot(self, *, deployment_id: str, role: str) -> Snapshot | None:
        """Return the latest snapshot a deployment was judged by."""
        query = select(Snapshot).where(Snapshot.deployment_id == deployment_id, Snapshot.role == role)
        with self._reading() as session:
            return session.scalars(query.order_by(Snapshot.sequence.desc())).first()

    def last_seen(self, service: str, *, source: str) -> Snapshot | None:
        """Return the latest snapshot seen at an address, whoever looked."""
        query = select(Snapshot).where(Snapshot.service == service, Snapshot.source == source)
        with self._reading() as session:
            return session.scalars(query.order_by(Snapshot.sequence.desc())).first()

    def last_observed(self, service: str) -> Snapshot | None:
        """Return the latest snapshot that production was seen to serve."""
        query = select(Snapshot).where(Snapshot.service == service, Snapshot.role.in_(("baseline", "production")))
        with self._reading() as session:
            return session.scalars(query.order_by(Snapshot.sequence.desc())).first()

    def record_production_check(self, service: str, version: str, result: GateResult) -> None:
        """Keep one look at production."""
        with self._transaction() as session:
            session.add(
                ProductionCheck(
                    service=service,
                    version=version,
                    outcome=result.outcome.value,
                    result=result.to_json().decode(),
                    checked_at=self._clock(),
                )
            )
            detail = {"version": version, "outcome": result.outcome.value, "summary": result.summary}
            session.add(self._event("production_check", service, None, detail))

    def production_checks(self, service: str, *, limit: int = 20) -> Sequence[ProductionCheck]:
        """Return the latest looks at production, newest first."""
        query = select(ProductionCheck).where(ProductionCheck.service == service)
        with self._reading() as session:
            return session.scalars(query.order_by(ProductionCheck.sequence.desc()).limit(limit)).all()

    # -- delivery ------------------------------------------------------------------------------------------------

    def serving(self, service: str) -> Serving | None:
        """Return what production is, None before it was first recorded."""
        with self._reading() as session:
            return session.get(Serving, service)

    def found_serving(self, service: str, *, version: str, url: str, replace: bool = False) -> Serving:
        """Record what was found in production before Olorin ever moved traffic.

        Keeps an existing record unless `replace` is given, as when production was started anew.
        """
        with self._transaction() as session:
            row = session.get(Serving, service)
            if row is None or replace:
                fence = row.fence if row else 0
                row = session.merge(
                    Serving(
                        service=service,
                        version=version,
                        url=url,
                        deployment_id=None,
                        previous_version=None,
                        previous_url=None,
                        fence=fence,
                        since=self._clock(),
                    )
                )
                session.add(self._event("production_found", service, None, {"version": version, "url": url}))
            return row

    def next_fence(self, service: str) -> int:
        """Return a fence number higher than every one before for this service."""
        with self._transaction() as session:
            row = session.get(Serving, service, with_for_update=True)
            if row is None:
                raise RegistryError(f"nothing is known to serve {service!r} in production yet")
            row.fence += 1
            return row.fence

    def promote(self, service: str, *, version: str, url: str, deployment_id: str) -> None:
        """The candidate is production now; what was, is retained as the previous version."""
        with self._transaction() as session:
            row = session.get_one(Serving, service)
            if row.url == url:
                return
            row.previous_version, row.previous_url = row.version, row.url
            row.version, row.url, row.deployment_id, row.since = version, url, deployment_id, self._clock()
            session.add(self._event("promoted", service, deployment_id, {"version": version, "url": url}))

    def revert(self, service: str, *, leaving: str) -> None:
        """The previous version is production again, and nothing is retained; no-op when `leaving` (a URL) is not it."""
        with self._transaction() as session:
            row = session.get_one(Serving, service)
            if row.url != leaving or row.previous_version is None or row.previous_url is None:
                return
            detail = {"from": row.version, "to": row.previous_version}
            row.version, row.url, row.deployment_id = row.previous_version, row.previous_url, None
            row.previous_version = row.previous_url = None
            row.since = self._clock()
            session.add(self._event("reverted", service, None, detail))

    def open_rollout(self, deployment_id: str, *, fence: int, deadline: float) -> Rollout:
        """Record that traffic is about to move; `deadline` is seconds since the epoch."""
        with self._transaction() as session:
            deployment = self._one(session, deployment_id)
            row = Rollout(
                deployment_id=deployment_id,
                service=deployment.service,
                state="open",
                weight=0,
                fence=fence,
                started_at=self._clock(),
                deadline=deadline,
            )
            row = session.merge(row)
            session.add(self._event("rollout_opened", row.service, deployment_id, {"fence": fence}))
            return row

    def rollout(self, deployment_id: str) -> Rollout | None:
        """Return the rollout of a deployment."""
        with self._reading() as session:
            return session.get(Rollout, deployment_id)

    def open_rollouts(self, service: str | None = None) -> Sequence[Rollout]:
        """Return rollouts that move traffic now, or died doing it."""
        query = select(Rollout).where(Rollout.state == "open")
        if service is not None:
            query = query.where(Rollout.service == service)
        with self._reading() as session:
            return session.scalars(query).all()

    def update_rollout(
        self, deployment_id: str, *, state: str | None = None, weight: int | None = None, reason: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Change what is given; a `state` other than "open" ends the rollout."""
        with self._transaction() as session:
            row = session.get_one(Rollout, deployment_id)
            row.weight = row.weight if weight is None else weight
            row.reason = row.reason if reason is None else reason
            row.detail = row.detail if detail is None else dict(detail)
            if state is not None:
                row.state = state
                row.ended_at = None if state == "open" else self._clock()
                payload = {"state": state, "reason": row.reason, "weight": row.weight}
                session.add(self._event("rollout_state", row.service, deployment_id, payload))

    def request_abort(self, deployment_id: str, reason: str) -> bool:
        """Ask an open rollout to stop; False when it is not open."""
        with self._transaction() as session:
            row = session.get(Rollout, deployment_id)
            if row is None or row.state != "open":
                return False
            row.abort_reason = reason
            session.add(self._event("abort_requested", row.service, deployment_id, {"reason": reason}))
            return True

    def record_rollback(
        self, service: str, *, deployment_id: str | None, from_version: str, to_version: str, reason: str,
        outcome: str, started_at: float, seconds: float, detail: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """Keep a rollback and its proofs."""
        with self._transaction() as session:
            session.add(
                Rollback(
                    service=service,
                    deployment_id=deployment_id,
                    from_version=from_version,
                    to_version=to_version,
                    reason=reason,
                    outcome=outcome,
                    started_at=started_at,
                    seconds=seconds,
                    detail=dict(detail),
                )
            )
            payload = {"outcome": outcome, "from": from_version, "to": to_version, "seconds": seconds}
            session.add(self._event("rollback", service, deployment_id, payload))

    def request_rollback(self, service: str, *, deployment_id: str | None, reason: str) -> None:
        """Ask for a rollback to be run."""
        with self._transaction() as session:
            session.add(
                RollbackRequest(service=service, deployment_id=deployment_id, reason=reason, requested_at=self._clock())
            )
            session.add(self._event("rollback_requested", service, deployment_id, {"reason": reason}))

    def rollback_requests_after(self, sequence: int, *, wait_seconds: float = 0.0) -> Sequence[RollbackRequest]:
        """Return requests newer than `sequence`, oldest first; waits up to `wait_seconds` for the first one."""
        query = select(RollbackRequest).where(RollbackRequest.sequence > sequence).order_by(RollbackRequest.sequence)
        return self._long_poll(query, wait_seconds)

    def rollbacks(self, service: str, *, limit: int = 20) -> Sequence[Rollback]:
        """Return the latest rollbacks, newest first."""
        query = select(Rollback).where(Rollback.service == service).order_by(Rollback.sequence.desc()).limit(limit)
        with self._reading() as session:
            return session.scalars(query).all()

    # -- events --------------------------------------------------------------------------------------------------

    def record(self, kind: str, *, service: str, deployment_id: str | None, detail: Mapping[str, Any]) -> None:
        """Append an event."""
        with self._transaction() as session:
            session.add(self._event(kind, service, deployment_id, detail))

    def events(self, deployment_id: str) -> Sequence[Event]:
        """Return the events of a deployment, oldest first."""
        query = select(Event).where(Event.deployment_id == deployment_id).order_by(Event.sequence)
        with self._reading() as session:
            return session.scalars(query).all()

    def _long_poll(self, query: Select[_Row], wait_seconds: float) -> Sequence[_Row]:
        until = time.monotonic() + wait_seconds
        while True:
            with self._reading() as session:
                rows = session.scalars(query).all()
            if rows or time.monotonic() >= until:
                return rows
            time.sleep(_POLL_SECONDS)  # the only wait of the registry: a database has nobody to wake us portably

    def _event(self, kind: str, service: str, deployment_id: str | None, detail: Mapping[str, Any]) -> Event:
        return Event(at=self._clock(), kind=kind, service=service, deployment_id=deployment_id, detail=dict(detail))

    @staticmethod
    def _one(session: Session, deployment_id: str) -> Deployment:
        row = session.scalars(select(Deployment).where(Deployment.id == deployment_id)).first()
        if row is None:
            raise UnknownName("deployment", deployment_id, [])
        return row


def _tune_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver shall not begin transactions by itself: `_begin_sqlite` does
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: upgrading a read transaction fails immediately when another one wrote."""
    if connection.get_execution_options().get(_WRITES):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _reason(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
