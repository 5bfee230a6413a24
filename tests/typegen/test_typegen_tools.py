"""The programs themselves: found or missing with a fix, bounded, ended with their group, and read as plain text."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from olorin_pipelines import typegen
from olorin_pipelines.errors import ToolFailed, ToolMissing
from olorin_pipelines.typegen import Diagnostic, find_toolchain, install, toolchain
from olorin_pipelines.typegen.compiler import read_output
from olorin_pipelines.typegen.process import last_lines, plain, run
from tests.typegen.conftest import eventually


def test_the_public_names_are_sorted_and_complete():
    assert list(typegen.__all__) == sorted(typegen.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(typegen, name) for name in typegen.__all__)


def test_missing_packages_name_the_fix(tmp_path, monkeypatch):
    monkeypatch.setattr(toolchain, "NODE_DIR", tmp_path)
    with pytest.raises(ToolMissing, match="does not exist") as caught:
        find_toolchain()
    assert caught.value.hint.startswith("make install")


def test_packages_that_are_not_the_pinned_ones_are_missing(tmp_path, monkeypatch):
    lock = (toolchain.NODE_DIR / "package-lock.json").read_text()
    monkeypatch.setattr(toolchain, "NODE_DIR", tmp_path)
    (tmp_path / "package-lock.json").write_text(lock)
    (tmp_path / "node_modules").mkdir()
    stale = json.loads(lock)
    stale["packages"]["node_modules/openapi-typescript"]["integrity"] = "sha512-other"
    (tmp_path / "node_modules" / ".package-lock.json").write_text(json.dumps(stale))
    with pytest.raises(ToolMissing, match=r"is not what package-lock\.json pins"):
        find_toolchain()


def test_missing_node_names_the_fix(monkeypatch):
    monkeypatch.setattr(toolchain, "_own_nodes", lambda: iter(()))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolMissing, match="Node is not installed") as caught:
        find_toolchain()
    assert caught.value.hint.startswith("make install")


def test_a_node_on_path_that_is_too_old_is_refused(tmp_path, monkeypatch):
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v20.11.0\n")
    old.chmod(0o755)
    monkeypatch.setattr(toolchain, "_own_nodes", lambda: iter(()))
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    with pytest.raises(ToolMissing, match="is version 20, 22 is needed"):
        toolchain.find_node()


def test_the_lockfile_names_no_registry_and_pins_exactly():
    package = json.loads((toolchain.NODE_DIR / "package.json").read_text())
    assert package["dependencies"] == {
        "ajv": "8.20.0",
        "ajv-formats": "3.0.1",
        "esbuild": "0.28.2",
        "openapi-typescript": "7.13.0",
        "typescript": "5.9.3",
        "typescript7": "npm:typescript@7.0.2",
    }
    lock = json.loads((toolchain.NODE_DIR / "package-lock.json").read_text())
    assert not any("resolved" in entry for entry in lock["packages"].values())
    assert all("integrity" in entry for name, entry in lock["packages"].items() if name)


def test_installing_again_does_nothing(capsys):
    if not toolchain.in_step(toolchain.NODE_DIR / "node_modules"):
        pytest.skip("the packages are not installed: run `make install`")
    assert install.main([]) == 0
    assert "already in place" in capsys.readouterr().err


def test_an_install_that_fails_says_what_npm_said(tmp_path, monkeypatch, capsys):
    failing = (sys.executable, "-c", "import sys; sys.exit('npm error network request failed')")
    monkeypatch.setattr(install, "_npm", lambda: failing)
    assert install.main([str(tmp_path / "home")]) == 1
    said = capsys.readouterr().err
    assert "npm error network request failed" in said
    assert "fix: npm needs its registry" in said


def test_a_program_that_does_not_end_is_killed_with_its_children(tmp_path):
    script = "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    script = f"import sys; sys.stdout = open({str(tmp_path / 'pid')!r}, 'w')\n" + script
    with pytest.raises(ToolFailed, match=r"slow did not end within 3 s"):
        run([sys.executable, "-c", script], tool="slow", cwd=tmp_path, timeout=3.0)
    child = int((tmp_path / "pid").read_text())
    assert eventually(lambda: not _runs(child)), "it was sent the signal; on a busy machine it is gone a moment later"


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_output_without_end_is_cut(tmp_path):
    endless = "while True: print('x' * 10000)"
    with pytest.raises(ToolFailed, match="wrote more than 100,000 bytes"):
        run([sys.executable, "-c", endless], tool="loud", cwd=tmp_path, timeout=30, limit=100_000)


def test_the_environment_of_the_caller_does_not_reach_a_program(tmp_path, monkeypatch):
    monkeypatch.setenv("NODE_OPTIONS", "--require=/evil.js")
    ended = run(
        [sys.executable, "-c", "import os; print(os.environ.get('NODE_OPTIONS'))"], tool="p", cwd=tmp_path, timeout=30
    )
    assert ended.stdout.strip() == b"None"


def test_control_characters_are_shown_not_obeyed():
    assert plain(b"a\x1b[31mb\r\nc\xe2\x80\xae\xff") == "a\\x1b[31mb\nc\\u202e\ufffd"
    assert last_lines(b"\n \n") == "it said nothing"
    assert last_lines(b"1\n\n2\n3\n", 2) == "2\n3"


def test_the_output_of_the_compiler_is_read_as_values():
    output = (
        "src/a (b).ts(3,7): error TS2322: Type 'A' is not assignable to type 'import(\"/tmp/x/src/b\").B'.\n"
        "  Types of property 'c' are incompatible.\n"
        "tsconfig.json(1,30): error TS5108: Option 'x' has been removed.\n"
        "error TS5058: The specified path does not exist.\n"
        "src/b.ts\n"
        "   Imported via \"./b\" from file 'src/a.ts'\n"
        "src/c.ts\n"
        "   Matched by include pattern 'src' in 'tsconfig.json'\n"
    )
    read = read_output(output, hide=(Path("/tmp/x"),))  # noqa: S108 - a path in a text
    message = "Type 'A' is not assignable to type 'import(\"src/b\").B'.\n  Types of property 'c' are incompatible."
    assert read.diagnostics == (Diagnostic("src/a (b).ts", 3, 7, "TS2322", message),)
    assert len(read.faults) == 2
    assert read.imported == {"src/b.ts"}
