"""What do the gates say together? `judge` is pure: results and policy in, verdict out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from olorin_pipelines.gate import GateResult, Outcome

__all__ = ["GATES", "Decision", "Verdict", "judge"]

GATES = ("openapi_schema", "schema_diff", "generated_types", "consumer_compatibility", "contract_tests")
"""The gates in the order in which the first bad one decides."""


class Verdict(StrEnum):
    """What is to be done with a deployment before it gets user traffic."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, the gate that decided it (empty when all were good) and the reason for people."""

    verdict: Verdict
    decided_by: str
    because: str


def judge(
    results: Sequence[GateResult],
    *,
    on_unknown: str = "reject",
    enforce: bool = True,
    report_only: Collection[str] = (),
) -> Decision:
    """Give one verdict.

    The first FAIL in the order of `GATES` rejects. Otherwise the first ERROR, NO_DATA or NOT_RUN rejects, or holds
    when `on_unknown` is "hold". A gate without a result counts as NO_DATA. With `enforce=False` (policy warn) the
    reason is still given and the verdict is ACCEPTED. The reason names every gate that FAILED, the deciding one first.
    Gates that `report_only` decide nothing; the reason says what they would have.
    """
    by_gate = {result.gate: result for result in results}
    asked = [by_gate.get(name) or _absent(name) for name in GATES]
    ordered = [result for result in asked if result.gate not in report_only]
    reported = _reported(asked, report_only)
    bad = next((r for r in ordered if r.outcome is Outcome.FAIL), None)
    verdict = Verdict.REJECTED
    if bad is None:
        bad = next((r for r in ordered if not r.outcome.good), None)
        verdict = Verdict.HELD if on_unknown == "hold" else Verdict.REJECTED
    if bad is None:
        passed = sum(r.outcome is Outcome.PASS for r in ordered)
        return Decision(
            Verdict.ACCEPTED, "", f"{passed} of {len(ordered)} gates passed, the rest do not apply{reported}"
        )
    also = [r for r in ordered if r is not bad and r.outcome is Outcome.FAIL]
    because = "; ".join(f"{r.gate} {r.outcome.value}: {r.summary}" for r in (bad, *also)) + reported
    if not enforce:
        return Decision(Verdict.ACCEPTED, bad.gate, f"policy is warn; would be {verdict.value} by {because}")
    return Decision(verdict, bad.gate, because)


def _reported(results: Sequence[GateResult], report_only: Collection[str]) -> str:
    """Say what gates that decide nothing have found, empty when it was good."""
    bad = [result for result in results if result.gate in report_only and not result.outcome.good]
    return "".join(f"; only reported: {r.gate} {r.outcome.value}: {r.summary}" for r in bad)


def _absent(name: str) -> GateResult:
    return GateResult(gate=name, outcome=Outcome.NO_DATA, summary="no result was recorded")
