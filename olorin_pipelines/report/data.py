"""Findings as JSON, for other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import orjson

from olorin_pipelines.diff import Finding, Severity

__all__ = ["to_json"]


def to_json(findings: Sequence[Finding]) -> str:
    """Return {"counts": {severity: n}, "findings": [every field of a finding]}, indented, keys in a fixed order."""
    counts = Counter(finding.severity for finding in findings)
    data = {"counts": {s.value: counts[s] for s in Severity}, "findings": [asdict(finding) for finding in findings]}
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()
