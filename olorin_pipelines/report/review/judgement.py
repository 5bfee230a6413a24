"""What is known of a proposed change once every gate was asked? The one value that its reports are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from olorin_pipelines.gate import Fact, GateResult, Outcome
from olorin_pipelines.openapi import Snapshot
from olorin_pipelines.policy import Judged
from olorin_pipelines.verdict import GATES, Decision, Verdict

__all__ = ["Judgement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A change from `base` (None: the first document) to `head`, the gates' answers by name, and the verdict.

    `judged` are the findings under the policy. `intended` is the reason for which a break was let through, empty when
    nobody asked for that. `junit` is the report of the contract tests, empty when there were none.
    """

    service: str
    base: Snapshot | None
    head: Snapshot
    results: Mapping[str, GateResult]
    decision: Decision
    judged: Judged = field(default_factory=lambda: Judged(findings=()))
    intended: str = ""
    junit: str = ""
    seconds: float = 0.0

    @property
    def accepted(self) -> bool:
        """Whether the change may be merged."""
        return self.decision.verdict is Verdict.ACCEPTED

    @property
    def told(self) -> bool:
        """Whether the verdict rests on a gate that could tell; False when it could not."""
        decider = self.results.get(self.decision.decided_by)
        return self.accepted or (decider is not None and decider.outcome is Outcome.FAIL)

    @property
    def title(self) -> str:
        """The service with both versions."""
        before = self.base.version if self.base else "nothing"
        return f"{self.service}: {before} → {self.head.version}"

    def gates(self) -> tuple[GateResult, ...]:
        """Return the answers in deciding order."""
        return tuple(self.results[name] for name in GATES if name in self.results)

    def coverage(self) -> float | None:
        """Return the share of operations the contract tests reached, 0.0 to 1.0; None when they did not run."""
        tests = self.results.get("contract_tests")
        value = tests.facts.get("coverage") if tests else None
        return float(value) if isinstance(value, int | float) else None

    def failures(self) -> tuple[Mapping[str, Fact], ...]:
        """Return the failures of the contract tests: operation, check, message, curl, `at` (line of the document).

        What breaks both documents in the same way is one failure, shown at the new one.
        """
        tests = self.results.get("contract_tests")
        if tests is None:
            return ()
        more = tests.tables.get("reproduce", ())
        pairs = (
            zip(tests.rows, more, strict=True) if len(more) == len(tests.rows) else ((row, {}) for row in tests.rows)
        )
        found: dict[object, Mapping[str, Fact]] = {}
        for row in ({**row, **extra} for row, extra in pairs if row.get("check")):
            found.setdefault(row.get("fingerprint") or len(found), row)
        return tuple(found.values())

    def broken_consumers(self) -> tuple[Mapping[str, Fact], ...]:
        """Return what breaks a consumer, or of which that cannot be told: consumer, answer, where, change, because."""
        gate = self.results.get("consumer_compatibility")
        return tuple(row for row in gate.rows if row.get("answer") != "no break found") if gate else ()
