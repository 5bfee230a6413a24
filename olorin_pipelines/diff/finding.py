"""What is said about one edit? A finding: which rule, how bad, where, and whom it reaches."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from olorin_pipelines.diff.edits import Reach
from olorin_pipelines.diff.rule import Severity
from olorin_pipelines.openapi import Pointer

__all__ = ["Finding", "fingerprint", "order"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule's judgement of one edit.

    `operation` is the first of `reachable_from`, empty when the edit reaches none; `uses` says by which way each
    operation is reached. `fingerprint` stays the same from run to run as long as the edit does, whatever its message
    says; approvals refer to it.
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
    uses: tuple[Reach, ...] = ()
    witness: str = ""
    """A sentence with a value that proves a break, where one was looked for and found."""


def order(finding: Finding) -> tuple[int, str, str, str, str]:
    """Return the key findings are sorted by: breaking first, then by operation and place."""
    pointer = finding.old_pointer or finding.new_pointer or ""
    return finding.severity.rank, finding.operation, pointer, finding.id, finding.fingerprint


def fingerprint(rule_id: str, old: Pointer | None, new: Pointer | None, before: str, after: str) -> str:
    """Hash what an edit is. The pointer names the operation where there is one; a component's users may grow."""
    parts = (rule_id, old or "", new or "", before, after)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
