"""Findings for a terminal, below the operations they concern."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.report.counts import MOST, headline

if TYPE_CHECKING:
    from olorin_pipelines.policy import Judged
    from olorin_pipelines.report.location import Locate, Place

__all__ = ["to_text"]

_COLORS = {Severity.BREAKING: "31;1", Severity.WARNING: "33", Severity.INFO: "36"}
_BOLD, _DIM = "1", "2"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
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
        lines += ["", _painted(_clean(operation) or "the whole API", _BOLD, color=color)]
        for finding in found:
            lines += _lines(finding, locate(finding).shown if locate else None, color=color)
    if len(findings) > most:
        lines += ["", f"… and {len(findings) - most:,} more"]
    if judged and judged.notes:
        lines += ["", _painted("approvals", _BOLD, color=color), *(f"  {_clean(note)}" for note in judged.notes)]
    return "\n".join(lines) + "\n"


def _lines(finding: Finding, place: Place | None, *, color: bool) -> Iterator[str]:
    severity = finding.severity
    label = _painted(severity.value, _COLORS[severity], color=color) + " " * (_WIDTH - len(severity.value))
    yield f"  {label}  {_clean(finding.message)} {_painted(f'[{finding.id}]', _DIM, color=color)}"
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
    yield from (_INDENT + _painted(_clean(detail), _DIM, color=color) for detail in details)


def _painted(text: str, code: str, *, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text


def _clean(text: str) -> str:
    """A document must not be able to move the cursor or to turn the reading direction."""
    return _CONTROL.sub(" ", text)
