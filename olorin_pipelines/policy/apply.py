"""What is left of the findings under a policy? Pure: the day is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.policy.glob import matches

if TYPE_CHECKING:
    from olorin_pipelines.policy.model import Approval, DiffPolicy

__all__ = ["Judged", "apply", "covers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The findings that stand, those that are approved with what approves them, and what the file should lose.

    `ignored` are the findings that reach only operations outside the policy, or whose severity it makes `none`.
    """

    findings: tuple[Finding, ...]
    approved: tuple[tuple[Finding, Approval], ...] = ()
    expired: tuple[Approval, ...] = ()
    stale: tuple[Approval, ...] = ()
    ignored: tuple[Finding, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know, a sentence each."""
        return (
            *(_approved(finding, approval) for finding, approval in self.approved),
            *(f"the approval of {one} ended on {one.expires} and no longer holds" for one in self.expired),
            *(f"the approval of {one} covers nothing: remove it" for one in self.stale),
        )


def _approved(finding: Finding, approval: Approval) -> str:
    where = f"{finding.operation}: " if finding.operation else ""
    return f"approved until {approval.expires}: {where}{finding.message} [{finding.id}] ({approval.reason})"


def apply(
    findings: Iterable[Finding], policy: DiffPolicy, today: date, *, outside: frozenset[str] = frozenset()
) -> Judged:
    """Grade the findings by the policy and take out what it approves; an approval holds on its last day.

    `outside` are the operations the policy leaves out (see `scope.outside`); a finding loses them from what it
    reaches, and is ignored when nothing is left.
    """
    graded: list[Finding] = []
    ignored: list[Finding] = []
    for finding in findings:
        one = _graded(policy, _within(finding, outside))
        (ignored if one is None else graded).append(one or finding)
    valid = [approval for approval in policy.approvals if approval.expires >= today]
    covered = [(finding, [approval for approval in valid if covers(approval, finding)]) for finding in graded]
    used = {id(approval) for _, approvals in covered for approval in approvals}
    kept = [finding for finding, approvals in covered if not approvals]
    return Judged(
        findings=tuple(sorted(kept, key=lambda finding: finding.severity.rank)),
        approved=tuple((finding, approvals[0]) for finding, approvals in covered if approvals),
        expired=tuple(approval for approval in policy.approvals if approval.expires < today),
        stale=tuple(approval for approval in valid if id(approval) not in used),
        ignored=tuple(ignored),
    )


def _within(finding: Finding, outside: frozenset[str]) -> Finding | None:
    """Return the finding without the operations that are left out, None when it reaches no other."""
    if outside.isdisjoint(finding.reachable_from):
        return finding
    kept = tuple(key for key in finding.reachable_from if key not in outside)
    if not kept:
        return None
    uses = tuple(use for use in finding.uses if use.operation not in outside)
    operation = finding.operation if finding.operation in kept else kept[0]
    return replace(finding, operation=operation, reachable_from=kept, uses=uses)


def _graded(policy: DiffPolicy, finding: Finding | None) -> Finding | None:
    level = policy.severities.get(finding.id) if finding else None
    if finding is None or level == "none":
        return None
    return finding if level is None else replace(finding, severity=Severity(level))


def covers(approval: Approval, finding: Finding) -> bool:
    """Whether an approval names a finding.

    A location is matched with the pointers, or with the operations: then all that the edit reaches have to match,
    because a shared schema that is approved for one operation may break another.
    """
    if approval.fingerprint is not None:
        return approval.fingerprint == finding.fingerprint
    if approval.id != finding.id or approval.location is None:
        return False
    pointers = (finding.old_pointer, finding.new_pointer)
    if any(matches(approval.location, pointer) for pointer in pointers if pointer is not None):
        return True
    reached = finding.reachable_from
    return bool(reached) and all(matches(approval.location, key) for key in reached)
