"""Findings as release notes: what breaks first, then what came, changed, was deprecated and went."""

from __future__ import annotations

from collections.abc import Sequence

from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.report.markdown import code, prose

__all__ = ["to_changelog"]

_GROUPS = ("Breaking", "Added", "Changed", "Deprecated", "Removed")


def to_changelog(findings: Sequence[Finding], title: str) -> str:
    """Return Markdown with a section per group (Keep a Changelog), each line with the operation it starts at."""
    groups: dict[str, list[str]] = {name: [] for name in _GROUPS}
    for finding in findings:
        where = f"{code(finding.operation)}: " if finding.operation else ""
        more = f" (and {len(finding.reachable_from) - 1:,} more)" if len(finding.reachable_from) > 1 else ""
        groups[_group(finding)].append(f"- {where}{prose(finding.message)}{more}")
    sections = [f"### {name}\n\n" + "\n".join(lines) for name, lines in groups.items() if lines]
    return "\n\n".join([f"## {prose(title)}", *(sections or ["No changes."])]) + "\n"


def _group(finding: Finding) -> str:
    if finding.severity is Severity.BREAKING:
        return "Breaking"
    if "deprecated" in finding.id.split("-") or "sunset" in finding.id:
        return "Deprecated"
    if finding.old_pointer is None or finding.id.endswith("-added") or finding.id.startswith("new-"):
        return "Added"
    return "Removed" if finding.new_pointer is None or finding.id.endswith("-removed") else "Changed"
