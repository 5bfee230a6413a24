"""How did a service do lately? Its recorded checks and its runs of contract tests, as rows and as pandas frames."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from olorin_pipelines.gate import Fact, GateResult, Outcome
from olorin_pipelines.registry.tables import ContractRun, ProductionCheck

if TYPE_CHECKING:
    import pandas

__all__ = ["failure_trend", "history_rows", "pass_rate", "production_trend"]

NUMBERS = ("failures", "new", "known", "flaky", "fixed", "p95_ms", "coverage")
"""What is kept of each run of contract tests."""

COLUMNS = ("checked_at", "version", "outcome", "operations_called", "seconds")


def production_trend(checks: Sequence[ProductionCheck]) -> pandas.DataFrame:
    """Return one row per check, oldest first, indexed by its time (UTC), with `COLUMNS` but the first.

    `operations_called` is 0 where nothing could be called; `seconds` is what the check took.
    """
    import pandas  # 0.5 s of import: only where a frame is wanted

    rows = []
    for check in checks:
        result = GateResult.from_json(check.result)
        called = int(result.facts.get("operations_called") or 0)
        rows.append((check.checked_at, check.version, check.outcome, called, result.seconds))
    frame = pandas.DataFrame(rows, columns=list(COLUMNS))
    frame["checked_at"] = pandas.to_datetime(frame["checked_at"], unit="s", utc=True)
    return frame.set_index("checked_at").sort_index()


def history_rows(runs: Sequence[ContractRun]) -> list[dict[str, Fact]]:
    """Return a row per run, in their order: when (ISO 8601, UTC), version, and its `NUMBERS`."""
    return [
        {
            "at": datetime.fromtimestamp(run.at, UTC).isoformat(timespec="seconds"),
            "version": run.version,
            **{name: run.numbers.get(name) for name in NUMBERS},
        }
        for run in runs
    ]


def failure_trend(runs: Sequence[ContractRun]) -> pandas.DataFrame:
    """Return the runs of contract tests as a frame, oldest first, indexed by their time (UTC)."""
    import pandas

    frame = pandas.DataFrame(history_rows(runs), columns=["at", "version", *NUMBERS])
    frame["at"] = pandas.to_datetime(frame["at"], utc=True)
    return frame.set_index("at").sort_index()


def pass_rate(frame: pandas.DataFrame, *, hours: float = 24.0) -> float | None:
    """Return the share of the checks that passed within `hours` of the last one, None without checks."""
    import pandas

    if frame.empty:
        return None
    window = frame[frame.index > frame.index[-1] - pandas.Timedelta(hours=hours)]
    return float((window["outcome"] == Outcome.PASS.value).mean())
