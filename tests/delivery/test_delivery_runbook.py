"""The commands of docs/runbooks/rollback.md, run in order in a world where production went bad."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from contextlib import closing

import pytest
from delivery_world import SERVICE, TinyBackend, eventually
from fault_world import ROOT, FaultWorld

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PAGE = (ROOT / "docs" / "runbooks" / "rollback.md").read_text(encoding="utf-8")


def test_every_command_of_the_runbook_does_what_it_says(tmp_path):
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    slow = "steps: [10, 100], step_seconds: 60, step_deadline_seconds: 60, min_requests: 3"
    newer = TinyBackend("2.3.0")
    with FaultWorld(tmp_path) as world, closing(newer):
        world.worker().communicate(timeout=60)
        world.users_get("2.2.0")
        world.file.write_text(re.sub(r"steps: .*(?=\})", slow, world.file.read_text()))
        worker = world.worker(deployment=world.announce(newer.backend))
        eventually(lambda: world.weights().get("2.3.0") == 10, within=30)
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
            said[" ".join(words[1:3])] = done.stdout
        assert worker.communicate(timeout=30)[0].split() == ["paused"]
        assert "2.3.0" in said["rollout pause"]
        assert "paused" in said["rollout abort"]
        taken, production = reversed(world.registry.rollbacks(SERVICE))
        assert (taken.from_version, taken.to_version, taken.outcome) == ("2.3.0", "2.2.0", "rolled_back")
        assert (production.from_version, production.to_version) == ("2.2.0", "2.1.0")
        assert production.detail["by"].startswith("olorin rollback@")
        world.users_get("2.1.0")
        assert world.outcome == "rolled_back"
        assert "checkout is slow" in said["status --deployment"]
        assert said["guard --once"] == ""
