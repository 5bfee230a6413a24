"""The customer's limits hold, and passing one fails."""

from __future__ import annotations

import json
import sys

import pytest

import bench.__main__ as command
from bench.slice import LIMITS, measure


def figures(**medians: float) -> dict:
    return {
        name: {"median_s": medians.get(name, 0.1), "runs_s": [medians.get(name, 0.1)], "limit_s": limit}
        for name, limit in {**LIMITS, "diff": None}.items()
    }


@pytest.mark.parametrize(("over", "code"), [({}, 0), ({"diff": 999.0}, 0), ({"event_to_rolled_back": 121.0}, 1)])
def test_the_exit_code_tells_a_passed_limit(monkeypatch, capsys, over, code):
    monkeypatch.setattr("bench.slice.measure", lambda *, runs, say: figures(**over))
    monkeypatch.setattr(sys, "argv", ["bench", "slice", "--json"])
    assert command.main() == code
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert report["machine"]["cores"] >= 1
    assert set(report["figures"]) >= set(LIMITS)
    assert [line.removeprefix("over the limit: ") for line in printed.err.splitlines()] == list(over) * code


def test_the_limits_are_the_customers():
    assert LIMITS == {"schema_capture": 5.0, "types": 10.0, "contract_suite": 60.0, "event_to_rolled_back": 120.0}


@pytest.mark.slow
@pytest.mark.timeout(480)
def test_the_main_job_stays_within_the_customers_limits():
    measured = measure(runs=1, say=lambda text: None)
    assert set(measured) >= {*LIMITS, "diff", "event_to_run", "event_to_verdict"}
    over = {
        name: figure
        for name, figure in measured.items()
        if figure["limit_s"] and figure["median_s"] > figure["limit_s"]
    }
    assert not over


def test_a_missing_path_is_a_usage_error_that_names_it(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench", "agreement", "no-such-folder"])
    with pytest.raises(SystemExit, match="2"):
        command.main()
    assert "there is no no-such-folder" in capsys.readouterr().err
