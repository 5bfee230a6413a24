"""What do the candidate and production really serve? Both documents are captured, digested and kept."""

from __future__ import annotations

from olorin_pipelines import openapi
from olorin_pipelines.errors import NothingListens
from olorin_pipelines.gate import CheckResult, GateResult, Outcome
from olorin_pipelines.pipeline.ahead import prepare_types
from olorin_pipelines.pipeline.calling import fetch_document
from olorin_pipelines.pipeline.case import PRODUCTION, Case

__all__ = ["BASELINE_CHECKS", "CANDIDATE_CHECKS", "capture_baseline", "capture_candidate", "judge_document"]

CANDIDATE_CHECKS = ("valid", "no_internal_endpoints", "no_sensitive_properties")
BASELINE_CHECKS = ("observed",)
_SHOWN = 50


def capture_candidate(case: Case) -> GateResult:
    """Gate `openapi_schema`: the document is served, is valid OpenAPI, and exposes nothing internal (advisory)."""
    prepare_types(case.place.config.root, case.service.consumers)
    snapshot = fetch(case, case.deployment.url, environment=case.deployment.environment)
    keep(case, snapshot, role="candidate", environment=case.deployment.environment)
    return judge_document(case, snapshot)


def judge_document(case: Case, snapshot: openapi.Snapshot) -> GateResult:
    """Answer `openapi_schema` about a document that is at hand."""
    problems = openapi.problems(snapshot)
    audits = openapi.audit(snapshot)
    checks = [
        CheckResult(
            name="valid",
            outcome=Outcome.FAIL if problems else Outcome.PASS,
            summary=str(problems[0])
            if problems
            else f"OpenAPI {snapshot.dialect}, {snapshot.operation_count} operations",
            facts={"problems": len(problems)},
        ),
        _audit("no_internal_endpoints", [a for a in audits if a.id == "internal-endpoint"]),
        _audit("no_sensitive_properties", [a for a in audits if a.id == "sensitive-property"]),
    ]
    rows = [{"what": "problem", "where": p.pointer, "message": p.message} for p in problems[:_SHOWN]]
    rows += [{"what": a.id, "where": a.pointer, "message": a.message} for a in audits[:_SHOWN]]
    return GateResult.of_checks(
        "openapi_schema",
        checks,
        rows=rows,
        facts={
            "digest": snapshot.digest,
            "served_version": snapshot.version,
            "operations": snapshot.operation_count,
            "bytes": len(snapshot.raw),
        },
        evidence={"document": case.place.artifacts.put(snapshot.raw)},
    )


def capture_baseline(case: Case) -> GateResult:
    """Gate `baseline_schema`: what production serves; NOT_APPLICABLE while nothing ever listened there.

    Production that answers 401, 404 or 500 is an ERROR: a broken baseline is not a first deployment.
    """
    prepare_types(case.place.config.root, case.service.consumers)
    url = case.production_url
    try:
        snapshot = fetch(case, url, environment=PRODUCTION)
    except NothingListens as error:
        if case.place.registry.last_observed(case.name) is not None:
            raise
        summary = f"no baseline yet: {error.message}"
        return GateResult.of_checks(
            "baseline_schema",
            [CheckResult(name="observed", outcome=Outcome.NOT_APPLICABLE, summary=summary)],
        )
    keep(case, snapshot, role="baseline", environment=PRODUCTION)
    case.place.registry.found_serving(case.name, version=snapshot.version, url=url)
    return GateResult.of_checks(
        "baseline_schema",
        [CheckResult(name="observed", outcome=Outcome.PASS, summary=f"{snapshot.version} at {url}")],
        facts={"digest": snapshot.digest, "served_version": snapshot.version, "operations": snapshot.operation_count},
        evidence={"document": case.place.artifacts.put(snapshot.raw)},
    )


def fetch(case: Case, base_url: str, *, environment: str) -> openapi.Snapshot:
    """Read the document an instance of the service serves. Raises `DocumentError`."""
    return fetch_document(case.place.config, case.service, environment=environment, url=base_url)


def keep(case: Case, snapshot: openapi.Snapshot, *, role: str, environment: str) -> None:
    """Keep a captured document as what this deployment is judged by."""
    case.place.registry.record_snapshot(
        case.name,
        environment=environment,
        deployment_id=case.deployment.id,
        role=role,
        digest=snapshot.digest,
        artifact=case.place.artifacts.put(snapshot.raw),
        source=snapshot.source,
        version=snapshot.version,
    )


def _audit(name: str, found: list[openapi.AuditFinding]) -> CheckResult:
    summary = f"{found[0].message} ({len(found)} found)" if found else "none found"
    outcome = Outcome.FAIL if found else Outcome.PASS
    return CheckResult(name=name, outcome=outcome, summary=summary, advisory=True, facts={"found": len(found)})
