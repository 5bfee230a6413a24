"""What did the gates say, and what was served?"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from olorin_pipelines.gate import GateResult
from olorin_pipelines.registry.database import Database
from olorin_pipelines.registry.tables import Deployment, GateRecord, ProductionCheck, Snapshot

__all__ = ["Evidence"]


class Evidence(Database):
    """Gate results, snapshots and looks at production."""

    def record_gate(self, deployment_id: str, result: GateResult) -> None:
        """Keep the result of a gate; a second run of the gate replaces it, the event log keeps both."""
        with self.writing() as session:
            row = self.deployment_row(session, deployment_id)
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
            session.add(self.event("gate", row.service, row.id, detail))

    def gates(self, deployment_id: str) -> dict[str, GateResult]:
        """Return the results of a deployment's gates, by gate."""
        with self.reading() as session:
            rows = session.scalars(select(GateRecord).where(GateRecord.deployment_id == deployment_id)).all()
        return {row.gate: GateResult.from_json(row.result) for row in rows}

    def record_snapshot(
        self, service: str, *, environment: str, deployment_id: str | None, role: str, digest: str, artifact: str,
        source: str, version: str,
    ) -> None:  # fmt: skip
        """Keep what was served; `role` is "candidate", "baseline", "production", or "drifted".

        "drifted" is what production serves against what it was seen to serve: nothing is compared with it.
        """
        with self.writing() as session:
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
        with self.reading() as session:
            return session.scalars(query.order_by(Snapshot.sequence.desc())).first()

    def last_seen(self, service: str, *, source: str) -> Snapshot | None:
        """Return the latest snapshot seen at an address, whoever looked, that had not drifted."""
        query = select(Snapshot).where(Snapshot.service == service, Snapshot.source == source)
        query = query.where(Snapshot.role != "drifted")
        with self.reading() as session:
            return session.scalars(query.order_by(Snapshot.sequence.desc())).first()

    def last_observed(self, service: str) -> Snapshot | None:
        """Return the latest snapshot that production was seen to serve."""
        query = select(Snapshot).where(Snapshot.service == service, Snapshot.role.in_(("baseline", "production")))
        with self.reading() as session:
            return session.scalars(query.order_by(Snapshot.sequence.desc())).first()

    def last_released(self, service: str) -> Snapshot | None:
        """Return what the version served that was promoted last and stayed, or was accepted last without a router."""
        query = (
            select(Snapshot)
            .join(Deployment, Deployment.id == Snapshot.deployment_id)
            .where(Snapshot.service == service, Snapshot.role == "candidate")
            .where(Deployment.verdict == "accepted", Deployment.outcome.in_(("promoted", "not_routed")))
            .order_by(Deployment.ended_at.desc(), Snapshot.sequence.desc())
        )
        with self.reading() as session:
            return session.scalars(query).first()

    def record_production_check(self, service: str, version: str, result: GateResult) -> None:
        """Keep one look at production."""
        with self.writing() as session:
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
            session.add(self.event("production_check", service, None, detail))

    def production_checks(self, service: str, *, limit: int = 20) -> Sequence[ProductionCheck]:
        """Return the latest looks at production, newest first."""
        query = select(ProductionCheck).where(ProductionCheck.service == service)
        with self.reading() as session:
            return session.scalars(query.order_by(ProductionCheck.sequence.desc()).limit(limit)).all()
