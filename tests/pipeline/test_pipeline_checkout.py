"""A consumer in git is fetched at one revision; a fetch that fails is an error, never an older revision."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from olorin_pipelines.errors import ToolFailed
from olorin_pipelines.pipeline.checkout import checkout


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for text in ("one", "two"):
        (folder / "code.ts").write_text(text)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", text)
        git(folder, "tag", text)
    return folder


def test_the_revision_that_was_asked_for_is_there_without_its_history(repository, tmp_path):
    url = f"file://{repository}"
    assert (checkout(url, "one", below=tmp_path / "var") / "code.ts").read_text() == "one"
    folder = checkout(url, "main", below=tmp_path / "var")
    assert (folder / "code.ts").read_text() == "two"
    count = subprocess.run(
        ["git", "rev-list", "--count", "HEAD"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert count.stdout.strip() == "1"
    (repository / "code.ts").write_text("three")
    git(repository, "commit", "-qam", "three")
    assert (checkout(url, "main", below=tmp_path / "var") / "code.ts").read_text() == "three"


def test_a_fetch_that_fails_is_an_error_also_when_something_is_there(repository, tmp_path):
    url = f"file://{repository}"
    checkout(url, "main", below=tmp_path / "var")
    repository.rename(tmp_path / "moved")
    with pytest.raises(ToolFailed, match="git fetch failed"):
        checkout(url, "main", below=tmp_path / "var")


def test_two_consumers_of_one_repository_do_not_meet(repository, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(lambda _: checkout(f"file://{repository}", "main", below=tmp_path / "var"), range(4)))
    assert len(set(folders)) == 1


def test_a_program_as_transport_is_not_run(tmp_path):
    with pytest.raises(ToolFailed):
        checkout(f"ext::sh -c 'touch {tmp_path}/ran'", "main", below=tmp_path / "var")
    assert not (tmp_path / "ran").exists()
