"""The commands of docs/quickstart.md that are typed by hand, in two terminals, in the world that they start."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from olorin_pipelines.demo.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8").partition("## By hand")[2]
FIRST, SECOND = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[:2]
QUICK = {
    "OLORIN__SERVICES__INVESTIGATIONS__ROLLOUT__STEP_SECONDS": "3",
    "OLORIN__SERVICES__INVESTIGATIONS__ROLLOUT__MIN_REQUESTS": "20",
}


@contextmanager
def terminal(commands: str, log: Path, env: dict[str, str]):
    """Type the commands into a shell of its own; what it started is ended with the block."""
    with log.open("wb") as output:
        shell = subprocess.Popen(
            ["bash", "-e", "-c", commands], cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield shell
    finally:
        os.killpg(shell.pid, signal.SIGTERM)
        shell.wait(60)


def test_every_command_does_what_the_page_says(tmp_path):
    ports = {f"OLORIN__PORTS__{name}": str(free_port()) for name in ("UI", "ENVOY", "ADMIN", "FIRST_SERVICE")}
    env = {**os.environ, **ports, **QUICK, "OLORIN__HOME": str(tmp_path / "var")}
    for name in ("JWT_SECRET", "INVESTIGATIONS_TOKEN", "OLORIN_CONFIG", "DAGSTER_HOME"):
        env.pop(name, None)
    log = tmp_path / "first"
    with terminal(FIRST.replace("make dev", "exec .venv/bin/olorin dev"), log, env) as world:
        until = time.monotonic() + 120
        while "the Dagster UI is up" not in log.read_text():
            assert world.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        server, *commands = SECOND.splitlines()
        port = str(free_port())
        with terminal(f"exec {server.replace('8002', port).rstrip(' &')}", tmp_path / "second", env):
            for command in commands:
                told = _typed(command.replace("8002", port), env)
        assert "2.0.0" in told, "production is the version before again"


def _typed(command: str, env: dict[str, str]) -> str:
    """Type one command; an id that the page leaves open is that of the latest deployment."""
    if "DEPLOYMENT_ID" in command:
        known = json.loads(_typed(".venv/bin/olorin status investigations --json", env))
        command = command.replace("DEPLOYMENT_ID", known[0]["deployments"][0]["id"])
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout
