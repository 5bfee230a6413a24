"""Findings for a terminal, below the operations they concern."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.report.counts import MOST, headline
from olorin_pipelines.report.terminal import BOLD, DIM, clean, painted

if TYPE_CHECKING:
    from olorin_pipelines.policy import Judged
    from olorin_pipelines.report.location import Locate, Place

__all__ = ["to_text"]

_COLORS = {Severity.BREAKING: "31;1", Severity.WARNING: "33", Severity.INFO: "36"}
_WIDTH = max(map(len, Severity))
_INDENT = " " * (_WIDTH + 4)


def to_text(
    findings: Sequence[Finding],
    *,
    color: bool = False,
    most: int = MOST,
    locate: Locate | None = None,
    judged: Judged | None = None,
) -> str:
    """Return a headline, the findings (at most `most`) below their operations, and the notes of a policy.

    The operation with the worst finding comes first. Control characters are replaced.
    """
    lines = [headline(findings, judged)]
    groups: dict[str, list[Finding]] = {}
    for finding in findings[:most]:
        groups.setdefault(finding.operation, []).append(finding)
    for operation, found in groups.items():
        lines += ["", painted(clean(operation) or "the whole API", BOLD, color=color)]
        for finding in found:
            lines += _lines(finding, locate(finding).shown if locate else None, color=color)
    if len(findings) > most:
        lines += ["", f"… and {len(findings) - most:,} more"]
    if judged and judged.notes:
        lines += ["", painted("approvals", BOLD, color=color), *(f"  {clean(note)}" for note in judged.notes)]
    return "\n".join(lines) + "\n"


def _lines(finding: Finding, place: Place | None, *, color: bool) -> Iterator[str]:
    severity = finding.severity
    label = painted(severity.value, _COLORS[severity], color=color) + " " * (_WIDTH - len(severity.value))
    yield f"  {label}  {clean(finding.message)} {painted(f'[{finding.id}]', DIM, color=color)}"
    details = [f"proof: {finding.witness}"] if finding.witness else []
    details += [f"why: {finding.why}"] if finding.why else []
    if finding.fix:
        details.append(f"fix: {finding.fix}")
    others = [key for key in finding.reachable_from if key != finding.operation]
    if others:
        more = f" and {len(others) - 2:,} more" if len(others) > 2 else ""
        details.append(f"also reaches {', '.join(others[:2])}{more}")
    if place and place.line:
        details.append(f"at {place.file}:{place.line}:{place.column}")
    yield from (_INDENT + painted(clean(detail), DIM, color=color) for detail in details)
