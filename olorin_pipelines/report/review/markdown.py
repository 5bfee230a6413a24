"""The judgement of a change as Markdown: the one comment on a pull request, and the summary of a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from olorin_pipelines import report
from olorin_pipelines.gate import Fact, Outcome
from olorin_pipelines.report.markdown import code, prose
from olorin_pipelines.report.review.judgement import Judgement

__all__ = ["MARKER", "to_markdown"]

MARKER = "<!-- olorin check: {service} -->"
"""The first line of a comment: by it the comment is found again and updated."""

_MARKS = {
    Outcome.PASS: "✅ pass",
    Outcome.FAIL: "❌ **fail**",
    Outcome.ERROR: "⚠️ **error**",
    Outcome.NO_DATA: "⚠️ no data",
    Outcome.NOT_RUN: "➖ not run",
    Outcome.NOT_APPLICABLE: "➖ does not apply",
}
_MOST = 50
_LONGEST = 60_000
"""Characters of a comment; GitHub takes 65,536."""


def to_markdown(judgement: Judgement) -> str:
    """Return verdict, gates, findings, consumers and failures; what came from documents or answers is escaped.

    It is never longer than a comment may be: the lists at its end are what is cut, and that is said.
    """
    head = "\n".join(_head(judgement))
    parts = [part for part in (_findings(judgement), _consumers(judgement), _failures(judgement)) if part]
    text = "\n\n".join([head, *parts]) + "\n"
    if len(text) <= _LONGEST:
        return text
    kept = text[:_LONGEST].rpartition("\n")[0]
    return f"{kept}\n\n… cut here: the whole is in the files of the report\n"


def _head(judgement: Judgement) -> list[str]:
    decision = judgement.decision
    mark = "✅" if judgement.accepted else "❌" if judgement.told else "⚠️"
    covered = judgement.coverage()
    share = f" · {covered:.0%} of operations tested" if covered is not None else ""
    lines = [
        MARKER.format(service=judgement.service),
        f"## {mark} API contract of {prose(judgement.title)}: {decision.verdict.value}",
        "",
        f"{prose(decision.because)}{share}",
    ]
    if judgement.intended:
        lines += ["", f"**Breaking changes were let through:** {prose(judgement.intended)}"]
    lines += ["", "| gate | outcome | what it found |", "|---|---|---|"]
    lines += [f"| `{each.gate}` | {_MARKS[each.outcome]} | {prose(each.summary)} |" for each in judgement.gates()]
    return lines


def _findings(judgement: Judgement) -> str:
    if judgement.base is None or not (judgement.judged.findings or judgement.judged.notes):
        return ""
    return report.to_markdown(judgement.judged.findings, "What changed", most=_MOST, judged=judgement.judged).rstrip(
        "\n"
    )


def _consumers(judgement: Judgement) -> str:
    rows = judgement.broken_consumers()
    return _table("Consumers", ("consumer", "answer", "where", "change", "because"), rows)


def _failures(judgement: Judgement) -> str:
    return _table("Contract tests", ("check", "operation", "message", "at", "curl"), judgement.failures())


def _table(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, Fact]]) -> str:
    if not rows:
        return ""
    lines = [f"### {title}", "", f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    lines += [f"| {' | '.join(_cell(column, row.get(column)) for column in columns)} |" for row in rows[:_MOST]]
    if len(rows) > _MOST:
        lines += ["", f"… and {len(rows) - _MOST:,} more"]
    return "\n".join(lines)


def _cell(column: str, value: Fact) -> str:
    text = "" if value is None else str(value)
    return code(text) if column in ("where", "operation", "at", "curl", "check") and text else prose(text)
