"""Everything Dagster shows of the project, written down: a change of it is a change of this snapshot, seen in review.

OLORIN_UPDATE_SNAPSHOTS=1 pytest tests/test_definitions_snapshot.py writes it anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

ROOT = Path(__file__).parent.parent
SNAPSHOT = Path(__file__).with_name("definitions.json")
UPDATE = "OLORIN_UPDATE_SNAPSHOTS"


@cache
def definitions() -> dg.Definitions:
    from definitions import defs

    return defs() if callable(defs) else defs


def _name(key: dg.AssetKey) -> str:
    return key.to_user_string()


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _assets() -> dict[str, Any]:
    specs = sorted(definitions().resolve_all_asset_specs(), key=lambda spec: _name(spec.key))
    return {
        _name(spec.key): {
            "group": spec.group_name,
            "kinds": _list(spec.kinds),
            "owners": _list(spec.owners),
            "partitions": getattr(spec.partitions_def, "name", None),
            "after": _list(_name(dep.asset_key) for dep in spec.deps),
        }
        for spec in specs
    }


def _checks() -> dict[str, str]:
    given = definitions()
    with_checks = [
        item for item in [*(given.assets or ()), *(given.asset_checks or ())] if isinstance(item, dg.AssetsDefinition)
    ]
    specs = {spec.key.to_user_string(): spec for item in with_checks for spec in item.check_specs}
    return {name: "blocking" if spec.blocking else "never blocks" for name, spec in sorted(specs.items())}


def _jobs() -> dict[str, Any]:
    given = definitions()
    names = sorted(str(job.name) for job in given.jobs or ())
    jobs = {name: given.resolve_job_def(name) for name in names}
    return {
        name: {
            "assets": _list(_name(key) for key in job.asset_layer.executable_asset_keys),
            "partitions": getattr(job.partitions_def, "name", None),
            "executor": job.executor_def.name,
        }
        for name, job in jobs.items()
    }


def _automation() -> dict[str, Any]:
    given = definitions()
    sensors = {str(sensor.name): sensor for sensor in given.sensors or ()}
    schedules = {str(schedule.name): schedule for schedule in given.schedules or ()}
    return {
        "sensors": {
            name: {"status": sensor.default_status.value, "every_seconds": sensor.minimum_interval_seconds}
            for name, sensor in sorted(sensors.items())
        },
        "schedules": {
            name: {"status": schedule.default_status.value, "cron": schedule.cron_schedule}
            for name, schedule in sorted(schedules.items())
        },
    }


def snapshot() -> dict[str, Any]:
    return {"assets": _assets(), "checks": _checks(), "jobs": _jobs(), **_automation()}


def test_the_definitions_are_what_was_written_down():
    found = snapshot()
    if os.environ.get(UPDATE):
        SNAPSHOT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    assert found == json.loads(SNAPSHOT.read_text(encoding="utf-8")), f"if this is meant: {UPDATE}=1 pytest {__file__}"


def test_one_check_of_a_deployment_blocks_so_that_verdict_and_rollback_always_run():
    assets_of_the_run = set(_jobs()["verify_deployment"]["assets"].split(", "))
    blocking = [
        name for name, how in _checks().items() if how == "blocking" and name.split(":")[0] in assets_of_the_run
    ]
    assert blocking == ["rollback:deployment_accepted"]


def test_every_gate_that_decides_is_an_asset_of_the_run():
    from olorin_pipelines.verdict import GATES

    assert set(GATES) < set(_jobs()["verify_deployment"]["assets"].split(", "))


def test_every_asset_says_what_it_is():
    specs = definitions().resolve_all_asset_specs()
    assert [_name(spec.key) for spec in specs if not spec.description or not spec.owners or not spec.group_name] == []


def test_every_sensor_and_schedule_says_what_it_does_and_runs_by_default():
    given = definitions()
    automation = [*(given.sensors or ()), *(given.schedules or ())]
    assert [str(item.name) for item in automation if not item.description] == []
    assert [str(item.name) for item in automation if item.default_status.value != "RUNNING"] == []


def test_the_definitions_load_without_any_secret():
    environ = {name: value for name, value in os.environ.items() if name not in ("INVESTIGATIONS_TOKEN", "JWT_SECRET")}
    done = subprocess.run(
        [sys.executable, "-c", "import definitions"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_assets_of_another_folder_are_refused(tmp_path):
    shutil.copytree(ROOT / "assets", tmp_path / "assets")
    script = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import definitions"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "start Dagster in" in done.stderr
    assert str(tmp_path / "assets") in done.stderr
