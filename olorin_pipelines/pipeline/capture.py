"""What do the candidate and production really serve? Both documents are captured, digested and kept.

Where production serves none, `baseline:` names another; the record then says that nobody saw it served.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from olorin_pipelines import openapi
from olorin_pipelines.errors import DocumentError, DocumentUnreachable, NothingListens
from olorin_pipelines.gate import CheckResult, Fact, GateResult, Outcome
from olorin_pipelines.pipeline.ahead import prepare_types
from olorin_pipelines.pipeline.baseline import Claimed, claimed_baseline
from olorin_pipelines.pipeline.calling import fetch_document, health_of
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
    """Gate `baseline_schema`: what production serves, or what `baseline:` names instead of it.

    NOT_APPLICABLE while nothing ever listened there. Production that answers 401, 404 or 500 is an ERROR, and so is a
    document that cannot be read: a broken baseline is not a first deployment.
    """
    prepare_types(case.place.config.root, case.service.consumers)
    claimed = claimed_baseline(case.place, case.name)
    if claimed is not None:
        return _taken(case, claimed)
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
    except DocumentError as error:
        if not case.service.baseline.last_snapshot:
            raise
        hint = "begin with `baseline: {file: …}`, until one version was released"
        said = f"nothing is recorded of production yet, and it serves no document: {error.message}"
        raise DocumentUnreachable(said, source=case.name, hint=hint) from error
    case.place.registry.found_serving(case.name, version=snapshot.version, url=url)
    return _kept(case, snapshot, f"{snapshot.version} at {url}", {"baseline_from": "served"})


def _taken(case: Case, claimed: Claimed) -> GateResult:
    """A baseline that nobody saw production serve; what serves production is recorded when something answers there."""
    url = case.production_url
    answer = health_of(case.place.config, case.service, environment=PRODUCTION, url=url)
    if answer.status is not None:
        case.place.registry.found_serving(case.name, version=answer.version or claimed.snapshot.version, url=url)
    said = f"{claimed.snapshot.version}, not asked of production: {claimed.said}"
    result = _kept(case, claimed.snapshot, said, claimed.facts)
    unseen = replace(result.checks[0], outcome=Outcome.NOT_APPLICABLE)
    return replace(result, checks=(unseen,))


def _kept(case: Case, snapshot: openapi.Snapshot, said: str, facts: Mapping[str, Fact]) -> GateResult:
    keep(case, snapshot, role="baseline", environment=PRODUCTION)
    return GateResult.of_checks(
        "baseline_schema",
        [CheckResult(name="observed", outcome=Outcome.PASS, summary=said)],
        facts={
            "digest": snapshot.digest,
            "served_version": snapshot.version,
            "operations": snapshot.operation_count,
            **facts,
        },
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
