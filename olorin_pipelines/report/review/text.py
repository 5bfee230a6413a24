"""The judgement of a change for a terminal."""

from __future__ import annotations

from olorin_pipelines import report
from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.report.review.judgement import Judgement
from olorin_pipelines.report.terminal import BOLD, DIM, clean, painted

__all__ = ["to_text"]

_COLORS = {Outcome.PASS: "32", Outcome.FAIL: "31;1", Outcome.ERROR: "31", Outcome.NOT_APPLICABLE: "2"}
_YELLOW = "33"
_WIDTH = max(map(len, Outcome))
_MOST = 30


def to_text(judgement: Judgement, *, color: bool = False) -> str:
    """Return a line per gate, the findings, who breaks, what failed, and the verdict last."""
    lines = [painted(clean(judgement.title), BOLD, color=color), ""]
    lines += [_gate(each, color=color) for each in judgement.gates()]
    if judgement.base is not None and (judgement.judged.findings or judgement.judged.approved):
        lines += ["", _findings(judgement, color=color).rstrip("\n")]
    if rows := judgement.broken_consumers():
        lines += ["", painted("consumers", BOLD, color=color)]
        lines += [
            f"  {clean(str(row['consumer']))}: {row['answer']} {clean(str(row['where']))}  {clean(str(row['change']))}"
            for row in rows[:_MOST]
        ]
    if rows := judgement.failures():
        lines += ["", painted("contract tests", BOLD, color=color)]
        for row in rows[:_MOST]:
            at = f"  at {row['at']}" if row.get("at") else ""
            lines.append(f"  {row['check']}  {clean(str(row['operation']))}: {clean(str(row.get('message', '')))}{at}")
            if row.get("curl"):
                lines.append(painted(f"    {clean(str(row['curl']))}", DIM, color=color))
    return "\n".join([*lines, "", *_verdict(judgement, color=color)]) + "\n"


def _gate(result: GateResult, *, color: bool) -> str:
    name = result.outcome.value
    label = painted(name, _COLORS.get(result.outcome, _YELLOW), color=color) + " " * (_WIDTH - len(name))
    return f"  {label}  {result.gate}: {clean(result.summary)}"


def _findings(judgement: Judgement, *, color: bool) -> str:
    assert judgement.base is not None  # noqa: S101 - asked by the caller, for the type checker
    findings = judgement.judged.findings
    locate = report.locator(judgement.base, judgement.head, findings)
    return report.to_text(findings, color=color, most=_MOST, locate=locate, judged=judgement.judged)


def _verdict(judgement: Judgement, *, color: bool) -> list[str]:
    decision = judgement.decision
    word = painted(decision.verdict.value, "32;1" if judgement.accepted else "31;1", color=color)
    lines = [f"{word}: {clean(decision.because)}"]
    decider = judgement.results.get(decision.decided_by)
    if decider is not None and decider.hint:
        lines.append(f"  fix: {clean(decider.hint)}")
    if judgement.intended:
        lines.append(f"  breaking changes were let through: {clean(judgement.intended)}")
    return lines
