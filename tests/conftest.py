"""What several tests need: a started release of the example service, and a workplace of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from olorin_pipelines.config import load_config
from olorin_pipelines.pipeline.case import Workplace

ROOT = Path(__file__).parent.parent
SECRET = "a-secret-of-the-tests-that-is-long-enough"
START_SECONDS = 30.0
MANY_MINUTES = {
    "test_ci_elsewhere",
    "test_cli_runbooks",
    "test_contract_corpus",
    "test_contract_faults",
    "test_contract_parity",
    "test_delivery_faults",
    "test_delivery_faults_around",
    "test_delivery_faults_database",
    "test_delivery_faults_guard",
    "test_delivery_faults_measured",
    "test_delivery_faults_outside",
    "test_delivery_faults_proxies",
    "test_delivery_faults_writers",
    "test_delivery_machine",
    "test_delivery_runbook",
    "test_demo_killed_dagster",
    "test_demo_live_dry_run",
    "test_demo_live_resume",
    "test_demo_quickstart",
    "test_demo_stories",
    "test_deploy_image",
    "test_packaging_wheel",
    "test_typegen_habits",
    "test_typegen_matrix",
    "test_typegen_oracle",
    "test_typegen_styles",
}
"""Modules whose slow tests take many minutes together: `make test-all` runs them, .ci/run does not."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is too long for each submission."""
    for item in items:
        if item.path.stem in MANY_MINUTES and item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.exhaustive)


@pytest.fixture(scope="session")
def token() -> str:
    command = [sys.executable, "-m", "examples.olorin.server.token", "--minutes", "60"]
    env = {**os.environ, "JWT_SECRET": SECRET}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture(scope="session")
def release(tmp_path_factory) -> Iterator[Callable[..., str]]:
    """Start a release of the example service once per name and version; returns its URL."""
    started: dict[tuple[str, ...], tuple[subprocess.Popen[bytes], str]] = {}

    def start(name: str, *options: str, fault: Path | None = None) -> str:
        key = (name, *options, str(fault or ""))
        if key not in started:
            log = tmp_path_factory.mktemp("server") / "log"
            env = {**os.environ, "JWT_SECRET": SECRET, "FAULT_FILE": str(fault or "")}
            command = [sys.executable, "-m", "examples.olorin.server", "--release", name, "--port", "0", *options]
            with log.open("wb") as output:
                process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT)
            started[key] = (process, "")
            started[key] = (process, _ready(process, log))
        return started[key][1]

    yield start
    for process, _ in started.values():
        process.terminate()
    for process, _ in started.values():
        process.wait(timeout=10)


def _ready(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        if found:
            assert httpx.get(f"{found[0]}/health/ready", timeout=START_SECONDS, trust_env=False).status_code == 200
            return found[0]
    raise AssertionError(f"the example service did not start: {log.read_text()}")


@pytest.fixture
def workplace(tmp_path, token, monkeypatch) -> Iterator[Callable[..., Workplace]]:
    """Make a workplace whose production answers at a URL; keyword arguments are laid over the service."""
    monkeypatch.setenv("INVESTIGATIONS_TOKEN", token)
    opened: list[Workplace] = []

    def make(production: str, *, extra: str = "") -> Workplace:
        file = tmp_path / "olorin.yaml"
        consumer = ROOT / "examples" / "olorin" / "consumer"
        file.write_text(
            f"""\
services:
  investigations:
    auth: {{bearer: "${{INVESTIGATIONS_TOKEN}}"}}
    environments:
      production: {{url: "{production}"}}
      canary: {{url: "http://127.0.0.1:9", isolated_data: true}}
      shared: {{url: "http://127.0.0.1:9"}}
    consumers:
      - {{name: consumer, path: "{consumer}"}}
{extra}"""
        )
        opened.append(Workplace(load_config(file, environ={})))
        return opened[-1]

    yield make
    for place in opened:
        place.registry.close()
