"""The judgement of a change as JSON, for other programs."""

from __future__ import annotations

from typing import Any

import orjson

from olorin_pipelines import report
from olorin_pipelines.report.review.judgement import Judgement

__all__ = ["to_json"]


def to_json(judgement: Judgement) -> str:
    """Return verdict, gates, findings, consumers and failures, indented; published as `review-report.schema.json`."""
    decision = judgement.decision
    data: dict[str, Any] = {
        "service": judgement.service,
        "verdict": decision.verdict.value,
        "decided_by": decision.decided_by,
        "because": decision.because,
        "intended": judgement.intended,
        "seconds": judgement.seconds,
        "coverage": judgement.coverage(),
        "gates": [
            {
                "gate": each.gate,
                "outcome": each.outcome.value,
                "summary": each.summary,
                "hint": each.hint,
                "seconds": each.seconds,
                "checks": [
                    {"name": one.name, "outcome": one.outcome.value, "summary": one.summary, "advisory": one.advisory}
                    for one in each.checks
                ],
            }
            for each in judgement.gates()
        ],
        "diff": _diff(judgement),
        "consumers": [dict(row) for row in judgement.broken_consumers()],
        "failures": [dict(row) for row in judgement.failures()],
    }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() + "\n"


def _diff(judgement: Judgement) -> dict[str, Any] | None:
    """The comparison in the shape that `olorin diff --json` prints."""
    if judgement.base is None:
        return None
    findings = judgement.judged.findings
    approved = [finding for finding, _ in judgement.judged.approved]
    locate = report.locator(judgement.base, judgement.head, [*findings, *approved])
    documents = (judgement.base, judgement.head)
    told: dict[str, Any] = orjson.loads(report.to_json(findings, locate, judged=judgement.judged, documents=documents))
    return told
