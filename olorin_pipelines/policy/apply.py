"""What is left of the findings under a policy? Pure: the day is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from olorin_pipelines.diff import Finding
from olorin_pipelines.policy.file import Approval, Policy

__all__ = ["Judged", "apply"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The findings that stand, those that are approved with what approves them, and what the file should lose."""

    findings: tuple[Finding, ...]
    approved: tuple[tuple[Finding, Approval], ...] = ()
    expired: tuple[Approval, ...] = ()
    stale: tuple[Approval, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know, a sentence each."""
        return (
            *(f"approved until {by.expires}: {one.id} {one.operation} ({by.reason})" for one, by in self.approved),
            *(f"the approval of {one} ended on {one.expires} and no longer holds" for one in self.expired),
            *(f"the approval of {one} covers nothing any more: remove it" for one in self.stale),
        )


def apply(policy: Policy, findings: Sequence[Finding], *, today: date) -> Judged:
    """Grade the findings by the policy and take out what it approves; an approval holds on its last day."""
    graded = [one for finding in findings if (one := _graded(policy, finding))]
    valid = [approval for approval in policy.approvals if approval.expires >= today]
    kept: list[Finding] = []
    approved: list[tuple[Finding, Approval]] = []
    for finding in graded:
        by = next((approval for approval in valid if covers(approval, finding)), None)
        if by is None:
            kept.append(finding)
        else:
            approved.append((finding, by))
    used = {id(by) for _, by in approved}
    return Judged(
        findings=tuple(sorted(kept, key=lambda finding: finding.severity.rank)),
        approved=tuple(approved),
        expired=tuple(approval for approval in policy.approvals if approval.expires < today),
        stale=tuple(approval for approval in valid if id(approval) not in used),
    )


def _graded(policy: Policy, finding: Finding) -> Finding | None:
    if finding.id not in policy.severities:
        return finding
    severity = policy.severities[finding.id]
    return None if severity is None else replace(finding, severity=severity)


def covers(approval: Approval, finding: Finding) -> bool:
    """Whether an approval names a finding; its location is matched with the operations and both pointers."""
    if approval.fingerprint:
        return approval.fingerprint == finding.fingerprint
    if approval.id != finding.id:
        return False
    places = (*finding.reachable_from, finding.old_pointer or "", finding.new_pointer or "")
    return any(fnmatchcase(place, approval.location) for place in places)
