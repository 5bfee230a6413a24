"""The code location loads where nothing of Olorin is set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow
def test_the_definitions_are_valid_without_any_secret(tmp_path):
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    scripts = Path(sys.executable).parent
    done = subprocess.run(
        [scripts / "dagster", "definitions", "validate", "-w", "workspace.yaml"],
        cwd=ROOT,
        env={**keep, "DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "yes"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
