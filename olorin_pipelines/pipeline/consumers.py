"""Who breaks? Every registered consumer is compiled against the types of production, then of the candidate.

Every finding of the comparison is then answered for every consumer, and what was proved is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from olorin_pipelines import openapi, typegen
from olorin_pipelines.config import Consumer
from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.errors import OlorinError, ToolMissing
from olorin_pipelines.gate import CheckResult, Fact, GateResult, Outcome, worst
from olorin_pipelines.pipeline.approved import judged
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.checking import Checked, check_consumer
from olorin_pipelines.pipeline.checkout import source_of
from olorin_pipelines.pipeline.compare import decides_by_consumers
from olorin_pipelines.pipeline.impact import Answer, Impact
from olorin_pipelines.pipeline.matrix import WORDS, matrix_rows
from olorin_pipelines.pipeline.missing import no_baseline, no_candidate
from olorin_pipelines.pipeline.types import types_of

__all__ = ["CONSUMER_CHECKS", "impact_row", "prove_consumers"]

CONSUMER_CHECKS = ("consumers_compile", "breaking_changes")
_SHOWN = 200
_AT_ONCE = 4
_KEPT = 500


def prove_consumers(case: Case) -> GateResult:
    """Gate `consumer_compatibility`: FAIL when a consumer that compiled on production's types no longer does.

    With the policy `breaking: consumers` also when a breaking finding reaches a consumer in another way, and NO_DATA
    when that cannot be told.
    """
    gate = "consumer_compatibility"
    if not case.service.consumers:
        return GateResult(gate=gate, outcome=Outcome.NOT_APPLICABLE, summary="no consumer is registered")
    candidate, baseline = case.document("candidate"), case.document("baseline")
    if candidate is None:
        return no_candidate(gate)
    if baseline is None:
        return no_baseline(case, gate)
    findings = judged(case.place.config, case.service, baseline, candidate).findings
    bundles = types_of(case, baseline), types_of(case, candidate)
    ask = partial(_check, case, old=baseline, new=candidate, findings=findings, bundles=bundles)
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:  # each waits for compilers: processes of their own
        answers = list(pool.map(ask, case.service.consumers))
    for answer in answers:
        _record(case, answer, baseline, candidate)
    return GateResult.of_checks(
        gate,
        [_compile_check(case, answers), _change_check(case, answers, findings)],
        facts={
            "consumers": len(answers),
            "broken": sum(answer.outcome(tests=_tests(case)) is Outcome.FAIL for answer in answers),
            "compile_seconds": round(sum(answer.proof.compile_seconds for answer in answers), 3),
        },
        rows=[row for answer in answers for row in _rows(answer)][:_SHOWN],
        tables={
            "usage": [_usage_row(answer) for answer in answers],
            "operations": [row for answer in answers for row in _operation_rows(answer)][:_SHOWN],
            "matrix": matrix_rows(case.place.registry.proofs(case.name))[:_SHOWN],
        },
    )


def _check(
    case: Case,
    consumer: Consumer,
    *,
    old: openapi.Snapshot,
    new: openapi.Snapshot,
    findings: Sequence[Finding],
    bundles: tuple[typegen.Bundle, typegen.Bundle],
) -> Checked:
    """Check one consumer; what is wrong with it alone is its own answer, never that of the others."""
    try:
        return check_consumer(
            source_of(case.place.config, consumer),
            name=consumer.name,
            types=consumer.types,
            tsconfig=consumer.tsconfig,
            old=old,
            new=new,
            findings=findings,
            bundles=bundles,
            paths=consumer.paths,
        )
    except ToolMissing:
        raise
    except (OlorinError, OSError) as error:
        said = error.message if isinstance(error, OlorinError) else str(error)
        return Checked.unjudged(consumer.name, said, findings)


def _tests(case: Case) -> bool:
    return case.policy.consumer_tests == "reject"


def _compile_check(case: Case, answers: Sequence[Checked]) -> CheckResult:
    outcomes = [
        Outcome.PASS if answer.proof.only_tests and not _tests(case) else answer.proof.outcome for answer in answers
    ]
    outcome = worst(outcomes)
    deciding = answers[outcomes.index(outcome)].proof
    return CheckResult(name="consumers_compile", outcome=outcome, summary=f"{deciding.consumer}: {deciding.summary}")


def _change_check(case: Case, answers: Sequence[Checked], findings: Sequence[Finding]) -> CheckResult:
    """Whether the breaking findings reach a consumer; it decides with the policy `breaking: consumers` alone."""
    outcomes = [answer.outcome(tests=_tests(case)) for answer in answers]
    outcome = worst(outcomes)
    deciding = answers[outcomes.index(outcome)]
    breaking = sum(finding.severity is Severity.BREAKING for finding in findings)
    said = f"{breaking} breaking changes, none of which reaches a consumer" if breaking else "no breaking change"
    if outcome is not Outcome.PASS:
        said = _told(deciding.proof.consumer, deciding.worst) if deciding.worst else deciding.proof.summary
    return CheckResult(
        name="breaking_changes", outcome=outcome, summary=said, advisory=not decides_by_consumers(case.service)
    )


def _told(consumer: str, impact: Impact) -> str:
    what = impact.finding.message if impact.finding else "its types"
    where = f" at {impact.place}" if impact.place else ""
    verb = "breaks" if impact.answer is Answer.BREAKS else "cannot tell"
    return f"{consumer}: {verb}{where}: {what} ({impact.because})"


def impact_row(impact: Impact) -> dict[str, Fact]:
    """Return an answer as a row: consumer, answer, where, which change, and why."""
    finding = impact.finding
    answer = f"{impact.answer.value} (in tests only)" if impact.only_tests else impact.answer.value
    return {
        "consumer": impact.consumer,
        "answer": answer,
        "where": impact.place,
        "change": finding.message if finding else "no finding: a name of the types changed",
        "because": impact.because[:_SHOWN],
        "operation": finding.operation if finding else "",
        "rule": finding.id if finding else "",
        "severity": finding.severity.value if finding else "",
        "more_places": impact.more,
    }


_ORDER = (Answer.BREAKS, Answer.CANNOT_TELL, Answer.NO_BREAK)


def _rows(answer: Checked) -> list[dict[str, Fact]]:
    ordered = sorted(answer.impacts, key=lambda one: (_ORDER.index(one.answer), one.only_tests))
    if ordered:
        return [impact_row(impact) for impact in ordered]
    nothing = WORDS[answer.proof.outcome]
    empty = dict.fromkeys(("where", "change", "because", "operation", "rule", "severity"), "")
    return [
        {"consumer": answer.proof.consumer, "answer": nothing, **empty, "because": answer.proof.summary,
         "more_places": 0}
    ]  # fmt: skip


def _usage_row(answer: Checked) -> Mapping[str, Fact]:
    usage = answer.proof.usage
    row: dict[str, Fact] = {"consumer": answer.proof.consumer, "summary": answer.proof.summary[:_SHOWN]}
    row |= {"operations": len(usage.operations), **usage.counts()} if usage else {}
    return row


def _operation_rows(answer: Checked) -> list[Mapping[str, Fact]]:
    usage = answer.proof.usage
    used = usage.operations if usage else {}
    return [
        {"consumer": answer.proof.consumer, "operation": operation, "first_used_at": place}
        for operation, place in used.items()
    ]


def _record(case: Case, answer: Checked, old: openapi.Snapshot, new: openapi.Snapshot) -> None:
    usage = answer.proof.usage
    worst_one = answer.worst
    outcome = answer.outcome(tests=_tests(case))
    told = outcome is not Outcome.PASS and worst_one is not None
    case.place.registry.record_proof(
        case.deployment.id,
        consumer=answer.proof.consumer,
        digest=new.digest,
        baseline_digest=old.digest,
        baseline_version=old.version,
        outcome=outcome.value,
        summary=_told(answer.proof.consumer, worst_one) if told and worst_one else answer.proof.summary,
        operations=usage.operations if usage else {},
        impacts=[impact_row(impact) for impact in answer.impacts[:_KEPT]],
    )
