"""What does a run say about the service? Checks for the gate and rows for people, from a result alone."""

from __future__ import annotations

from collections.abc import Iterable

from olorin_pipelines.contract.events import is_documented
from olorin_pipelines.contract.judge import CHECKS
from olorin_pipelines.contract.model import CoverageRow, Failure, SuiteResult
from olorin_pipelines.contract.unreached import ended_because
from olorin_pipelines.gate import CheckResult, Fact, Outcome

__all__ = [
    "check_rows",
    "coverage",
    "covered_rows",
    "failure_rows",
    "honours",
    "operation_rows",
    "rows",
    "warning_rows",
]

_NAMED = 5
"""How many names a summary gives before it counts the rest."""


def honours(result: SuiteResult, *, name: str) -> CheckResult:
    """Answer whether the service kept the document: FAIL on any violation, NO_DATA when too little was tested.

    An operation that could not be tested, as when the service hangs up, makes it ERROR.
    """
    tested = f"{result.cases:,} cases over {result.exercised} of {result.total} operations"
    facts: dict[str, Fact] = {
        "cases": result.cases,
        "violations": len(result.failures),
        "seconds": result.seconds,
        "seed": result.seed,
        "schemathesis": result.version,
    }
    if result.failures:
        outcome, summary = Outcome.FAIL, f"{_violations(result.failures)} in {tested}{_early(result)}"
    elif result.errors:
        outcome, summary = Outcome.ERROR, f"not everything could be tested: {_first(result.errors)}{_early(result)}"
    elif not result.cases:
        outcome, summary = Outcome.NO_DATA, f"no request was sent{_because(result)}{_left(result)}"
    elif not result.complete:
        outcome, summary = Outcome.NO_DATA, f"the run stopped early{_because(result)} after {tested}{_left(result)}"
    elif not result.exercised:
        outcome, summary = Outcome.NO_DATA, f"nothing was reached by {tested}{_left(result)}"
    else:
        known = f" that is not known ({len(result.excused)} known)" if result.excused else ""
        outcome, summary = Outcome.PASS, f"{tested}, no violation{known}{_left(result)}"
    return CheckResult(name=name, outcome=outcome, summary=summary, facts=facts)


def coverage(result: SuiteResult, *, threshold: float, name: str = "endpoint_coverage") -> CheckResult:
    """Answer whether enough operations were reached (`OperationResult.exercised`), `threshold` from 0.0 to 1.0."""
    missed = [operation.key for operation in result.operations if not operation.exercised]
    never = [operation.key for operation in result.operations if operation.exercised and not operation.succeeded]
    pairs = [(operation, status) for operation in result.operations for status in operation.documented]
    seen = sum(any(is_documented(s, (status,)) for s in operation.statuses) for operation, status in pairs)
    facts: dict[str, Fact] = {
        "coverage": round(result.coverage, 4),
        "exercised": result.exercised,
        "operations": result.total,
        "not_reached": ", ".join(f"{each.key} ({each.why})" for each in result.operations if not each.exercised),
        "never_succeeded": ", ".join(never),
        "status_coverage": round(seen / len(pairs), 4) if pairs else 0.0,
    }
    reached = f"{result.exercised} of {result.total} operations reached ({result.coverage:.0%})"
    if not result.total:
        return CheckResult(name=name, outcome=Outcome.NO_DATA, summary="the document has no operation", facts=facts)
    if result.coverage < threshold:
        summary = f"{reached}, {threshold:.0%} wanted; not reached: {_first(missed)}"
        return CheckResult(name=name, outcome=Outcome.FAIL, summary=summary, facts=facts)
    note = f"; never answered with success: {_first(never)}" if never else ""
    return CheckResult(name=name, outcome=Outcome.PASS, summary=reached + note, facts=facts)


def rows(result: SuiteResult) -> list[dict[str, Fact]]:
    """Return a table of violations: what was broken, where the document says so, how to send the request again."""
    return failure_rows(result.failures)


def warning_rows(result: SuiteResult) -> list[dict[str, Fact]]:
    """Return a table of what is shown and does not decide, as `rows` does."""
    return failure_rows(result.warnings)


def check_rows(result: SuiteResult) -> list[dict[str, Fact]]:
    """Return a row for each named check: check, cases, violations, warnings, looks_for, means, not_covered."""
    return [
        {
            "check": check.name,
            "cases": result.judged.get(check.name, 0),
            "violations": sum(failure.check == check.name for failure in result.failures),
            "warnings": sum(failure.check == check.name for failure in result.warnings),
            "looks_for": check.looks_for,
            "means": check.means,
            "not_covered": result.not_covered.get(check.name, ""),
        }
        for check in CHECKS
    ]


def covered_rows(covered: Iterable[CoverageRow]) -> list[dict[str, Fact]]:
    """Return a row for each kind of thing in the document: kind, total, seen, share, not_reached, why."""
    return [
        {
            "kind": row.kind,
            "total": row.total,
            "seen": row.seen,
            "share": round(row.seen / row.total, 4) if row.total else None,
            "not_reached": ", ".join(row.missed),
            "why": row.why if row.missed else "",
        }
        for row in covered
    ]


def failure_rows(failures: Iterable[Failure]) -> list[dict[str, Fact]]:
    """Return a row for each failure, as `rows` does."""
    return [
        {
            "operation": failure.operation,
            "check": failure.check,
            "status": failure.status,
            "times": failure.times,
            "state": failure.state,
            "message": failure.message,
            "expected": failure.expected,
            "got": failure.got,
            "pointer": failure.pointer,
            "at": failure.at,
            "detail": failure.detail,
            "phase": failure.phase,
            "curl": failure.curl,
            "answer": failure.answered.body if failure.answered else "",
            "fingerprint": failure.fingerprint,
            "excuse": failure.excuse,
        }
        for failure in failures
    ]


def operation_rows(result: SuiteResult) -> list[dict[str, Fact]]:
    """Return a table of operations: operation, cases, failures, statuses seen and documented, times, coverage."""
    return [
        {
            "operation": operation.key,
            "cases": operation.cases,
            "failures": operation.failures,
            "statuses": " ".join(map(str, operation.statuses)),
            "documented": " ".join(operation.documented),
            "exercised": operation.exercised,
            "succeeded": operation.succeeded,
            "p50_ms": operation.p50_ms,
            "p95_ms": operation.p95_ms,
            "coverage": operation.coverage,
        }
        for operation in result.operations
    ]


def _because(result: SuiteResult) -> str:
    """Why a run stopped before its end, in brackets."""
    if result.complete:
        return ""
    again = f", which asks to come back in {result.come_back:,.0f} s" if result.come_back else ""
    return f" ({ended_because(result.stop_reason)}{again})"


def _early(result: SuiteResult) -> str:
    """What a run that was cut short did not reach."""
    return "" if result.complete else f"; the run stopped early{_because(result)}{_left(result)}"


def _left(result: SuiteResult) -> str:
    """Which operations were not reached, and why, the first of each reason."""
    reasons: dict[str, list[str]] = {}
    for operation in result.operations:
        if not operation.exercised:
            reasons.setdefault(operation.why, []).append(operation.key)
    return "".join(f"; not reached: {_first(keys)}" + (f" ({why})" if why else "") for why, keys in reasons.items())


def _violations(failures: tuple[Failure, ...]) -> str:
    names = list(dict.fromkeys(f"{failure.operation} {failure.check}" for failure in failures))
    count = f"{len(failures)} violation{'s' if len(failures) != 1 else ''}"
    return f"{count} ({_first(names)})"


def _first(names: list[str] | tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
