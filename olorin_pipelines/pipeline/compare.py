"""Does the candidate's document break the one production serves?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime

from olorin_pipelines import diff, policy, report
from olorin_pipelines.gate import CheckResult, Fact, GateResult, Outcome
from olorin_pipelines.openapi import Snapshot
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.missing import no_baseline, no_candidate

__all__ = ["DIFF_CHECKS", "compare_documents"]

DIFF_CHECKS = ("compatible",)
_SHOWN = 200


def compare_documents(case: Case, *, today: date | None = None) -> GateResult:
    """Gate `schema_diff`: FAIL on a breaking finding that is not approved; `breaking: warn` makes the check advisory.

    `today` decides which approvals hold; the day in UTC when it is not given.
    """
    candidate, baseline = case.document("candidate"), case.document("baseline")
    if candidate is None:
        return no_candidate("schema_diff")
    if baseline is None:
        return no_baseline(case, "schema_diff")
    judged = _under_policy(case, baseline, candidate, today or datetime.now(UTC).date())
    findings = judged.findings
    counts = Counter(finding.severity.value for finding in findings)
    breaking = [finding for finding in findings if finding.severity is diff.Severity.BREAKING]
    check = CheckResult(
        name="compatible",
        outcome=Outcome.FAIL if breaking else Outcome.PASS,
        summary=_summary(findings, breaking, unchanged=candidate.digest == baseline.digest),
        advisory=case.policy.breaking == "warn",
    )
    title = f"{case.name}: {baseline.version} → {candidate.version}"
    put = case.place.artifacts.put
    locate = report.locator(baseline, candidate, [*findings, *(finding for finding, _ in judged.approved)])
    return GateResult(
        gate="schema_diff",
        outcome=Outcome.PASS if check.advisory else check.outcome,
        summary=check.summary,
        checks=(check,),
        facts={
            "from_version": baseline.version,
            "to_version": candidate.version,
            "breaking": counts["breaking"],
            "warnings": counts["warning"],
            "infos": counts["info"],
            "approved": len(judged.approved),
            "approvals_expired": len(judged.expired),
            "approvals_stale": len(judged.stale),
            "ignored": len(judged.ignored),
        },
        tables={"approvals": tuple(_approvals(judged)[:_SHOWN])},
        rows=tuple(
            {
                "severity": finding.severity.value,
                "rule": finding.id,
                "operation": finding.operation,
                "message": finding.message,
                "fingerprint": finding.fingerprint,
            }
            for finding in findings[:_SHOWN]
        ),
        evidence={
            "markdown": put(report.to_markdown(findings, title, notes=judged.notes).encode()),
            "html": put(report.to_html(findings, title, notes=judged.notes).encode()),
            "json": put(report.to_json(findings, locate, judged=judged, documents=(baseline, candidate)).encode()),
        },
    )


def _under_policy(case: Case, old: Snapshot, new: Snapshot, today: date) -> policy.Judged:
    """A policy file that cannot be read is an error of the gate, never a pass."""
    findings = diff.diff(old, new)
    if case.policy.approvals is None:
        return policy.Judged(findings=findings)
    given = policy.read(case.place.config.root / case.policy.approvals)
    return policy.apply(findings, given, today, outside=policy.outside(given, old.document, new.document))


def _approvals(judged: policy.Judged) -> list[Mapping[str, Fact]]:
    """A row per approval: what it covers, or why it covers nothing."""
    covering = [
        (approval, "covers", f"{finding.operation}: {finding.message}") for finding, approval in judged.approved
    ]
    idle = [*((one, "expired", "") for one in judged.expired), *((one, "stale", "") for one in judged.stale)]
    return [
        {"state": state, "approval": str(one), "what": what, "reason": one.reason, "expires": one.expires.isoformat()}
        for one, state, what in (*covering, *idle)
    ]


def _summary(findings: tuple[diff.Finding, ...], breaking: list[diff.Finding], *, unchanged: bool) -> str:
    if breaking:
        more = f" and {len(breaking) - 1} more" if len(breaking) > 1 else ""
        return f"{breaking[0].operation}: {breaking[0].message} [{breaking[0].id}]{more}"
    if unchanged:
        return "the document is unchanged"
    return f"{len(findings)} changes, none breaking"
