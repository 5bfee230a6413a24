"""What the assets show of contract tests: failures with their history, numbers that plot, reports, progress."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.presentation import logged
from olorin_pipelines.contract import Progress
from tests.surface.conftest import checks, materialised


def column(table, name: str) -> set[object]:
    return {record.data[name] for record in table.records}


def test_a_drift_of_production_is_red_with_its_operation_then_known_then_fixed(surface, release, tmp_path):
    broken = tmp_path / "broken"
    world = surface(release("stable", fault=broken))

    def look():
        result = world.run("check_production")
        return result, materialised(result)["production_contract"]

    broken.touch()
    result, drifted = look()
    assert not result.success
    assert not checks(result)["production_contract.honours_its_schema"]
    assert "GET /api/v1/investigations/" in str(drifted["summary"])
    assert (drifted["known"], drifted["fixed"]) == (0, 0)
    assert drifted["new"] > 0
    assert column(drifted["table/failures"], "state") == {"new"}
    result, again = look()
    assert not result.success
    assert (again["new"], again["known"], again["fixed"]) == (0, drifted["new"], 0)
    broken.unlink()
    result, mended = look()
    assert result.success
    assert (mended["new"], mended["known"], mended["fixed"]) == (0, 0, drifted["new"])
    assert "fixed: GET /api/v1/investigations/" in str(mended["summary"])
    assert mended["p95_ms"] > 0
    assert mended["coverage"] > 0
    assert [record.data["fixed"] for record in mended["table/history"].records] == [drifted["new"], 0, 0]


@pytest.mark.slow
def test_a_lying_release_shows_its_failures_and_links_its_reports(surface, release):
    world = surface(release("stable"))
    row = world.deployment(release("lying"), "2.2.0")
    found = materialised(world.run("verify_deployment", deployment=row))["contract_tests"]
    assert found["new"] == found["failures"] > 0
    assert column(found["table"], "state") == {"new"}
    for name in ("contract_page", "contract_junit", "contract_har"):
        assert Path(str(found[name])).read_text()
    assert column(found["table/left_behind"], "why") == {"the document has no DELETE for what it creates"}
    row = world.deployment(release("lying"), "2.2.1")
    again = materialised(world.run("verify_deployment", deployment=row))["contract_tests"]
    assert (again["new"], again["known"]) == (0, found["new"])


def test_progress_is_logged_every_few_seconds():
    told: list[str] = []
    tell = logged(told.append, every=5)
    for seconds in (1, 5, 6, 9, 11):
        tell(Progress(phase="coverage", asked=2, operations=9, cases=70, failures=1, seconds=seconds))
    assert told == [f"coverage: 2 of 9 operations, 70 requests, 1 failures, {at} s" for at in (5, 11)]
