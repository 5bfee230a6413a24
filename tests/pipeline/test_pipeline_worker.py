"""Whether the process that works on a deployment is gone: told of this machine alone, and never guessed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from olorin_pipelines.pipeline import worker


def ended() -> dict[str, object]:
    """The name of a process that has ended."""
    code = "import json; from olorin_pipelines.pipeline.worker import here; print(json.dumps(here()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_this_process_is_here():
    assert not worker.gone(worker.here())


def test_one_that_ended_is_gone():
    assert worker.gone(ended())


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        ({"began": 1.0}, True),  # another process has its number now
        ({"where": "another machine"}, False),
        ({"where": ""}, False),
    ],
)
def test_who_is_meant_is_never_guessed(change, gone):
    assert worker.gone({**worker.here(), **change}) is gone


def test_what_was_not_told_is_not_gone():
    assert not worker.gone({})
