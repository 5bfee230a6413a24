"""What is the headline? How many findings there are of each severity, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from olorin_pipelines.diff import Finding, Severity

if TYPE_CHECKING:
    from olorin_pipelines.policy import Judged

__all__ = ["MOST", "headline", "reach"]

MOST = 200
"""Rows that a table shows unless told otherwise."""

_WORDS = {
    Severity.BREAKING: ("breaking change", "breaking changes"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("compatible change", "compatible changes"),
}


def headline(findings: Sequence[Finding], judged: Judged | None = None) -> str:
    """Return "2 breaking changes, 1 warning, 3 approved", or "no changes"."""
    counts = Counter(finding.severity for finding in findings)
    parts = [f"{counts[s]:,} {_WORDS[s][counts[s] > 1]}" for s in Severity if counts[s]]
    if judged:
        others = (("approved", len(judged.approved)), ("left out by the policy", len(judged.ignored)))
        parts += [f"{count:,} {word}" for word, count in others if count]
    return ", ".join(parts) or "no changes"


def reach(finding: Finding) -> str:
    """Return the operation, and how many more the change reaches; "the whole API" when it reaches none of its own."""
    more = len(finding.reachable_from) - 1
    return f"{finding.operation} +{more:,}" if more > 0 else finding.operation or "the whole API"
