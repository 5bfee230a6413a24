"""`olorin types`: what it writes, what it leaves alone, how it ends, and that it goes on watching."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from olorin_pipelines.errors import ToolMissing
from olorin_pipelines.typegen import FILES, find_toolchain, toolchain

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module", autouse=True)
def _tools():
    try:
        find_toolchain()
    except ToolMissing as error:
        pytest.skip(f"{error.message}: run `make install`")


@pytest.fixture
def document(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "openapi.json")


def write(path: Path, kind: str = "string") -> Path:
    schema = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Name"}}}}
    whole = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": kind},
        "paths": {f"/v{n}/pets": {"get": {"responses": {"200": {"description": "", **schema}}}} for n in (1, 2)},
        "components": {"schemas": {"Name": {"type": kind}}},
    }
    path.write_text(json.dumps(whole))
    return path


def test_it_writes_all_files_and_then_touches_none(olorin, document):
    said = olorin("types", "openapi.json", "--out", "src/api")
    assert said.code == 0
    assert "6 of 6 files written" in said.out
    assert sorted(path.name for path in Path("src/api").iterdir()) == sorted(FILES)
    times = {path.name: path.stat().st_mtime_ns for path in Path("src/api").iterdir()}
    again = olorin("types", "openapi.json", "--out", "src/api")
    assert (again.code, again.out) == (0, "src/api: unchanged\n")
    assert {path.name: path.stat().st_mtime_ns for path in Path("src/api").iterdir()} == times


def test_a_change_writes_only_the_files_that_it_changes(olorin, document):
    olorin("types", "openapi.json", "--out", "api")
    write(document, "integer")
    data = olorin("types", "openapi.json", "--out", "api", "--json").data
    assert data["outcome"] == "written"
    assert set(data["changed"]) == set(FILES) - {"client.ts", "validators.d.ts"}


def test_paths_choose_a_version(olorin, document):
    assert olorin("types", "openapi.json", "--out", "v2", "--paths", "/v2/**").code == 0
    text = Path("v2/schema.d.ts").read_text()
    assert "/v2/pets" in text
    assert "/v1/pets" not in text
    said = olorin("types", "openapi.json", "--out", "v3", "--paths", "/v3/**")
    assert said.code == 2
    assert "no path matches /v3/**" in said.err
    assert not Path("v3").exists()


def test_types_that_do_not_compile_are_said_and_change_nothing(olorin, document):
    olorin("types", "openapi.json", "--out", "api")
    before = Path("api/schema.d.ts").read_bytes()
    document.write_text(document.read_text().replace('"Name": {', '"Other": {'))
    said = olorin("types", "openapi.json", "--out", "api")
    assert said.code == 1
    assert "TS2339" in said.err
    assert Path("api/schema.d.ts").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.json", "--out", "api"], "there is no such file"),
        (["-", "--out", "api", "--watch"], "standard input cannot be watched"),
        (["openapi.json"], "--out"),
    ],
)
def test_usage_ends_with_two(olorin, document, arguments, words):
    said = olorin("types", *arguments)
    assert said.code == 2
    assert words in said.err


def test_missing_tools_end_with_three_and_the_fix(olorin, document, monkeypatch):
    monkeypatch.setattr(toolchain, "_own_nodes", lambda: iter(()))
    monkeypatch.setenv("PATH", "")
    said = olorin("types", "openapi.json", "--out", "api")
    assert said.code == 3
    assert "Node is not installed" in said.err
    assert "fix: make install" in said.err
    assert not Path("api").exists()


def test_standard_input_and_a_git_revision_are_read(document, tmp_path):
    run = {
        "cwd": tmp_path,
        "capture_output": True,
        "text": True,
        "timeout": 60,
        "env": {**os.environ, "PYTHONPATH": str(ROOT)},
    }
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", *command], check=True, **run)
    olorin = [sys.executable, "-m", "olorin_pipelines", "types"]
    text = document.read_text()
    piped = subprocess.run([*olorin, "-", "--out", "piped"], input=text, check=False, **run)
    write(document, "integer")
    kept = subprocess.run([*olorin, "HEAD:openapi.json", "--out", "kept"], check=False, **run)
    assert (piped.returncode, kept.returncode) == (0, 0), piped.stderr + kept.stderr
    assert (tmp_path / "piped/schema.d.ts").read_bytes() == (tmp_path / "kept/schema.d.ts").read_bytes()


def test_watching_writes_again_and_ends_with_an_interrupt(document, tmp_path):
    command = [sys.executable, "-m", "olorin_pipelines", "types", "openapi.json", "--out", "api", "--watch", "--json"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # it may be ignored here
    ) as process:
        try:
            assert json.loads(process.stdout.readline())["outcome"] == "written"
            document.write_text("{")
            while b"invalid JSON" not in process.stderr.readline():
                assert process.poll() is None
            write(document, "integer")
            assert "schema.d.ts" in json.loads(process.stdout.readline())["changed"]
            children = _children(process.pid)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0
        finally:
            process.kill()
    end = time.monotonic() + 10
    while time.monotonic() < end and any(Path(f"/proc/{child}").exists() for child in children):
        time.sleep(0.02)
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
