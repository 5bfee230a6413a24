"""Does the running candidate honour its own document, and the one old consumers rely on?

A server always agrees with its own document as it was generated; only the baseline's document tells whether the old
contract still holds. In an environment without isolated data nothing but documented GETs is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from olorin_pipelines import contract, openapi
from olorin_pipelines.config import Policy
from olorin_pipelines.gate import CheckResult, GateResult, Outcome
from olorin_pipelines.pipeline.agreed import agreed_to_break, without
from olorin_pipelines.pipeline.behaviour import BEHAVIOUR, compare_behaviour, not_compared
from olorin_pipelines.pipeline.calling import ReadOnly, called, read_only
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.choice import asked_for, left_out_note
from olorin_pipelines.pipeline.known import excuses
from olorin_pipelines.pipeline.missing import no_candidate
from olorin_pipelines.pipeline.presented import by_probe, by_suite, presented

__all__ = ["CONTRACT_CHECKS", "verify_contract"]

CONTRACT_CHECKS = ("honours_own_schema", "honours_baseline", "endpoint_coverage", BEHAVIOUR)
_GATE = "contract_tests"
_CHEAPER = ("openapi_schema", "schema_diff", "generated_types", "consumer_compatibility")


def verify_contract(case: Case) -> GateResult:
    """Gate `contract_tests`: NOT_RUN when a cheaper gate FAILED already, so that a clear case is decided at once."""
    deciding = [gate for gate in _CHEAPER if gate not in case.policy.report_only]
    failed = case.earlier_failure(deciding) if case.policy.mode == "enforce" else None
    if failed is not None:
        return GateResult(gate=_GATE, outcome=Outcome.NOT_RUN, summary=f"{failed.gate} failed already")
    candidate, baseline = case.document("candidate"), case.document("baseline")
    if candidate is None:
        return no_candidate(_GATE)
    if not case.environment.isolated_data:
        return _read_only(case, candidate, baseline)
    return _full(case, candidate, baseline)


def _full(case: Case, candidate: openapi.Snapshot, baseline: openapi.Snapshot | None) -> GateResult:
    seconds, enough = case.policy.contract_seconds, case.policy.coverage
    old = baseline if baseline is not None and baseline.digest != candidate.digest else None
    asked = asked_for(case.policy, candidate.document)
    suite = contract.Suite(mode="all", seconds=seconds, enough=enough, include_operations=asked)
    tested = _conduct(case, candidate, suite, "own", old)
    unasked = left_out_note(asked, candidate.document)
    known = excuses(case.place.config, case.service)
    own = known.of_suite(tested.result)
    checks = [_with_note(contract.honours(own, name="honours_own_schema"), _how(own) + unasked)]
    evidence = {"own_cases": case.place.artifacts.put(own.report.read_bytes())}
    ran, runs = [by_suite(case, "own", candidate, own)], {"own": own}
    if baseline is None:
        checks.append(_without_baseline())
    elif old is None:
        checks.append(_unchanged(checks[0]))
    elif not (touched := _bound(case.policy, candidate, old, left_out := agreed_to_break(case, old, candidate))):
        checks.append(_with_note(_told_alike(checks[0]), _left_out(left_out)))
    else:
        suite = contract.Suite(mode="positive", seconds=seconds, enough=enough, include_operations=touched)
        before = known.of_suite(_conduct(case, old, suite, "baseline", None).result)
        alike = old.operation_count - len(left_out) - len(touched)
        note = f"; {alike} operations are told alike in both documents: see honours_own_schema" if alike else ""
        note = _how(before) + note + _left_out(left_out)
        checks.append(_with_note(contract.honours(before, name="honours_baseline"), note))
        evidence["baseline_cases"] = case.place.artifacts.put(before.report.read_bytes())
        ran.append(by_suite(case, "baseline", old, before))
        runs["baseline"] = before
    checks.append(contract.coverage(own, threshold=case.policy.coverage))
    behaves, compared = compare_behaviour(case, own, tested.corpus, candidate, baseline)
    checks.append(behaves)
    answer = GateResult.of_checks(
        _GATE,
        checks,
        tables={
            **compared,
            "runs": [{"document": label, **contract.run_row(each)} for label, each in runs.items()],
            "warnings": contract.warning_rows(own),
            "checks": contract.check_rows(own),
            "covered": contract.covered_rows(own.covered),
            **{f"operations_{label}": contract.operation_rows(each) for label, each in runs.items()},
        },
        facts={
            "cases": sum(each.cases for each in runs.values()),
            "failures": sum(len(each.failures) for each in runs.values()),
            "operations": own.total,
            "coverage": own.coverage,
            "way": own.way,
            "corpus_requests": len(tested.corpus.entries) if tested.corpus else 0,
            "replayed": sum(each.replayed for each in runs.values()),
            "requests_per_second": own.requests_per_second or None,
            "seed": own.seed,
        },
        evidence=evidence,
    )
    return presented(case, answer, ran, known)


def _how(result: contract.SuiteResult) -> str:
    """How a run came about, where that is not the usual way, and what its time did not allow."""
    said = f"; by {result.way}" if result.way != "full" else ""
    if result.why.startswith("the replay could not judge"):
        said += f"; {result.why}"
    if result.first and result.way == "changed first":
        said += f": {len(result.first)} operations came first"
    if result.complete and result.stop_reason != "completed":
        said += f"; its time was up: {len(result.left_out)} operations were left out"
        said += f" ({', '.join(result.left_out[:5])})" if result.left_out else ""
    return said


def _conduct(
    case: Case, snapshot: openapi.Snapshot, suite: contract.Suite, label: str, old: openapi.Snapshot | None
) -> contract.Conducted:
    with called(
        case.place.config, case.service, environment=case.deployment.environment, url=case.deployment.url
    ) as way:
        trial = contract.Trial(
            document=snapshot.canonical,
            url=way.url,
            workdir=case.place.folder("contract", case.deployment.id, label),
            suite=replace(suite, mark=way.mark, pinned=way.pinned, query=way.query),
            headers=way.headers,
            secrets=way.secrets,
            expired=case.service.auth.expired_headers(),
            cache=case.place.folder("cache", "schemathesis"),
            progress=case.progress,
        )
        corpora = contract.Corpora(case.place.folder("corpus"))
        conducted = contract.conduct(trial, corpora, old=old.canonical if old is not None else None)
    return replace(conducted, result=contract.shown_at(conducted.result, asked=way.url, shown=case.deployment.url))


def _read_only(case: Case, candidate: openapi.Snapshot, baseline: openapi.Snapshot | None) -> GateResult:
    """Call documented GETs only; what was not tested for that reason is said in the summaries."""
    known = excuses(case.place.config, case.service)
    with read_only(
        case.place.config,
        case.service,
        environment=case.deployment.environment,
        url=case.deployment.url,
        purpose="contract-test",
    ) as way:
        own = known.of_probe(_probe(case, candidate.document, way))
        ran = [by_probe(case, "own", candidate, own)]
        left_out = agreed_to_break(case, baseline, candidate) if baseline is not None else ()
        old = None
        if baseline is not None and baseline.digest != candidate.digest:
            old = known.of_probe(_probe(case, without(baseline.document, left_out), way))
            ran.append(by_probe(case, "baseline", baseline, old))
    unsafe = sum(not operation.safe for operation in openapi.operations(candidate.document))
    checks = [
        _with_note(
            contract.production_honours(own.result, name="honours_own_schema"),
            f"; read-only environment: {unsafe} writing operations were not called",
        )
    ]
    if baseline is None:
        checks.append(_without_baseline())
    elif old is None:
        checks.append(_unchanged(checks[0]))
    else:
        checks.append(_with_note(contract.production_honours(old.result, name="honours_baseline"), _left_out(left_out)))
    checks.append(_read_only_coverage(own.result, case.policy.coverage))
    checks.append(
        not_compared(case, Outcome.NOT_APPLICABLE, "a read-only environment leaves no requests to compare by")
    )
    answer = GateResult.of_checks(
        _GATE,
        checks,
        tables={"calls": contract.probe_rows(own.result)},
        facts={"operations_called": own.result.called, "read_only": True},
    )
    return presented(case, answer, ran, known)


def _probe(case: Case, document: Mapping[str, Any], way: ReadOnly) -> contract.ProbeResult:
    return contract.probe(
        document,
        url=case.deployment.url,
        headers=way.headers,
        query=way.query,
        pinned=way.pinned,
        mark=way.mark,
        client=way.client,
    )


def _read_only_coverage(result: contract.ProbeResult, threshold: float) -> CheckResult:
    """Advisory: where nothing may be written, only documented GETs whose parameters are known can be reached."""
    total = len(result.rows)
    missed = [row.operation for row in result.rows if row.outcome is Outcome.NOT_RUN]
    share = result.called / total if total else 0.0
    said = f"{result.called} of {total} GET operations called" + (f"; not: {', '.join(missed[:5])}" if missed else "")
    outcome = Outcome.NO_DATA if not total else Outcome.PASS if share >= threshold else Outcome.FAIL
    return CheckResult(
        name="endpoint_coverage", outcome=outcome, summary=said, advisory=True, facts={"coverage": round(share, 4)}
    )


def _bound(
    policy: Policy, candidate: openapi.Snapshot, old: openapi.Snapshot, left_out: Sequence[str]
) -> tuple[str, ...]:
    """Return the operations that changed, with those of the same resources, without those left out."""
    asked = asked_for(policy, old.document)
    touched = contract.touched(candidate.document, old.document)
    return tuple(key for key in touched if key not in left_out and (not asked or key in asked))


def _left_out(operations: Sequence[str]) -> str:
    if not operations:
        return ""
    return f"; left out, because their break was agreed to or their end announced: {', '.join(operations)}"


def _with_note(check: CheckResult, note: str) -> CheckResult:
    return replace(check, summary=check.summary + note)


def _without_baseline() -> CheckResult:
    return CheckResult(
        name="honours_baseline", outcome=Outcome.NOT_APPLICABLE, summary="there is no baseline to honour"
    )


def _told_alike(own: CheckResult) -> CheckResult:
    summary = "both documents tell all operations alike; see honours_own_schema"
    return CheckResult(name="honours_baseline", outcome=own.outcome, summary=summary)


def _unchanged(own: CheckResult) -> CheckResult:
    summary = "the baseline is the same document; see honours_own_schema"
    return CheckResult(name="honours_baseline", outcome=own.outcome, summary=summary)
