"""Can the consumers' types be generated from the candidate's document, and do they compile?"""

from __future__ import annotations

from olorin_pipelines import openapi, typegen
from olorin_pipelines.gate import CheckResult, GateResult, Outcome
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.missing import no_candidate

__all__ = ["TYPES_CHECKS", "generate_types", "types_of"]

TYPES_CHECKS = ("compile",)


def generate_types(case: Case) -> GateResult:
    """Gate `generated_types`: the TypeScript types of the candidate compile on their own."""
    candidate = case.document("candidate")
    if candidate is None:
        return no_candidate("generated_types")
    bundle = types_of(case, candidate)
    text = bundle.types.read_bytes()
    faults = bundle.diagnostics
    summary = f"{faults[0].code} at line {faults[0].line}: {faults[0].message}" if faults else f"{len(text):,} bytes"
    return GateResult.of_checks(
        "generated_types",
        [CheckResult(name="compile", outcome=Outcome.FAIL if faults else Outcome.PASS, summary=summary)],
        facts={"key": bundle.key, "bytes": len(text), "cached": bundle.cached, "generation_seconds": bundle.seconds},
        rows=[{"line": d.line, "code": d.code, "message": d.message} for d in faults[:50]],
        evidence={"types": case.place.artifacts.put(text)},
    )


def types_of(case: Case, snapshot: openapi.Snapshot) -> typegen.Bundle:
    """Return the types of a document; generated once per digest."""
    return typegen.generate(snapshot.canonical, digest=snapshot.digest, store=case.place.folder("types"))
