"""The action and the workflows are well-formed, pinned and safe, as the linters of the field see them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

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


@pytest.mark.parametrize(
    ("tag", "notes"),
    [("v0.1.1", "the one that is meant"), ("v0.1.10", "a later one"), ("v0.1", None), ("v9.9.9", None)],
)
def test_a_release_gets_its_own_part_of_the_changelog_or_none(tmp_path, tag, notes):
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## Unreleased\n\nnew\n\n## 0.1.10 - 2027-02-01\n\na later one\n\n"
        "## [0.1.1] - 2027-01-01\n\nthe one that is meant\n\n## 0.1.0\n\nthe first\n\n## 9.9.9\n\n"
    )
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
    (step,) = [one for one in workflow["jobs"]["release"]["steps"] if one.get("name") == "Its part of the changelog"]
    command = ["bash", "-euo", "pipefail", "-c", step["run"]]
    done = subprocess.run(command, cwd=tmp_path, env={"PATH": os.defpath, "TAG": tag}, check=False)
    assert (done.returncode == 0) == (notes is not None)
    if notes is not None:
        assert (tmp_path / "notes.md").read_text().strip() == notes
