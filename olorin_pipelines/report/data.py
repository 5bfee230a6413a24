"""Findings as JSON, for other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import orjson

from olorin_pipelines.diff import Finding, Severity

__all__ = ["Locate", "to_json"]

Locate: TypeAlias = Callable[[Finding], Any]
"""Returns where a finding stands: {"old": {"file", "line", "column"} or null, "new": ...}."""


def to_json(findings: Sequence[Finding], locate: Locate | None = None) -> str:
    """Return {"counts": {severity: n}, "findings": [...]}, indented, keys in a fixed order.

    The shape is published as `docs/schemas/diff.schema.json`.
    """
    counts = Counter(finding.severity for finding in findings)
    data = {
        "counts": {severity.value: counts[severity] for severity in Severity},
        "findings": [_finding(finding, locate) for finding in findings],
    }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def _finding(finding: Finding, locate: Locate | None) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "message": finding.message,
        "operation": finding.operation,
        "pointer": finding.new_pointer if finding.new_pointer is not None else finding.old_pointer,
        "old_pointer": finding.old_pointer,
        "new_pointer": finding.new_pointer,
        "before": finding.before,
        "after": finding.after,
        "location": locate(finding) if locate else None,
        "reachable_from": [{"operation": use.operation, "way": use.way} for use in finding.uses],
        "fingerprint": finding.fingerprint,
        "why": finding.why,
        "fix": finding.fix,
    }
