"""What do the changes mean for consumers? Pure: changes in, findings out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from olorin_pipelines.diff.change import UNSHOWN, Change
from olorin_pipelines.diff.rule import Rule, Severity
from olorin_pipelines.diff.rules_operation import OPERATION_RULES
from olorin_pipelines.diff.rules_schema import ALIASES, SCHEMA_RULES
from olorin_pipelines.diff.walk import compare
from olorin_pipelines.openapi import Pointer, Snapshot

__all__ = ["RULES", "Finding", "diff", "judge"]

RULES: tuple[Rule, ...] = (*OPERATION_RULES, *SCHEMA_RULES)
"""Every rule, once."""

_BY_ID = {rule.id: rule for rule in RULES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule's judgement of one change.

    `operation` is the first of `reachable_from`, empty when the change reaches none. `fingerprint` stays the same
    from run to run as long as the change does, whatever its message says; approvals refer to it.
    """

    id: str
    severity: Severity
    operation: str
    message: str
    why: str
    fix: str
    old_pointer: Pointer | None
    new_pointer: Pointer | None
    fingerprint: str
    reachable_from: tuple[str, ...]
    before: str
    after: str


def diff(old: Snapshot, new: Snapshot) -> tuple[Finding, ...]:
    """Return the findings from one snapshot to another; equal digests have none."""
    return () if old.digest == new.digest else judge(compare(old.document, new.document))


def judge(changes: Iterable[Change]) -> tuple[Finding, ...]:
    """Return one finding per change: breaking first, then by operation and place. A kind without a rule is UNSHOWN."""
    findings = [_finding(change) for change in changes]
    return tuple(sorted(findings, key=_order))


def _order(finding: Finding) -> tuple[int, str, str, str, str]:
    pointer = finding.old_pointer or finding.new_pointer or ""
    return finding.severity.rank, finding.operation, pointer, finding.id, finding.fingerprint


def _finding(change: Change) -> Finding:
    rule = _BY_ID.get(ALIASES.get(change.kind, change.kind), _BY_ID[UNSHOWN])
    return Finding(
        id=rule.id,
        severity=rule.severity,
        operation=change.operations[0] if change.operations else "",
        message=rule.says.format(subject=change.subject, before=change.before or "none", after=change.after or "none"),
        why=rule.why,
        fix=rule.fix,
        old_pointer=change.old_pointer,
        new_pointer=change.new_pointer,
        fingerprint=_fingerprint(rule.id, change),
        reachable_from=change.operations,
        before=change.before,
        after=change.after,
    )


def _fingerprint(rule_id: str, change: Change) -> str:
    """Hash what the change is. The pointer names the operation where there is one; a component's users may grow."""
    parts = (rule_id, change.old_pointer or "", change.new_pointer or "", change.before, change.after)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
