"""How often did what happen? Counts over all that is recorded, for metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from olorin_pipelines.registry.database import Database
from olorin_pipelines.registry.tables import ContractFailure, ContractRun, Deployment, Rollback

__all__ = ["Counted", "Counts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Numbers by service and verdict, outcome (`open` without one) or gate."""

    verdicts: Mapping[tuple[str, str], int]
    outcomes: Mapping[tuple[str, str], int]
    failures: Mapping[tuple[str, str], int]


class Counts(Database):
    """Counts over deployments, contract tests and rollbacks."""

    def counted(self) -> Counted:
        """Count everything there is."""
        outcome = func.coalesce(Deployment.outcome, "open")
        verdicts = select(Deployment.service, Deployment.verdict, func.count()).where(Deployment.verdict.is_not(None))
        failures = select(ContractRun.service, ContractRun.gate, func.count(ContractFailure.sequence)).join(
            ContractFailure, ContractFailure.run == ContractRun.sequence, isouter=True
        )
        with self.reading() as session:

            def numbers(query: object) -> dict[tuple[str, str], int]:
                return {(row[0], row[1]): row[2] for row in session.execute(query)}  # type: ignore[call-overload]

            return Counted(
                verdicts=numbers(verdicts.group_by(Deployment.service, Deployment.verdict)),
                outcomes=numbers(
                    select(Deployment.service, outcome, func.count()).group_by(Deployment.service, outcome)
                ),
                failures=numbers(failures.group_by(ContractRun.service, ContractRun.gate)),
            )

    def rollback_seconds(self) -> Mapping[str, list[tuple[str, float]]]:
        """Return how every rollback ended and how long it took, by service."""
        found: dict[str, list[tuple[str, float]]] = {}
        with self.reading() as session:
            for service, outcome, seconds in session.execute(
                select(Rollback.service, Rollback.outcome, Rollback.seconds)
            ):
                found.setdefault(service, []).append((outcome, seconds))
        return found
