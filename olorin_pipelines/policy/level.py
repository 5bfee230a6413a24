"""When does a comparison fail? When a finding is at least as bad as the level that was asked for."""

from __future__ import annotations

from collections.abc import Iterable

from olorin_pipelines.diff import Finding, Severity

__all__ = ["FAIL_ON", "exit_status"]

FAIL_ON = (*(severity.value for severity in Severity), "none")
"""The levels, worst first; `none` never fails."""


def exit_status(findings: Iterable[Finding], fail_on: str) -> int:
    """Return 1 when a finding is at or above the level, else 0. Raises `ValueError` for a level that is not known."""
    worst = FAIL_ON.index(fail_on)
    return int(fail_on != "none" and any(finding.severity.rank <= worst for finding in findings))
