"""Who breaks? Every registered consumer is compiled against the types of production, then of the candidate."""

from __future__ import annotations

from olorin_pipelines import typegen
from olorin_pipelines.gate import CheckResult, GateResult, Outcome, worst
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.missing import no_baseline, no_candidate
from olorin_pipelines.pipeline.types import types_of

__all__ = ["CONSUMER_CHECKS", "prove_consumers"]

CONSUMER_CHECKS = ("consumers_compile",)


def prove_consumers(case: Case) -> GateResult:
    """Gate `consumer_compatibility`: FAIL when a consumer that compiled on production's types no longer does."""
    gate = "consumer_compatibility"
    if not case.service.consumers:
        return GateResult(gate=gate, outcome=Outcome.NOT_APPLICABLE, summary="no consumer is registered")
    candidate, baseline = case.document("candidate"), case.document("baseline")
    if candidate is None:
        return no_candidate(gate)
    if baseline is None:
        return no_baseline(case, gate)
    old, new = types_of(case, baseline), types_of(case, candidate)
    proofs = [
        typegen.prove(
            case.place.config.root / consumer.path, name=consumer.name, types=consumer.types, old=old, new=new
        )
        for consumer in case.service.consumers
    ]
    outcome = worst([proof.outcome for proof in proofs])
    deciding = next(proof for proof in proofs if proof.outcome is outcome)
    summary = f"{deciding.consumer}: {deciding.summary}"
    return GateResult.of_checks(
        gate,
        [CheckResult(name="consumers_compile", outcome=outcome, summary=summary)],
        facts={"consumers": len(proofs), "broken": sum(proof.outcome is Outcome.FAIL for proof in proofs)},
        rows=_rows(proofs),
    )


def _rows(proofs: list[typegen.ConsumerProof]) -> list[dict[str, str | int | float | bool | None]]:
    rows: list[dict[str, str | int | float | bool | None]] = []
    for proof in proofs:
        rows += [
            {
                "consumer": proof.consumer,
                "outcome": proof.outcome.value,
                "file": broken.file,
                "line": broken.line,
                "code": broken.code,
                "message": broken.message,
            }
            for broken in proof.breaks[:50]
        ] or [
            {
                "consumer": proof.consumer,
                "outcome": proof.outcome.value,
                "file": "",
                "line": 0,
                "code": "",
                "message": proof.summary,
            }
        ]
    return rows
