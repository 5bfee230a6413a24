"""What was deployed, and what became of it?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from olorin_pipelines.errors import NameTaken
from olorin_pipelines.registry.database import Database
from olorin_pipelines.registry.dry import DRY_RUN, is_dry
from olorin_pipelines.registry.identity import uuid7
from olorin_pipelines.registry.tables import Announcement, Deployment

__all__ = ["BY_HAND", "Deployments"]

BY_HAND = "cli"
"""The `run_id` of what `olorin verify` looks at: no run works on it, and nothing of it is delivered."""


class Deployments(Database):
    """Deployments, from their announcement to their fate."""

    def announce(
        self,
        service: str,
        *,
        environment: str,
        version: str,
        url: str,
        revision: str = "",
        run_id: str | None = None,
        dry_run: bool = False,
    ) -> tuple[Deployment, bool]:
        """Record a deployment. Announcing the same open one again returns it, with False.

        `run_id` names who works on it already; the deployments sensor starts a run for those without one. What is
        verified `BY_HAND` is a record of its own: it neither takes over an announced deployment nor hides one. So is a
        `dry_run`, whose gates are asked and whose traffic is never moved.
        """
        said = {"service": service, "environment": environment, "version": version, "url": url, "revision": revision}
        with self.writing() as session:
            return self._announced(session, said, run_id, dry=dry_run)

    def announce_as(
        self, name: str, *, source: str, said: Mapping[str, str], dry_run: bool = False
    ) -> tuple[Deployment, bool]:
        """Announce what somebody outside calls `name`: the same again returns the deployment, with False.

        `said` and `dry_run` are the arguments of `announce`. Raises `NameTaken` when something else was said under
        that name.
        """
        words = {**said, DRY_RUN: True} if dry_run else dict(said)  # without it as ever: names of before stay known
        digest = hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()
        with self.writing() as session:
            known = session.get(Announcement, name)
            if known is not None and known.digest != digest:
                raise NameTaken(
                    f"{name!r} was announced before, and not with these words",
                    hint="announce another deployment under an id of its own",
                )
            if known is not None:
                return self.deployment_row(session, known.deployment_id), False
            row, created = self._announced(session, said, None, dry=dry_run)
            session.flush()
            session.add(Announcement(id=name, digest=digest, source=source, deployment_id=row.id, at=self._clock()))
            return row, created

    def announced_as(self, name: str) -> Deployment:
        """Return a deployment by its own id or by the name that somebody outside gave it. Raises `UnknownName`."""
        with self.reading() as session:
            known = session.get(Announcement, name)
            return self.deployment_row(session, known.deployment_id if known else name)

    def is_dry_run(self, deployment_id: str) -> bool:
        """Return whether the traffic of a deployment is never to be moved."""
        with self.reading() as session:
            return session.scalar(select(Deployment.id).where(Deployment.id == deployment_id, is_dry())) is not None

    def dry_run_in(self, run_id: str, *, of: str, worker: Mapping[str, Any]) -> Deployment:
        """Return the dry run that a run works on: one of the deployment `of`, announced at the first call.

        It belongs to the run from its announcement on, so that no other is started for it.
        """
        with self.writing() as session:
            known = session.scalars(select(Deployment).where(Deployment.run_id == run_id, is_dry())).first()
            if known is not None:
                return known
            model = self.deployment_row(session, of)
            said = {name: getattr(model, name) for name in ("service", "environment", "version", "url", "revision")}
            row, _ = self._announced(session, said, None, dry=True)
            self._start(session, row, run_id, worker)
            return row

    def worked_on(self, run_id: str) -> Deployment | None:
        """Return the newest deployment that a run works on, None when it works on none (any more)."""
        query = select(Deployment).where(Deployment.run_id == run_id).order_by(Deployment.sequence.desc())
        with self.reading() as session:
            return session.scalars(query).first()

    def _announced(
        self, session: Session, said: Mapping[str, str], run_id: str | None, *, dry: bool = False
    ) -> tuple[Deployment, bool]:
        same = session.scalars(
            select(Deployment).where(
                *(getattr(Deployment, name) == said[name] for name in ("service", "environment", "version", "url")),
                Deployment.outcome.is_(None),
                Deployment.run_id.is_distinct_from(BY_HAND),
                is_dry() if dry else ~is_dry(),
            )
        ).first()
        if same is not None and run_id != BY_HAND:
            return same, False
        row = Deployment(id=uuid7(), created_at=self._clock(), run_id=run_id, **said)
        session.add(row)
        detail = {name: said[name] for name in ("environment", "version", "url")}
        session.add(self.event("deployment_announced", said["service"], row.id, detail))
        if dry:
            session.add(self.event(DRY_RUN, said["service"], row.id, {}))
        return row, True

    def deployment(self, deployment_id: str) -> Deployment:
        """Return a deployment, or raise `UnknownName`."""
        with self.reading() as session:
            return self.deployment_row(session, deployment_id)

    def deployments(self, service: str | None = None, *, limit: int = 20) -> Sequence[Deployment]:
        """Return the latest deployments, newest first."""
        query = select(Deployment).order_by(Deployment.sequence.desc()).limit(limit)
        if service is not None:
            query = query.where(Deployment.service == service)
        with self.reading() as session:
            return session.scalars(query).all()

    def deployments_after(self, sequence: int, *, wait_seconds: float = 0.0) -> Sequence[Deployment]:
        """Return deployments newer than `sequence`, oldest first; waits up to `wait_seconds` for the first one."""
        query = select(Deployment).where(Deployment.sequence > sequence).order_by(Deployment.sequence)
        return self.long_poll(query, wait_seconds)

    def name_version(self, deployment_id: str, version: str) -> None:
        """Give a deployment that was announced without a version the one its document states."""
        with self.writing() as session:
            self.deployment_row(session, deployment_id).version = version

    def started(self, deployment_id: str, run_id: str, *, worker: Mapping[str, Any] | None = None) -> None:
        """Record which run works on the deployment, and in which process when that is told."""
        with self.writing() as session:
            row = self.deployment_row(session, deployment_id)
            if row.run_id != run_id:
                self._start(session, row, run_id, worker or {})

    def _start(self, session: Session, row: Deployment, run_id: str, worker: Mapping[str, Any]) -> None:
        row.run_id = run_id
        session.add(self.event("run_started", row.service, row.id, {"run_id": run_id, "worker": dict(worker)}))

    def decide(self, deployment_id: str, *, verdict: str, decided_by: str, because: str) -> None:
        """Record the verdict."""
        with self.writing() as session:
            row = self.deployment_row(session, deployment_id)
            row.verdict, row.decided_by, row.because = verdict, decided_by, because
            row.decided_at = self._clock()
            detail = {"verdict": verdict, "decided_by": decided_by, "because": because}
            session.add(self.event("verdict", row.service, row.id, detail))

    def end(self, deployment_id: str, outcome: str) -> None:
        """Record the fate of a deployment, which closes it and a rollout that was left open.

        A closed one keeps its fate, as the run that lost a race ends last; only a promoted one may be rolled back.
        """
        with self.writing() as session:
            row = self.deployment_row(session, deployment_id)
            if row.outcome is None or (row.outcome, outcome) == ("promoted", "rolled_back"):
                self.close_deployment(session, row, outcome)
