"""`olorin workspace` writes what `dagster dev` starts from, once, and never over something else."""

from __future__ import annotations

from pathlib import Path

import yaml

from olorin_pipelines.cli import workspace as module


def test_the_files_point_at_the_code_location(olorin, home):
    said = olorin("workspace", "it's dagster")
    assert said.code == 0, said.all
    folder = home / "it's dagster"
    (entry,) = yaml.safe_load((folder / "workspace.yaml").read_text())["load_from"]
    location = Path(entry["python_module"]["working_directory"])
    assert (location / "definitions.py").is_file()
    assert (folder / "dagster.yaml").read_text() == (location / "dagster.yaml").read_text()
    assert f'export DAGSTER_HOME="{folder}"' in said.out
    assert olorin("workspace", str(folder)).code == 0, "what is there already is as it should be"


def test_a_file_that_says_something_else_is_left_alone(olorin, home):
    mine = home / "dagster.yaml"
    mine.write_text("telemetry: {enabled: true}")
    said = olorin("workspace")
    assert (said.code, "dagster.yaml is there already" in said.err) == (2, True)
    assert not (home / "workspace.yaml").exists()
    assert olorin("workspace", "--force").code == 0
    assert mine.read_text() != "telemetry: {enabled: true}"


def test_in_a_wheel_the_code_location_lies_below_the_package(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_PACKAGE", tmp_path)
    assert module._location() == tmp_path.parent
    (tmp_path / "location").mkdir()
    assert module._location() == tmp_path / "location"


def test_in_a_wheel_the_launcher_of_runs_has_a_longer_name(monkeypatch, tmp_path):
    settings = module._location() / "dagster.yaml"
    monkeypatch.setattr(module, "_PACKAGE", tmp_path)
    (tmp_path / "location").mkdir()
    (tmp_path / "location" / "dagster.yaml").write_text(settings.read_text())
    written = yaml.safe_load(module._settings(tmp_path / "location"))
    assert written["run_launcher"]["module"] == "olorin_pipelines.location.launcher"
