"""Does the candidate's document break the one production serves?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from olorin_pipelines import diff, policy, report
from olorin_pipelines.config import Service
from olorin_pipelines.gate import CheckResult, Fact, GateResult, Outcome
from olorin_pipelines.openapi import Snapshot
from olorin_pipelines.pipeline.approved import judged
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.missing import no_baseline, no_candidate

__all__ = ["DIFF_CHECKS", "compare_documents", "decides_by_consumers", "report_page"]

DIFF_CHECKS = ("compatible",)
_SHOWN = 200


def compare_documents(case: Case, *, today: date | None = None) -> GateResult:
    """Gate `schema_diff`: FAIL on a breaking finding that is not approved.

    `breaking: warn` makes the check advisory, and so does `breaking: consumers` when there are consumers to ask.

    `today` decides which approvals hold; the day in UTC when it is not given.
    """
    candidate, baseline = case.document("candidate"), case.document("baseline")
    if candidate is None:
        return no_candidate("schema_diff")
    if baseline is None:
        return no_baseline(case, "schema_diff")
    under_policy = judged(case.place.config, case.service, baseline, candidate, today=today)
    findings = under_policy.findings
    counts = Counter(finding.severity.value for finding in findings)
    breaking = [finding for finding in findings if finding.severity is diff.Severity.BREAKING]
    check = CheckResult(
        name="compatible",
        outcome=Outcome.FAIL if breaking else Outcome.PASS,
        summary=_summary(findings, breaking, unchanged=candidate.digest == baseline.digest),
        advisory=case.policy.breaking == "warn" or decides_by_consumers(case.service),
    )
    title = f"{case.name}: {baseline.version} → {candidate.version}"
    reports = _reports(under_policy, title, baseline, candidate)
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
            "approved": len(under_policy.approved),
            "approvals_expired": len(under_policy.expired),
            "approvals_stale": len(under_policy.stale),
            "ignored": len(under_policy.ignored),
        },
        tables={"approvals": tuple(_approvals(under_policy)[:_SHOWN])},
        rows=tuple(_row(finding) for finding in findings[:_SHOWN]),
        evidence={name: case.place.artifacts.put(text.encode()) for name, text in reports.items()},
    )


def decides_by_consumers(service: Service) -> bool:
    """Whether breaking findings are left to `consumer_compatibility`; not when no consumer is registered."""
    return service.policy.breaking == "consumers" and bool(service.consumers)


def _row(finding: diff.Finding) -> Mapping[str, Fact]:
    return {
        "severity": finding.severity.value,
        "rule": finding.id,
        "operation": finding.operation,
        "message": finding.message,
        "fingerprint": finding.fingerprint,
    }


def _reports(under_policy: policy.Judged, title: str, old: Snapshot, new: Snapshot) -> dict[str, str]:
    findings = under_policy.findings
    locate = report.locator(old, new, [*findings, *(finding for finding, _ in under_policy.approved)])
    return {
        "markdown": report.to_markdown(findings, title, judged=under_policy),
        "html": report.to_html(findings, title, locate=locate, judged=under_policy),
        "json": report.to_json(findings, locate, judged=under_policy, documents=(old, new)),
    }


def report_page(case: Case, result: GateResult) -> Path | None:
    """Lay the page of a comparison under a name that a browser opens; None when there is none, or no room for it."""
    digest = result.evidence.get("html")
    if digest is None:
        return None
    try:
        page = case.place.folder("reports", case.deployment.id) / "schema-diff.html"
        page.write_bytes(case.place.artifacts.get(digest))
    except OSError:
        return None  # the artifact is there all the same
    return page


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
