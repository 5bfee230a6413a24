"""Findings for a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.report.counts import MOST, headline, reach

__all__ = ["to_text"]

_COLORS = {Severity.BREAKING: "31;1", Severity.WARNING: "33", Severity.INFO: "36"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


def to_text(findings: Sequence[Finding], *, color: bool = False, most: int = MOST) -> str:
    """Return a headline and a paragraph per finding, at most `most` of them. Control characters are replaced."""
    lines = [headline(findings)]
    for finding in findings[:most]:
        label = finding.severity.value
        if color:
            label = f"\x1b[{_COLORS[finding.severity]}m{label}\x1b[0m"
        lines += ["", f"{label} {_clean(reach(finding))} [{finding.id}]", f"  {_clean(finding.message)}"]
        lines.append(f"  why: {finding.why}" + (f"; fix: {finding.fix}" if finding.fix else ""))
    if len(findings) > most:
        lines += ["", f"… and {len(findings) - most:,} more"]
    return "\n".join(lines) + "\n"


def _clean(text: str) -> str:
    """A document must not be able to move the cursor or to turn the reading direction."""
    return _CONTROL.sub(" ", text)
