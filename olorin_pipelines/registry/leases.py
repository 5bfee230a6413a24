"""Who may move the traffic of a service now, and does it still live?

One writer a service: taking the lease raises the service's fence in the same transaction, and what the one before
still wanted to write or to record is refused from then on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from olorin_pipelines.errors import LeaseHeld, RegistryError, StaleFence
from olorin_pipelines.registry.database import Database
from olorin_pipelines.registry.tables import Deployment, Lease, Rollback, RollbackRequest, Serving

__all__ = ["PAUSED", "Leases", "hold"]

PAUSED = "paused"
"""The kind of a lease that keeps others out while a rollout rests: it has no heartbeat, and only its time ends it."""


class Leases(Database):
    """Leases, their heartbeats, and what is left to be done by somebody else."""

    def take_lease(
        self, service: str, *, holder: str, kind: str, deployment_id: str | None, seconds: float,
        work: Mapping[str, Any], seen: Lease | None = None, above: int = 0, why: str = "",
    ) -> Lease:  # fmt: skip
        """Take the lease of a service for at most `seconds`, with a fence higher than every one before and `above`.

        It has to be free, unchanged since `seen` (then the caller has judged that its holder is dead, or is to
        stop, and `why` says so), or, for a rollback, held by `holder` itself. Raises `LeaseHeld` otherwise. A rollback
        that takes over a rollback takes over its work: what was begun is finished first.
        """
        with self.writing() as session:
            serving = session.get(Serving, service, with_for_update=True)  # the row that takers queue at
            if serving is None:
                raise RegistryError(f"nothing is known to serve {service!r} in production yet")
            row = session.get(Lease, service, with_for_update=True)
            own = row is not None and row.holder == holder and kind == "rollback"
            if row is not None and row.holder and not own and not _same(row, seen):
                raise LeaseHeld(
                    f"{row.holder} moves the traffic of {service} ({row.kind}, fence {row.fence})",
                    hint="wait for its end: olorin status",
                )
            serving.fence = max(serving.fence, above) + 1
            now = self._clock()
            before = row.holder if row is not None else ""
            if row is not None and row.holder and row.kind == kind == "rollback" and row.work.get("order"):
                deployment_id, work = row.deployment_id, row.work
            row = session.merge(
                Lease(
                    service=service,
                    holder=holder,
                    kind=kind,
                    deployment_id=deployment_id,
                    fence=serving.fence,
                    beats=0,
                    taken_at=now,
                    renewed_at=now,
                    deadline=now + seconds,
                    work=dict(work),
                )
            )
            detail = {"holder": holder, "kind": kind, "fence": serving.fence, "from": before, "why": why}
            session.add(self.event("lease_taken", service, deployment_id, detail))
            return row

    def renew_lease(self, service: str, *, fence: int) -> None:
        """Say that the holder with this fence lives. Raises `StaleFence` when it is not the holder any more."""
        with self.writing() as session:
            renewed = session.execute(
                update(Lease)
                .where(Lease.service == service, Lease.fence == fence, Lease.holder != "")
                .values(beats=Lease.beats + 1, renewed_at=self._clock())
            )
            if renewed.rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE has one
                hold(session, service, fence)

    def release_lease(self, service: str, *, fence: int) -> None:
        """Give the lease back; no-op when somebody else has it."""
        with self.writing() as session:
            session.execute(update(Lease).where(Lease.service == service, Lease.fence == fence).values(holder=""))

    def record_held(
        self, kind: str, *, service: str, deployment_id: str | None, detail: Mapping[str, Any], fence: int
    ) -> None:
        """Append an event of the holder, which lives. Raises `StaleFence` when it does not hold the lease any more."""
        with self.writing() as session:
            row = hold(session, service, fence)
            row.beats, row.renewed_at = row.beats + 1, self._clock()
            session.add(self.event(kind, service, deployment_id, detail))

    def keep_work(self, service: str, *, fence: int, work: Mapping[str, Any]) -> None:
        """Note what the holder does, for whoever may have to finish it. Raises `StaleFence`."""
        with self.writing() as session:
            hold(session, service, fence).work = dict(work)

    def lease(self, service: str) -> Lease | None:
        """Return the lease of a service while somebody holds it."""
        with self.reading() as session:
            return session.scalars(select(Lease).where(Lease.service == service, Lease.holder != "")).first()

    def leases(self) -> Sequence[Lease]:
        """Return all leases that are held."""
        with self.reading() as session:
            return session.scalars(select(Lease).where(Lease.holder != "").order_by(Lease.service)).all()

    def unanswered_requests(self) -> Sequence[RollbackRequest]:
        """Return the rollbacks that were asked for and not begun since, oldest first; none of a closed deployment."""
        begun = (
            select(func.max(Rollback.started_at))
            .where(Rollback.service == RollbackRequest.service)
            .correlate(RollbackRequest)
            .scalar_subquery()
        )
        query = (
            select(RollbackRequest)
            .outerjoin(Deployment, Deployment.id == RollbackRequest.deployment_id)
            .where(RollbackRequest.requested_at > func.coalesce(begun, 0.0))
            .where(Deployment.outcome.is_(None) | (Deployment.outcome == "promoted"))
            .order_by(RollbackRequest.sequence)
        )
        with self.reading() as session:
            return session.scalars(query).all()


def hold(session: Session, service: str, fence: int) -> Lease:
    """Return the lease for a change in this session. Raises `StaleFence` when `fence` does not hold it."""
    row = session.get(Lease, service, with_for_update=True)
    if row is None or row.fence != fence or not row.holder:
        now = f"{row.holder or 'nobody'} with fence {row.fence}" if row else "nobody"
        raise StaleFence(
            f"the traffic of {service} is moved by {now}, not by fence {fence}",
            hint="another rollout or rollback has taken over",
        )
    return row


def _same(row: Lease, seen: Lease | None) -> bool:
    return seen is not None and (row.holder, row.fence, row.beats) == (seen.holder, seen.fence, seen.beats)
