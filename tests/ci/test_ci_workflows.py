"""The action and the workflows are well-formed, pinned and safe, as the linters of the field see them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BIN = Path(sys.executable).parent


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing():
    run(str(BIN / "zizmor"), "--offline", "--quiet", "action.yml", *map(str, WORKFLOWS))


@pytest.mark.parametrize("file", [ROOT / "action.yml", *WORKFLOWS], ids=lambda path: path.name)
def test_the_shape_is_that_of_github(file):
    schema = "vendor.github-actions" if file.name == "action.yml" else "vendor.github-workflows"
    run(str(BIN / "check-jsonschema"), "--builtin-schema", schema, str(file))


def test_actionlint_finds_nothing():
    actionlint = shutil.which("actionlint")
    if actionlint is None:
        pytest.skip("actionlint is not installed (go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12)")
    run(actionlint)


@pytest.mark.parametrize("file", [ROOT / "action.yml", *WORKFLOWS], ids=lambda path: path.name)
def test_actions_of_others_are_pinned_by_hash_with_their_version_beside_it(file):
    used = re.findall(r"uses: (\S+)(.*)", file.read_text())
    others = [(action, note) for action, note in used if not action.startswith("$/")]
    assert [action for action, note in others if not re.search(r"@[0-9a-f]{40}$", action) or "# v" not in note] == []
