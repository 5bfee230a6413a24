"""The examples for GitLab and pre-commit in docs/ci.md: their shape, and their lines, run with a break and without."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.test_ci_action import repository, written

__all__ = ["repository", "written"]

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")


def block(after: str) -> str:
    """The first YAML block behind some words of the page."""
    return re.search(r"^```yml\n(.*?)^```", PAGE[PAGE.index(after) :], re.MULTILINE | re.DOTALL)[1]


GITLAB: dict[str, Any] = yaml.safe_load(block("GitLab ("))["api-contract"]
HOOK: dict[str, Any] = yaml.safe_load(block("pre-commit, before a push"))["repos"][0]["hooks"][0]


def run(line: str, folder: Path, head: str) -> subprocess.CompletedProcess[str]:
    """Run a line on a branch of the repository, whose target is a branch of its remote."""
    subprocess.run(["git", "checkout", "-q", head], cwd=folder, check=True)
    subprocess.run(["git", "update-ref", "refs/remotes/origin/main", "main"], cwd=folder, check=True)
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", line],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_gitlab_takes_its_shape(tmp_path):
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text(block("GitLab ("))
    check = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    done = subprocess.run([*check, str(file)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("head", "code"), [("harmless", 0), ("breaking", 1)])
def test_the_lines_for_gitlab_block_a_break_and_leave_what_is_kept(repository, head, code):
    install, tools, *lines = GITLAB["script"]
    assert (install.split()[:2], tools.split()[:3]) == (
        ["pip", "install"],
        ["python", "-m", "olorin_pipelines.typegen.install"],
    ), "what is installed here already"
    done = run("\n".join(lines), repository, head)
    assert done.returncode == code, done.stdout + done.stderr
    (kept,) = GITLAB["artifacts"]["paths"]
    assert {path.name for path in (repository / kept).iterdir()} >= {"report.md", "junit.xml"}
    assert (repository / GITLAB["artifacts"]["reports"]["junit"]).is_file()
    assert GITLAB["variables"]["GIT_DEPTH"] == "0", "the base is a revision"


@pytest.mark.slow
@pytest.mark.parametrize(("head", "code"), [("harmless", 0), ("breaking", 1)])
def test_the_hook_of_pre_commit_stops_a_push_that_breaks(repository, head, code):
    done = run(HOOK["entry"], repository, head)
    assert done.returncode == code, done.stdout + done.stderr
    assert re.search(HOOK["files"], "openapi.json")
    assert (HOOK["language"], HOOK["pass_filenames"], HOOK["stages"]) == ("system", False, ["pre-push"])
