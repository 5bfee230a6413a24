"""Findings as Markdown: a headline and a table, for Dagster's pages and for pull requests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.report.counts import MOST, headline, reach

if TYPE_CHECKING:
    from olorin_pipelines.policy import Judged

__all__ = ["code", "prose", "to_markdown"]

_MARKS = {Severity.BREAKING: "**breaking**", Severity.WARNING: "warning", Severity.INFO: "info"}
_SPECIAL = re.compile(r"[\\`*_{}\[\]#+!|~<>&@:]")
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")
_CODE = re.compile(r"`([^`]+)`")


def to_markdown(findings: Sequence[Finding], title: str, *, most: int = MOST, judged: Judged | None = None) -> str:
    """Return a heading, the counts, a table of at most `most` rows, and the notes of a policy.

    Whatever comes from a document is escaped: it can neither leave its cell nor become a link, an image or HTML.
    """
    lines = [f"### {_escaped(title)}", "", f"**{headline(findings, judged)}**"]
    if findings:
        lines += ["", "| severity | rule | operation | what changed |", "|---|---|---|---|"]
        lines += [_row(finding) for finding in findings[:most]]
    if len(findings) > most:
        lines += ["", f"… and {len(findings) - most:,} more"]
    if judged and judged.notes:
        lines += ["", "**Approvals**", "", *(f"- {prose(note)}" for note in judged.notes[:most])]
    return "\n".join(lines) + "\n"


def _row(finding: Finding) -> str:
    cells = (_MARKS[finding.severity], f"`{finding.id}`", code(reach(finding)), prose(finding.message))
    return f"| {' | '.join(cells)} |"


def prose(text: str) -> str:
    """Return a message escaped: names that it quotes stay code, everything around them is plain text."""
    parts = _CODE.split(text)
    return "".join(code(part) if i % 2 else _escaped(part) for i, part in enumerate(parts))


def _escaped(text: str) -> str:
    """Write every character with a meaning in Markdown or HTML as a character reference."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", _UNSEEN.sub(" ", text))


def code(text: str) -> str:
    """Return a code span. It cannot hold a backtick or end a cell: text with such characters is escaped instead."""
    clean = _UNSEEN.sub(" ", text).strip()
    return f"`{clean}`" if clean and not re.search(r"[`|\\<>&]", clean) else _escaped(clean)
