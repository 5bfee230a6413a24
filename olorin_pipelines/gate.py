"""What does a gate answer? Outcomes, results, and the one edge that catches.

A gate asks one question about a deployment. It never raises to its caller: whatever goes wrong inside becomes the
outcome ERROR, which is never a pass. Having nothing to look at is NO_DATA, an answer of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

import structlog
from pydantic import TypeAdapter

from olorin_pipelines.errors import OlorinError

__all__ = ["CheckResult", "Fact", "GateResult", "Outcome", "ask", "worst"]

Fact: TypeAlias = str | int | float | bool | None

log = structlog.get_logger(__name__)


class Outcome(StrEnum):
    """The answer of a gate or of one of its checks."""

    PASS = "pass"  # noqa: S105 - an outcome
    FAIL = "fail"
    NO_DATA = "no_data"
    ERROR = "error"
    NOT_RUN = "not_run"
    NOT_APPLICABLE = "not_applicable"

    @property
    def good(self) -> bool:
        """Whether this outcome lets a deployment through."""
        return self in (Outcome.PASS, Outcome.NOT_APPLICABLE)


_WORST_FIRST = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.NO_DATA,
    Outcome.NOT_RUN,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
)


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the outcome that decides: FAIL, then ERROR, NO_DATA, NOT_RUN, PASS; NO_DATA when there is none."""
    return min(outcomes, key=_WORST_FIRST.index) if outcomes else Outcome.NO_DATA


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One named check inside a gate; an `advisory` one is shown and never decides."""

    name: str
    outcome: Outcome
    summary: str
    advisory: bool = False
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """The answer of one gate, with its evidence.

    `facts` are small named values (numbers are plotted over time), `rows` the table people read first (each row has
    the same keys), `tables` further ones by name, `evidence` maps a name to the SHA-256 of an artifact, `seconds` is
    the time the gate took.
    """

    gate: str
    outcome: Outcome
    summary: str
    hint: str = ""
    checks: tuple[CheckResult, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    rows: tuple[Mapping[str, Fact], ...] = ()
    tables: Mapping[str, tuple[Mapping[str, Fact], ...]] = field(default_factory=dict)
    evidence: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @classmethod
    def of_checks(
        cls,
        gate: str,
        checks: Sequence[CheckResult],
        *,
        facts: Mapping[str, Fact] | None = None,
        rows: Sequence[Mapping[str, Fact]] = (),
        tables: Mapping[str, Sequence[Mapping[str, Fact]]] | None = None,
        evidence: Mapping[str, str] | None = None,
    ) -> GateResult:
        """Build the result of a gate whose answer is the worst of its checks that are not advisory."""
        deciders = [check for check in checks if not check.advisory]
        outcome = worst([check.outcome for check in deciders])
        deciding = next((check for check in deciders if check.outcome is outcome), None)
        return cls(
            gate=gate,
            outcome=outcome,
            summary=f"{deciding.name}: {deciding.summary}" if deciding else "nothing was checked",
            checks=tuple(checks),
            facts=dict(facts or {}),
            rows=tuple(rows),
            tables={name: tuple(entries) for name, entries in (tables or {}).items()},
            evidence=dict(evidence or {}),
        )

    def to_json(self) -> bytes:
        """Serialise for the registry."""
        return _ADAPTER.dump_json(self)

    @classmethod
    def from_json(cls, data: bytes | str) -> GateResult:
        """Read back what `to_json` wrote."""
        return _ADAPTER.validate_json(data)


_ADAPTER = TypeAdapter(GateResult)


def ask(
    gate: str,
    question: Callable[[], GateResult],
    *,
    checks: Sequence[str],
    monotonic: Callable[[], float] = time.monotonic,
) -> GateResult:
    """Ask a gate's question; whatever is raised becomes ERROR, for the gate and for every check in `checks`.

    This is the one place of the engine that catches every exception: a gate that raised would skip the verdict and
    the rollback behind it.
    """
    started = monotonic()
    try:
        result = question()
    except OlorinError as error:
        result = _failed(gate, error.message, error.hint, checks)
    except Exception as error:  # the edge described above; the log keeps the traceback
        log.exception("gate_raised", gate=gate)
        result = _failed(gate, f"{type(error).__name__}: {error}", "this is a defect of Olorin: see the log", checks)
    return replace(_with_all_checks(result, checks), seconds=round(monotonic() - started, 3))


def _failed(gate: str, message: str, hint: str, checks: Sequence[str]) -> GateResult:
    return GateResult(
        gate=gate,
        outcome=Outcome.ERROR,
        summary=message,
        hint=hint,
        checks=tuple(CheckResult(name=name, outcome=Outcome.ERROR, summary=message) for name in checks),
    )


def _with_all_checks(result: GateResult, names: Sequence[str]) -> GateResult:
    """A declared check that the question did not mention gets the gate's own outcome: none may be missing."""
    present = {check.name for check in result.checks}
    missing = tuple(
        CheckResult(name=name, outcome=result.outcome, summary=result.summary) for name in names if name not in present
    )
    return replace(result, checks=result.checks + missing)
