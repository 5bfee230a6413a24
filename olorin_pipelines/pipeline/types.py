"""Can the consumers' types be generated from the candidate's document, do they compile, and what do they expose?"""

from __future__ import annotations

import re

from olorin_pipelines import openapi, typegen
from olorin_pipelines.gate import CheckResult, GateResult, Outcome
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.missing import no_candidate

__all__ = ["TYPES_CHECKS", "generate_types", "types_of"]

TYPES_CHECKS = ("compile", "no_sensitive_property")
_SHOWN = 50


def generate_types(case: Case) -> GateResult:
    """Gate `generated_types`: the TypeScript types of the candidate compile on their own.

    That no answer's type holds a property with a sensitive name is advisory: a password that is only sent is fine.
    """
    candidate = case.document("candidate")
    if candidate is None:
        return no_candidate("generated_types")
    bundle = types_of(case, candidate)
    text = bundle.types.read_bytes()
    faults = bundle.diagnostics
    exposed = _exposed(candidate, text)
    digest = case.place.artifacts.put(text)
    summary = f"{faults[0].code} at line {faults[0].line}: {faults[0].message}" if faults else f"{len(text):,} bytes"
    return GateResult.of_checks(
        "generated_types",
        [
            CheckResult(name="compile", outcome=Outcome.FAIL if faults else Outcome.PASS, summary=summary),
            CheckResult(
                name="no_sensitive_property",
                outcome=Outcome.FAIL if exposed else Outcome.PASS,
                summary=f"{exposed[0]['message']} ({len(exposed)} found)" if exposed else "none found",
                advisory=True,
                facts={"found": len(exposed)},
            ),
        ],
        facts={
            "key": bundle.key,
            "bytes": len(text),
            "lines": text.count(b"\n"),
            "cached": bundle.cached,
            "generation_seconds": bundle.seconds,
            "command": f"olorin types {candidate.source} --out src/api",
        },
        rows=[{"line": d.line, "code": d.code, "message": d.message} for d in faults[:_SHOWN]],
        tables={
            "files": [{"file": bundle.types.name, "bytes": len(text), "path": str(bundle.types)}],
            "sensitive": exposed[:_SHOWN],
        },
        evidence={"types": digest},
    )


def types_of(case: Case, snapshot: openapi.Snapshot) -> typegen.Bundle:
    """Return the types of a document; generated once per digest, and waited for where they are being made."""
    if snapshot.digest in case.begun:
        return case.begun[snapshot.digest].result()
    return typegen.generate(snapshot.canonical, digest=snapshot.digest, store=case.place.folder("types"))


def _exposed(snapshot: openapi.Snapshot, types: bytes) -> list[dict[str, str | int | float | bool | None]]:
    """Return each sensitive property of an answer, with the first line of the types that has its name."""
    found = [finding for finding in openapi.audit(snapshot) if finding.id == "sensitive-property"]
    text = types.decode() if found else ""
    rows: list[dict[str, str | int | float | bool | None]] = []
    for finding in found:
        name = finding.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        match = re.search(rf'^ *"?{re.escape(name)}"?\??: ', text, re.MULTILINE)
        rows.append(
            {
                "property": name,
                "line": text.count("\n", 0, match.start()) + 1 if match else None,
                "operation": finding.operation,
                "message": finding.message,
            }
        )
    return rows
