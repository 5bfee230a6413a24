"""What does a comparison of candidate and production say? A check for the gate, and rows for people."""

from __future__ import annotations

from olorin_pipelines.contract.twin.asking import TwinResult
from olorin_pipelines.gate import CheckResult, Fact, Outcome

__all__ = ["behaviour", "twin_rows", "twin_skipped_rows"]

NAME = "behaviour_unchanged"
SHOWN = 100
_NAMED = 5


def behaviour(result: TwinResult, *, advisory: bool) -> CheckResult:
    """Answer whether both behave alike: FAIL on any difference, NO_DATA when nothing could be compared."""
    count, operations = len(result.differences), len(result.compared)
    facts: dict[str, Fact] = {
        "differences": count,
        "operations_compared": operations,
        "requests": result.requests,
        "requests_to_production": result.to_production,
        "seconds": result.seconds,
    }
    if result.unreachable:
        outcome, summary = Outcome.NO_DATA, f"production cannot be asked: {result.unreachable}"
    elif not result.requests:
        outcome, summary = Outcome.NO_DATA, "the corpus holds no reading request that could be compared"
    elif count:
        told = [f"{key} {each.what} {each.at}".strip() for key, each in list(result.differences)[:_NAMED]]
        more = f" and {count - _NAMED} more" if count > _NAMED else ""
        outcome, summary = Outcome.FAIL, f"{count} differences from production: {', '.join(told)}{more}"
    elif not operations:
        outcome, summary = Outcome.NO_DATA, f"nothing could be compared: {next(iter(result.skipped.values()), '')}"
    else:
        outcome = Outcome.PASS
        summary = f"{result.requests} requests over {operations} operations answered as production answers them"
    return CheckResult(name=NAME, outcome=outcome, summary=summary, advisory=advisory, facts=facts)


def twin_rows(result: TwinResult) -> list[dict[str, Fact]]:
    """Return a row per difference, at most `SHOWN`: operation, what, at, production, candidate, times. No values."""
    return [
        {
            "operation": key,
            "what": each.what,
            "at": each.at,
            "production": each.production,
            "candidate": each.candidate,
            "times": times,
        }
        for (key, each), times in sorted(result.differences.items())[:SHOWN]
    ]


def twin_skipped_rows(result: TwinResult) -> list[dict[str, Fact]]:
    """Return a row for each operation of which not everything was compared: operation, why."""
    return [{"operation": key, "why": why} for key, why in sorted(result.skipped.items())[:SHOWN]]
