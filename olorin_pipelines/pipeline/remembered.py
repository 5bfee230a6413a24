"""What do earlier runs say of the failures of this one? Asked of the registry for a gate, and shown as its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from olorin_pipelines.contract import Failure, OperationResult
from olorin_pipelines.gate import Fact, GateResult
from olorin_pipelines.registry import Registry, Remembered, Seen

__all__ = ["DOCUMENT", "Looked", "numbers_of", "remember", "scope", "scopes", "stated", "with_history"]

_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Which run it was: of which gate, where, of which version and document."""

    service: str
    environment: str
    gate: str
    version: str
    digest: str
    deployment_id: str | None = None


DOCUMENT = "document"
"""The label of what the served document itself breaks: all of it is compared, whenever it is."""


def scope(label: str, operation: str) -> str:
    """Return what has to be asked again before a failure of an operation can be called fixed."""
    return label if label == DOCUMENT else f"{label} {operation}"


def scopes(label: str, operations: Iterable[OperationResult]) -> list[str]:
    """Return the scopes that a run by the document `label` asked."""
    return [scope(label, each.key) for each in operations if each.exercised]


def remember(
    registry: Registry,
    looked: Looked,
    failures: Mapping[str, Sequence[Failure]],
    *,
    asked: Sequence[str],
    numbers: Mapping[str, float],
) -> Remembered:
    """Record a run with its failures, by the label of the document they break, and return what earlier ones say."""
    seen = [
        Seen(each.fingerprint, scope(label, each.operation), each.check, each.operation, each.message)
        for label, found in failures.items()
        for each in found
    ]
    return registry.remember(
        looked.service,
        environment=looked.environment,
        gate=looked.gate,
        version=looked.version,
        digest=looked.digest,
        seen=seen,
        asked=asked,
        numbers=numbers,
        deployment_id=looked.deployment_id,
    )


def stated(label: str, failures: Iterable[Failure], said: Remembered) -> tuple[Failure, ...]:
    """Return failures with their state."""
    return tuple(
        replace(each, state=said.states.get((scope(label, each.operation), each.fingerprint), "")) for each in failures
    )


def numbers_of(operations: Sequence[OperationResult], **more: float) -> dict[str, float]:
    """Return what is plotted over time: the slowest p95, the share of operations reached, and `more`."""
    reached = sum(each.exercised for each in operations)
    return {
        "p95_ms": max((each.p95_ms for each in operations), default=0.0),
        "coverage": round(reached / len(operations), 4) if operations else 0.0,
        **more,
    }


def with_history(result: GateResult, said: Remembered, numbers: Mapping[str, float]) -> GateResult:
    """Return a gate's answer with what history says: in its summary, its numbers and the table `fixed`."""
    counts: dict[str, Fact] = {state: said.count(state) for state in ("new", "known", "flaky")}
    counts["fixed"] = len(said.fixed)
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count and state != "fixed")
    summary = f"{result.summary} ({told})" if told else result.summary
    if said.fixed:
        first = said.fixed[0]
        more = f" and {len(said.fixed) - 1} more" if len(said.fixed) > 1 else ""
        summary += f"; fixed: {first.operation} {first.check}{more}"
    gone = [("fixed", each) for each in said.fixed] + [("flaky, gone this time", each) for each in said.vanished]
    rows: tuple[Mapping[str, Fact], ...] = tuple(
        {"state": state, "operation": each.operation, "check": each.check, "message": each.message}
        for state, each in gone[:_SHOWN]
    )
    tables = {**result.tables, **({"fixed": rows} if rows else {})}
    return replace(result, summary=summary, facts={**result.facts, **numbers, **counts}, tables=tables)
