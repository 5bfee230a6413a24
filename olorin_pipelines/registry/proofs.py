"""Which consumer was proved against which version?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from olorin_pipelines.registry.database import Database
from olorin_pipelines.registry.tables import ConsumerRecord, Deployment, Snapshot

__all__ = ["Proofs"]


class Proofs(Database):
    """Proofs of consumers, one per deployment and consumer; and what is known of a version's document."""

    def record_proof(
        self, deployment_id: str, *, consumer: str, digest: str, baseline_digest: str, baseline_version: str,
        outcome: str, summary: str, operations: Mapping[str, str], impacts: Sequence[Mapping[str, Any]],
    ) -> None:  # fmt: skip
        """Keep what was proved; a second proof of the same consumer for the same deployment replaces it."""
        with self.writing() as session:
            row = self.deployment_row(session, deployment_id)
            session.merge(
                ConsumerRecord(
                    deployment_id=deployment_id,
                    consumer=consumer,
                    service=row.service,
                    version=row.version,
                    digest=digest,
                    baseline_digest=baseline_digest,
                    baseline_version=baseline_version,
                    outcome=outcome,
                    summary=summary,
                    operations=dict(operations),
                    impacts=[dict(impact) for impact in impacts],
                    recorded_at=self._clock(),
                )
            )

    def proofs(self, service: str, *, limit: int = 200) -> Sequence[ConsumerRecord]:
        """Return the latest proofs of a service's consumers, newest first."""
        query = select(ConsumerRecord).where(ConsumerRecord.service == service)
        with self.reading() as session:
            return session.scalars(query.order_by(ConsumerRecord.recorded_at.desc()).limit(limit)).all()

    def deployments_of(self, service: str, version: str, *, limit: int = 20) -> Sequence[Deployment]:
        """Return the latest deployments of one version, newest first."""
        query = select(Deployment).where(Deployment.service == service, Deployment.version == version)
        with self.reading() as session:
            return session.scalars(query.order_by(Deployment.sequence.desc()).limit(limit)).all()

    def last_in(self, service: str, environment: str) -> Snapshot | None:
        """Return the latest document seen in an environment; for production, what it was seen to serve."""
        query = select(Snapshot).where(Snapshot.service == service)
        if environment == "production":
            query = query.where(Snapshot.role.in_(("baseline", "production")))
        else:
            query = query.where(Snapshot.environment == environment, Snapshot.role == "candidate")
        with self.reading() as session:
            return session.scalars(query.order_by(Snapshot.sequence.desc())).first()
