"""The trend of production comes from its recorded checks alone."""

from __future__ import annotations

import pytest

from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.registry import Registry
from olorin_pipelines.registry.trend import pass_rate, production_trend

HOUR = 3600.0


def test_the_trend_is_ordered_and_the_rate_looks_back_a_day(tmp_path):
    now = [0.0]
    registry = Registry(f"sqlite:///{tmp_path}/olorin.db", clock=lambda: now[0])
    for hour, outcome in enumerate([Outcome.FAIL] * 10 + [Outcome.PASS] * 21 + [Outcome.ERROR] * 3):
        now[0] = hour * HOUR
        result = GateResult(gate="p", outcome=outcome, summary="", facts={"operations_called": hour}, seconds=0.5)
        registry.record_production_check("pets", "1.0.0", result)
    frame = production_trend(registry.production_checks("pets", limit=100))
    registry.close()
    assert list(frame.columns) == ["version", "outcome", "operations_called", "seconds"]
    assert frame.index.is_monotonic_increasing
    assert list(frame["operations_called"])[:3] == [0, 1, 2]
    assert pass_rate(frame) == pytest.approx(21 / 24)
    assert pass_rate(frame, hours=3) == 0.0


def test_without_checks_there_is_no_rate():
    frame = production_trend([])
    assert frame.empty
    assert pass_rate(frame) is None
