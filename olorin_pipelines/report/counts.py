"""What is the headline? How many findings there are of each severity, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from olorin_pipelines.diff import Finding, Severity

__all__ = ["MOST", "headline", "reach"]

MOST = 200
"""Rows that a table shows unless told otherwise."""

_WORDS = {
    Severity.BREAKING: ("breaking change", "breaking changes"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("compatible change", "compatible changes"),
}


def headline(findings: Sequence[Finding]) -> str:
    """Return "2 breaking changes, 1 warning", or "no changes"."""
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(f"{counts[s]:,} {_WORDS[s][counts[s] > 1]}" for s in Severity if counts[s]) or "no changes"


def reach(finding: Finding) -> str:
    """Return the operation, and how many more the change reaches; "the whole API" when it reaches none of its own."""
    more = len(finding.reachable_from) - 1
    return f"{finding.operation} +{more:,}" if more > 0 else finding.operation or "the whole API"
