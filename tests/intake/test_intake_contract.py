"""The intake keeps the contract that its own OpenAPI document is: this project's suite finds nothing."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from olorin_pipelines.openapi.discovery import discover
from olorin_pipelines.pipeline.examine import Asked, examine
from tests.intake.conftest import TOKEN

CONFIG = """\
services:
  pets: {environments: {production: {url: "http://127.0.0.1:9"}, canary: {url: "http://127.0.0.1:9"}}}
serve: {token: "${OLORIN_TOKEN}", gitlab_token: "${OLORIN_TOKEN}"}
"""


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A real `olorin serve` in a process of its own; the URL it says."""
    (tmp_path / "olorin.yaml").write_text(CONFIG)
    monkeypatch.setenv("OLORIN_TOKEN", TOKEN)
    command = [sys.executable, "-m", "olorin_pipelines", "serve", "--port", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        yield process, process.stderr.readline().split()[2].rstrip(";")
    finally:
        process.kill()
        process.communicate(timeout=10)


def test_it_says_where_it_listens_and_ends_at_once(served):
    process, url = served
    assert httpx.get(f"{url}/health", trust_env=False, timeout=30).json()["status"] == "ok"
    document = discover(url, headers={"Authorization": f"Bearer {TOKEN}"})
    assert document.version
    process.terminate()
    assert process.wait(20) in (0, -15)


@pytest.mark.slow
def test_the_contract_suite_finds_nothing(served, tmp_path):
    """All operations but GitHub's webhook, whose signature nobody can make who does not know its secret."""
    _, url = served
    asked = Asked(
        url=url,
        headers={"Authorization": f"Bearer {TOKEN}", "X-Gitlab-Token": TOKEN},
        operations=(
            "announceDeployment",
            "readDeployment",
            "announceByGitLab",
            "readMetrics",
            "readHealth",
            "readDocument",
        ),
        seconds=90,
        isolated=True,
    )
    tested = examine(asked, workdir=tmp_path)
    assert [f"{each.check} {each.operation}: {each.message}" for each in tested.failures] == []
    assert tested.outcome.value == "pass", tested
