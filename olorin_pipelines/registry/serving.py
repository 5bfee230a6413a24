"""What serves production, and how did it come there?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from olorin_pipelines.errors import RegistryError
from olorin_pipelines.registry.database import Database
from olorin_pipelines.registry.leases import hold
from olorin_pipelines.registry.tables import Deployment, Rollback, RollbackRequest, Rollout, Serving

__all__ = ["Delivery"]


class Delivery(Database):
    """Serving versions, rollouts and rollbacks."""

    def serving(self, service: str) -> Serving | None:
        """Return what production is, None before it was first recorded."""
        with self.reading() as session:
            return session.get(Serving, service)

    def found_serving(self, service: str, *, version: str, url: str, replace: bool = False) -> Serving:
        """Record what was found in production before Olorin ever moved traffic.

        Keeps an existing record unless `replace` is given, as when production was started anew.
        """
        with self.writing() as session:
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
                session.add(self.event("production_found", service, None, {"version": version, "url": url}))
            return row

    def next_fence(self, service: str) -> int:
        """Return a fence number higher than every one before for this service."""
        with self.writing() as session:
            row = session.get(Serving, service, with_for_update=True)
            if row is None:
                raise RegistryError(f"nothing is known to serve {service!r} in production yet")
            row.fence += 1
            return row.fence

    def promote(
        self, service: str, *, version: str, url: str, deployment_id: str, fence: int | None = None, reason: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """The candidate is production now; what was, is retained as the previous version.

        Its rollout ends with `reason` and `detail`, its deployment is closed and the lease of `fence` given back in
        the same transaction: a run that dies here leaves all or nothing. Raises `StaleFence` when somebody else has
        the lease: then nothing was promoted.
        """
        with self.writing() as session:
            row = session.get_one(Serving, service, with_for_update=True)  # in the order in which a lease is taken
            if fence is not None:
                hold(session, service, fence).holder = ""
            if row.url == url:
                return
            rollout = session.get(Rollout, deployment_id)
            if rollout is not None:
                rollout.state, rollout.reason, rollout.ended_at = "promoted", reason, self._clock()
                rollout.detail = dict(detail or {})
                payload = {"state": "promoted", "reason": reason, "weight": rollout.weight}
                session.add(self.event("rollout_state", service, deployment_id, payload))
            row.previous_version, row.previous_url = row.version, row.url
            row.version, row.url, row.deployment_id, row.since = version, url, deployment_id, self._clock()
            session.add(self.event("promoted", service, deployment_id, {"version": version, "url": url}))
            deployment = session.scalars(select(Deployment).where(Deployment.id == deployment_id)).first()
            if deployment is not None and deployment.outcome is None:
                self.close_deployment(session, deployment, "promoted")

    def revert(self, service: str, *, leaving: str, fence: int | None = None) -> None:
        """The previous version is production again, and nothing is retained; no-op when `leaving` (a URL) is not it.

        Raises `StaleFence` when `fence` is given and does not hold the lease any more.
        """
        with self.writing() as session:
            row = session.get_one(Serving, service, with_for_update=True)
            if fence is not None:
                hold(session, service, fence)
            if row.url != leaving or row.previous_version is None or row.previous_url is None:
                return
            detail = {"from": row.version, "to": row.previous_version}
            row.version, row.url, row.deployment_id = row.previous_version, row.previous_url, None
            row.previous_version = row.previous_url = None
            row.since = self._clock()
            session.add(self.event("reverted", service, None, detail))

    def open_rollout(self, deployment_id: str, *, fence: int, deadline: float, held: bool = False) -> Rollout:
        """Record that traffic is about to move; `deadline` is seconds since the epoch.

        With `held` it has to be by the holder of the lease. Raises `StaleFence` otherwise.
        """
        with self.writing() as session:
            deployment = self.deployment_row(session, deployment_id)
            if held:
                hold(session, deployment.service, fence)
            row = Rollout(
                deployment_id=deployment_id,
                service=deployment.service,
                state="open",
                weight=0,
                fence=fence,
                reason="",
                abort_reason=None,
                started_at=self._clock(),
                deadline=deadline,
                ended_at=None,
                detail={},
            )
            row = session.merge(row)  # a second try is a new rollout: an abort of the first one is not for it
            session.add(self.event("rollout_opened", row.service, deployment_id, {"fence": fence}))
            return row

    def rollout(self, deployment_id: str) -> Rollout | None:
        """Return the rollout of a deployment."""
        with self.reading() as session:
            return session.get(Rollout, deployment_id)

    def open_rollouts(self, service: str | None = None) -> Sequence[Rollout]:
        """Return rollouts that move traffic now, or died doing it."""
        query = select(Rollout).where(Rollout.state == "open")
        if service is not None:
            query = query.where(Rollout.service == service)
        with self.reading() as session:
            return session.scalars(query).all()

    def update_rollout(
        self, deployment_id: str, *, state: str | None = None, weight: int | None = None, reason: str | None = None,
        detail: Mapping[str, Any] | None = None, fence: int | None = None,
    ) -> None:  # fmt: skip
        """Change what is given; a `state` other than "open" ends the rollout.

        Raises `StaleFence` when `fence` is given and does not hold the lease any more.
        """
        with self.writing() as session:
            row = session.get_one(Rollout, deployment_id)
            if fence is not None:
                hold(session, row.service, fence)
            row.weight = row.weight if weight is None else weight
            row.reason = row.reason if reason is None else reason
            row.detail = row.detail if detail is None else dict(detail)
            if state is not None:
                row.state = state
                row.ended_at = None if state == "open" else self._clock()
                payload = {"state": state, "reason": row.reason, "weight": row.weight}
                session.add(self.event("rollout_state", row.service, deployment_id, payload))

    def request_abort(self, deployment_id: str, reason: str) -> bool:
        """Ask an open rollout to stop; False when it is not open."""
        with self.writing() as session:
            row = session.get(Rollout, deployment_id)
            if row is None or row.state != "open":
                return False
            row.abort_reason = reason
            session.add(self.event("abort_requested", row.service, deployment_id, {"reason": reason}))
            return True

    def record_rollback(
        self, service: str, *, deployment_id: str | None, from_version: str, to_version: str, reason: str,
        outcome: str, started_at: float, seconds: float, detail: Mapping[str, Any], closes: str | None = None,
        fence: int | None = None,
    ) -> None:  # fmt: skip
        """Keep a rollback and its proofs; close its deployment with the outcome `closes`, if that is given.

        With `closes` the lease of `fence` is given back in the same transaction; one that failed keeps it, so that
        it is tried again and nobody else begins. Raises `StaleFence` when somebody else has the lease.
        """
        with self.writing() as session:
            if fence is not None:
                lease = hold(session, service, fence)
                lease.holder = "" if closes else lease.holder
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
            session.add(self.event("rollback", service, deployment_id, payload))
            if closes and deployment_id:
                row = self.deployment_row(session, deployment_id)
                if row.outcome is None or (row.outcome, closes) == ("promoted", "rolled_back"):
                    self.close_deployment(session, row, closes)

    def request_rollback(self, service: str, *, deployment_id: str | None, reason: str) -> None:
        """Ask for a rollback to be run."""
        with self.writing() as session:
            session.add(
                RollbackRequest(service=service, deployment_id=deployment_id, reason=reason, requested_at=self._clock())
            )
            session.add(self.event("rollback_requested", service, deployment_id, {"reason": reason}))

    def seen_requests(self, cursor: int) -> int:
        """Return the number of the last request that a reader with this cursor can have seen."""
        return self.seen(cursor, RollbackRequest.sequence)

    def rollback_requests_after(self, sequence: int, *, wait_seconds: float = 0.0) -> Sequence[RollbackRequest]:
        """Return requests newer than `sequence`, oldest first; waits up to `wait_seconds` for the first one."""
        query = select(RollbackRequest).where(RollbackRequest.sequence > sequence).order_by(RollbackRequest.sequence)
        return self.long_poll(query, wait_seconds)

    def rollbacks(self, service: str, *, limit: int = 20) -> Sequence[Rollback]:
        """Return the latest rollbacks, newest first."""
        query = select(Rollback).where(Rollback.service == service).order_by(Rollback.sequence.desc()).limit(limit)
        with self.reading() as session:
            return session.scalars(query).all()
