"""The built wheel, in a clean environment with no source within reach, does what the command line promises."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from wheels import ROOT, built, installed, pythons, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TODAY = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets": {
            "get": {
                "responses": {
                    "200": {
                        "description": "all of them",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                    }
                }
            }
        }
    },
    "components": {
        "schemas": {
            "Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "age": {}}}
        }
    },
}
CONFIG = """\
services:
  pets:
    environments:
      production: {url: "http://127.0.0.1:9"}
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return built(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module", params=list(pythons()))
def place(request, wheel, tmp_path_factory) -> tuple[Path, Path]:
    """An environment with the wheel, one for each Python, and a folder that has nothing to do with the source."""
    python = pythons()[request.param]
    if python is None:
        pytest.skip(f"this machine has no Python {request.param}")
    folder = tmp_path_factory.mktemp(f"python-{request.param}")
    work = folder / "work"
    work.mkdir()
    (work / "today.json").write_text(json.dumps(TODAY))
    less = json.loads(json.dumps(TODAY))
    less["components"]["schemas"]["Pet"] = {"type": "object", "properties": {"age": {}}}
    (work / "less.json").write_text(json.dumps(less))
    (work / "olorin.yaml").write_text(CONFIG)
    return installed(wheel, folder, python=python), work


def test_the_wheel_holds_what_is_no_python_too(wheel):
    tracked = run("git", "ls-files", "olorin_pipelines", cwd=ROOT)
    if tracked.returncode:
        pytest.skip("this is no clone: what belongs into the wheel is not known")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert set(tracked.stdout.split()) - held == set()
    below = {name.split("/")[0] for name in held}
    assert {name for name in below if not name.startswith("olorin_pipelines")} == set(), "no short name for all to see"


def test_it_is_the_installed_package_that_runs(place):
    binaries, work = place
    asked = "import olorin_pipelines, sys; print(olorin_pipelines.__file__); print(*sys.path)"
    done = run(binaries / "python", "-c", asked, cwd=work)
    assert str(binaries.parent) in done.stdout.splitlines()[0]
    assert str(ROOT) not in done.stdout


def test_the_commands_end_as_they_promise(place):
    binaries, work = place
    helped = run(binaries / "olorin", "--help", cwd=work)
    assert (helped.returncode, "can-i-deploy" in helped.stdout) == (0, True)
    judged = ("check", "--base", "today.json", "--skip", "generated_types", "--head")
    same = run(binaries / "olorin", *judged, "today.json", cwd=work)
    assert (same.returncode, "accepted" in same.stdout) == (0, True), same.stdout + same.stderr
    less = run(binaries / "olorin", *judged, "less.json", cwd=work)
    assert (less.returncode, "rejected: schema_diff" in less.stdout) == (1, True), less.stdout + less.stderr
    assert "less.json:1:" in less.stdout


def test_types_are_made_once_doctor_has_brought_the_tools(place):
    binaries, work = place
    without = run(binaries / "olorin", "types", "today.json", "--out", "api", cwd=work)
    assert (without.returncode, "olorin doctor --install" in without.stderr) == (3, True)
    cached = str(Path.home() / ".npm")
    brought = run(binaries / "olorin", "doctor", "--install", "--json", cwd=work, NPM_CONFIG_CACHE=cached)
    node = next(one for one in json.loads(brought.stdout)["found"] if one["name"] == "Node")
    if "registry" in brought.stderr:
        pytest.skip(f"npm's registry cannot be reached: {brought.stderr[-300:]}")
    assert node["state"] == "ok", brought.stderr
    made = run(binaries / "olorin", "types", "today.json", "--out", "api", cwd=work)
    assert made.returncode == 0, made.stderr
    assert "age?" in (work / "api" / "schema.d.ts").read_text()
    full = run(binaries / "olorin", "check", "--base", "today.json", "--head", "today.json", cwd=work)
    assert (full.returncode, "generated_types: compile" in full.stdout) == (0, True), full.stdout + full.stderr


def test_dagster_loads_the_code_location_that_came_with_it(place):
    binaries, work = place
    folder = work / "dagster"
    shutil.rmtree(folder, ignore_errors=True)
    written = run(binaries / "olorin", "workspace", folder, cwd=work)
    assert written.returncode == 0, written.stderr
    env = {"DAGSTER_HOME": str(folder), "DAGSTER_DISABLE_TELEMETRY": "yes"}
    valid = run(binaries / "dagster", "definitions", "validate", "-w", folder / "workspace.yaml", cwd=work, **env)
    assert valid.returncode == 0, valid.stdout + valid.stderr
    assert "olorin" in valid.stdout + valid.stderr


def test_a_registry_of_the_first_release_is_upgraded(place):
    binaries, work = place
    (work / "var").mkdir(exist_ok=True)
    file = work / "var" / "olorin.db"
    file.unlink(missing_ok=True)
    first = ROOT / "tests" / "registry" / "first_release"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((first / "sqlite.sql").read_text() + (first / "rows.sql").read_text())
    done = run(binaries / "olorin", "registry", "upgrade", "--json", cwd=work)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["before"] == "0001"
    assert "rolled_back" in run(binaries / "olorin", "status", "pets", cwd=work).stdout
