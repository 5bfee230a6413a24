"""The commands of docs/runbooks/rollback.md, run in order in a world where production went bad."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import pytest
from fault_world import ROOT, FaultWorld

pytestmark = pytest.mark.slow
PAGE = (ROOT / "docs" / "runbooks" / "rollback.md").read_text(encoding="utf-8")


def test_every_command_of_the_runbook_does_what_it_says(tmp_path):
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    with FaultWorld(tmp_path) as world:
        world.worker().communicate(timeout=60)
        world.users_get("2.2.0")
        said = {}
        for command in commands:
            words = shlex.split(command.replace("DEPLOYMENT_ID", world.deployment))
            assert words[0] == ".venv/bin/olorin"
            done = subprocess.run(
                [sys.executable, "-m", "olorin_pipelines", *words[1:]],
                env={**os.environ, "OLORIN_CONFIG": str(world.file)},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, (command, done.stdout, done.stderr)
            said[words[1]] = done.stdout
        world.users_get("2.1.0")
        assert world.outcome == "rolled_back"
        assert "checkout is slow" in said["status"]
        assert said["guard"] == ""
        assert world.rollbacks[0].detail["by"].startswith("olorin rollback@")
