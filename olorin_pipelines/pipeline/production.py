"""Does production keep its contract? Read-only: what it serves is captured and compared, documented GETs are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from olorin_pipelines import contract, diff, openapi
from olorin_pipelines.config import Service
from olorin_pipelines.gate import CheckResult, GateResult, Outcome, ask
from olorin_pipelines.pipeline.approved import judged
from olorin_pipelines.pipeline.baseline import Claimed, claimed_baseline
from olorin_pipelines.pipeline.calling import fetch_document, read_only
from olorin_pipelines.pipeline.case import PRODUCTION, Workplace
from olorin_pipelines.pipeline.known import excuses
from olorin_pipelines.pipeline.served import broken_promise
from olorin_pipelines.pipeline.sighting import Sighting, remembered, reports

__all__ = ["PRODUCTION_CHECKS", "ProductionReport", "check_production"]

PRODUCTION_CHECKS = ("serves_what_was_promoted", "honours_its_schema")
_GATE = "production_contract"


@dataclass(frozen=True, slots=True)
class ProductionReport:
    """One look at production: the result, what was served, whether a rollback was asked for, its report files.

    `digest` is empty when production was not asked for its document.
    """

    result: GateResult
    version: str
    digest: str
    rollback_requested: bool
    reports: Mapping[str, Path] = field(default_factory=dict)


def check_production(place: Workplace, name: str) -> ProductionReport:
    """Look at production of a service and record it; by policy a FAIL asks for a rollback to the retained version."""
    service = place.config.service(name)
    serving = place.registry.serving(name)
    url = serving.url if serving else service.environment(PRODUCTION).url
    seen = Sighting()
    result = ask(_GATE, lambda: _look(place, name, service, url, seen), checks=PRODUCTION_CHECKS)
    version = serving.version if serving else (seen.snapshot.version if seen.snapshot else "")
    result = remembered(place, name, version, seen, result)
    place.registry.record_production_check(name, version, result)
    wanted = result.outcome is Outcome.FAIL and service.policy.on_production_failure == "rollback"
    possible = serving is not None and serving.previous_version is not None
    if wanted and possible:
        # the deployment is named: when another one is production by the time this is run, that one shall stay
        place.registry.request_rollback(
            name, deployment_id=serving.deployment_id if serving else None, reason=f"production check: {result.summary}"
        )
    return ProductionReport(
        result=result,
        version=version,
        digest=seen.snapshot.digest if seen.snapshot and seen.compared else "",
        rollback_requested=wanted and possible,
        reports=reports(place, name, url, seen),
    )


def _look(place: Workplace, name: str, service: Service, url: str, seen: Sighting) -> GateResult:
    log = place.folder("guard") / f"{name}.ndjson"
    log.unlink(missing_ok=True)  # that of the last look
    with read_only(
        place.config, service, environment=PRODUCTION, url=url, purpose="production-check", log_to=log
    ) as way:
        claimed = claimed_baseline(place, name)
        if claimed is not None:
            snapshot, unchanged = claimed.snapshot, _not_served(claimed)
        else:
            snapshot = fetch_document(place.config, service, environment=PRODUCTION, url=url, way=way)
            unchanged = _compared(place, name, service, snapshot, seen)
        seen.snapshot = snapshot
        result = contract.probe(
            snapshot.document,
            url=url,
            headers=way.headers,
            query=way.query,
            pinned=way.pinned,
            mark=way.mark,
            client=way.client,
        )
        counts = way.counts()
    result = seen.probed(result, excuses(place.config, service))
    return GateResult.of_checks(
        _GATE,
        [
            unchanged,
            contract.production_honours(result, name="honours_its_schema"),
        ],
        rows=contract.probe_rows(result),
        facts={
            "digest": snapshot.digest,
            **(claimed.facts if claimed else {}),
            "operations_called": result.called,
            "guard_passed": counts.passed,
            "guard_refused": sum(counts.refused.values()),
        },
    )


def _not_served(claimed: Claimed) -> CheckResult:
    said = f"production is not asked for its document, and is held to {claimed.said}"
    return CheckResult(name="serves_what_was_promoted", outcome=Outcome.NOT_APPLICABLE, summary=said)


def _compared(place: Workplace, name: str, service: Service, snapshot: openapi.Snapshot, seen: Sighting) -> CheckResult:
    """Compare what is served with what was last seen at the same address, and keep it as seen."""
    before = place.registry.last_seen(name, source=snapshot.source)
    expected = openapi.parse(place.artifacts.get(before.artifact), source=before.source) if before else None
    unchanged = _unchanged(place, service, expected, snapshot, seen)
    place.registry.record_snapshot(
        name,
        environment=PRODUCTION,
        deployment_id=None,
        role="drifted" if unchanged.outcome is Outcome.FAIL else "production",
        digest=snapshot.digest,
        artifact=place.artifacts.put(snapshot.raw),
        source=snapshot.source,
        version=snapshot.version,
    )
    return unchanged


def _unchanged(
    place: Workplace,
    service: Service,
    expected: openapi.Snapshot | None,
    found: openapi.Snapshot,
    seen: Sighting,
) -> CheckResult:
    """Whether what production serves is compatible with what it was last seen to serve, or differs as approved."""
    name = "serves_what_was_promoted"
    seen.compared = True
    if expected is None:
        return CheckResult(name=name, outcome=Outcome.NOT_APPLICABLE, summary="seen for the first time")
    if expected.digest == found.digest:
        return CheckResult(name=name, outcome=Outcome.PASS, summary=f"{found.version}, unchanged")
    findings = judged(place.config, service, expected, found).findings
    counts = Counter(finding.severity for finding in findings)
    breaking = counts[diff.Severity.BREAKING]
    seen.drift = tuple(
        broken_promise(each, found, each.operation) for each in findings if each.severity is diff.Severity.BREAKING
    )
    summary = f"the document changed since it was last seen: {len(findings)} changes, {breaking} breaking"
    if seen.drift:
        summary += f": {seen.drift[0].operation} {seen.drift[0].message}"
    return CheckResult(name=name, outcome=Outcome.FAIL if breaking else Outcome.PASS, summary=summary)
