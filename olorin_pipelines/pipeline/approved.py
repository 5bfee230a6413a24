"""Which differences of two documents stand, under the policy file that the service names?"""

from __future__ import annotations

from datetime import UTC, date, datetime

from olorin_pipelines import diff, policy
from olorin_pipelines.config import Config, Service
from olorin_pipelines.diff.witness import with_witnesses
from olorin_pipelines.openapi import Snapshot

__all__ = ["judged"]


def judged(
    config: Config, service: Service, old: Snapshot, new: Snapshot, *, today: date | None = None
) -> policy.Judged:
    """Compare two documents and apply the policy file.

    `today` decides which approvals hold and which sunset dates have come (given none, it is UTC's).

    Raises `ConfigError` for a file that cannot be read: the gate is then an error, never a pass.
    """
    day = today or datetime.now(UTC).date()
    findings = with_witnesses(diff.diff(old, new, today=day), old.document, new.document)
    if service.policy.approvals is None:
        return policy.Judged(findings=findings)
    given = policy.read(config.root / service.policy.approvals)
    left_out = policy.outside(given, old.document, new.document)
    return policy.apply(findings, given, day, outside=left_out)
