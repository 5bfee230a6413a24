"""How is the registry's database read and written? One transaction a write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session, sessionmaker
from sqlalchemy.sql import Select

from olorin_pipelines.errors import RegistryError, UnknownName
from olorin_pipelines.registry.engine import open_engine, reason, writer
from olorin_pipelines.registry.schema import prepare
from olorin_pipelines.registry.tables import Deployment, Event, Rollout, RolloutCommand

__all__ = ["RESTING", "Database", "waiting"]

RESTING = ("paused", "held_unsafe")
"""States of a rollout whose weight is held and that no run works on."""

_POLL_SECONDS = 0.2
_Row = TypeVar("_Row")


class Database:
    """The database of the registry, and its event log.

    `url` is a SQLAlchemy URL; a SQLite file is created, with its folder, in WAL mode. `clock` returns seconds since
    the epoch. Every method raises `RegistryError` when the database does not answer.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._engine = open_engine(url)
        try:
            prepare(self._engine)
        except RegistryError:
            self._engine.dispose()
            raise
        self._readers = sessionmaker(self._engine, expire_on_commit=False)
        self._writers = sessionmaker(writer(self._engine), expire_on_commit=False)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def writing(self) -> AbstractContextManager[Session]:
        """Begin a transaction that writes."""
        return self._begin(self._writers)

    def reading(self) -> AbstractContextManager[Session]:
        """Begin one that only reads."""
        return self._begin(self._readers)

    @contextmanager
    def _begin(self, sessions: sessionmaker[Session]) -> Iterator[Session]:
        try:
            with sessions.begin() as session:
                yield session
        except SQLAlchemyError as error:
            raise RegistryError(f"the registry does not answer: {reason(error)}", hint="check `registry:`") from error

    def record(self, kind: str, *, service: str, deployment_id: str | None, detail: Mapping[str, Any]) -> None:
        """Append an event."""
        with self.writing() as session:
            session.add(self.event(kind, service, deployment_id, detail))

    def events(self, deployment_id: str) -> Sequence[Event]:
        """Return the events of a deployment, oldest first."""
        query = select(Event).where(Event.deployment_id == deployment_id).order_by(Event.sequence)
        with self.reading() as session:
            return session.scalars(query).all()

    def seen(self, cursor: int, numbers: InstrumentedAttribute[int]) -> int:
        """Return a cursor on the numbers of a table, less when they do not reach it: the registry was made anew."""
        with self.reading() as session:
            return min(cursor, session.scalar(select(func.max(numbers))) or 0)

    def long_poll(self, query: Select[_Row], wait_seconds: float) -> Sequence[_Row]:
        """Return the rows of a query, waiting up to `wait_seconds` for the first one."""
        until = time.monotonic() + wait_seconds
        while True:
            with self.reading() as session:
                rows = session.scalars(query).all()
            if rows or time.monotonic() >= until:
                return rows
            time.sleep(_POLL_SECONDS)  # the only wait of the registry: a database has nobody to wake us portably

    def event(self, kind: str, service: str, deployment_id: str | None, detail: Mapping[str, Any]) -> Event:
        """Return an event of this moment, to be added to a session."""
        return Event(at=self._clock(), kind=kind, service=service, deployment_id=deployment_id, detail=dict(detail))

    @staticmethod
    def deployment_row(session: Session, deployment_id: str) -> Deployment:
        """Return a deployment of this session. Raises `UnknownName`."""
        row = session.scalars(select(Deployment).where(Deployment.id == deployment_id)).first()
        if row is None:
            error = UnknownName("deployment", deployment_id, ())
            error.hint = "`olorin status` shows the ids of the latest ones"
            raise error
        return row

    def close_deployment(self, session: Session, row: Deployment, outcome: str) -> None:
        """Give a deployment of this session its fate; a rollout of it cannot be open any more."""
        row.outcome, row.ended_at = outcome, self._clock()
        session.add(self.event("deployment_ended", row.service, row.id, {"outcome": outcome}))
        rollout = session.get(Rollout, row.id)
        if rollout is not None and rollout.state in ("open", *RESTING):
            rollout.state, rollout.ended_at = "aborted", self._clock()
            payload = {"state": "aborted", "reason": f"the deployment is {outcome}", "weight": rollout.weight}
            session.add(self.event("rollout_state", row.service, row.id, payload))
        self.settle_commands(session, row.id, outcome)

    def settle_commands(self, session: Session, deployment_id: str, answer: str) -> None:
        """Answer in this session what was asked of a rollout and is not answered yet."""
        for row in session.scalars(waiting(deployment_id)).all():
            row.answer, row.answered_at = answer, self._clock()
            payload = {"verb": row.verb, "who": row.who, "answer": answer}
            session.add(self.event("command_answered", row.service, deployment_id, payload))


def waiting(deployment_id: str) -> Select[RolloutCommand]:
    """Return the query for what was asked of a rollout and is not answered, oldest first."""
    return (
        select(RolloutCommand)
        .where(RolloutCommand.deployment_id == deployment_id, RolloutCommand.answered_at.is_(None))
        .order_by(RolloutCommand.sequence)
    )
