"""`olorin status --watch`: drawn on a terminal, lines and objects elsewhere, and a clean end by Ctrl-C."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from rich.console import Console

from olorin_pipelines.cli.watch import drawn, line_of
from olorin_pipelines.config import load_config
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.live import Measured, Stage, Watched

LOOK = Watched(
    service="pets",
    at=1_000_010.0,
    production="1.0",
    retained="0.9",
    deployment_id="d",
    version="1.1",
    state="draining",
    verdict="accepted",
    weight=25,
    steps=(10, 25, 100),
    step_elapsed=3.0,
    step_seconds=8.0,
    mover="run@here",
    silent_seconds=0.4,
    measured=(Measured(name="error_rate", candidate=0.5, stable=0.0, limit=0.02, over=True),),
    decision="roll back",
    because="error rate 50.00%",
    weights=((1_000_000.0, 0), (1_000_005.0, 25)),
    rollback=(Stage("route", 0.01), Stage("drain", None)),
)


@pytest.fixture
def place(home):
    place = Workplace(load_config())
    place.registry.found_serving("pets", version="1.0", url="http://127.0.0.1:9")
    yield place
    place.registry.close()


def test_a_drawing_shows_everything():
    console = Console(record=True, width=120, file=io.StringIO())
    console.print(drawn(LOOK))
    text = console.export_text()
    for said in ("1.1", "draining", "25 %", "50.00%", "at most 2.00%", "route 0.01 s", "drain …", "run@here", "▃"):
        assert said in text


def test_a_line_shows_everything():
    line = line_of(LOOK)
    assert "error_rate 50.00%" in line
    assert "rollback route 0.01 s, drain …" in line


def test_a_closed_deployment_ends_the_watch_with_its_fate(olorin, place):
    row, _ = place.registry.announce("pets", environment="canary", version="1.1", url="http://127.0.0.1:9")
    place.registry.decide(row.id, verdict="rejected", decided_by="schema_diff", because="1 breaking change")
    place.registry.end(row.id, "rolled_back")
    said = olorin("status", "--watch", "--deployment", row.id, "--json")
    assert said.code == 1
    (found,) = [json.loads(line) for line in said.out.splitlines()]
    assert (found["version"], found["verdict"], found["outcome"]) == ("1.1", "rejected", "rolled_back")
    good, _ = place.registry.announce("pets", environment="canary", version="1.2", url="http://127.0.0.1:9")
    place.registry.end(good.id, "promoted")
    said = olorin("status", "--watch", "--deployment", good.id)
    assert (said.code, len(said.out.splitlines())) == (0, 1)


@pytest.mark.parametrize("terminal", [False, True])
def test_ctrl_c_ends_it_cleanly_and_each_change_is_one_object(home, place, terminal):
    outer, inner = pty.openpty() if terminal else (None, None)
    command = [sys.executable, "-c", _STARTED, "status", "pets", "--watch", *([] if terminal else ["--json"])]
    process = subprocess.Popen(
        command, cwd=home, stdout=inner if terminal else subprocess.PIPE, stderr=subprocess.PIPE, text=not terminal
    )
    try:
        if terminal:
            assert b"production 1.0" in _read(outer, b"production 1.0")
        else:
            assert json.loads(process.stdout.readline())["version"] == ""
            place.registry.announce("pets", environment="canary", version="1.1", url="http://127.0.0.1:9")
            assert json.loads(process.stdout.readline())["version"] == "1.1"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err or "") == (0, "")
    finally:
        process.kill()
        process.wait(10)
        for descriptor in (outer, inner):
            if descriptor is not None:
                os.close(descriptor)


_STARTED = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from olorin_pipelines.cli import main; sys.argv = ['olorin', *sys.argv[1:]]; main()"
)
"""As a shell in the foreground starts it: Ctrl-C is not ignored, whoever started the tests."""


def _read(descriptor, wanted: bytes) -> bytes:
    found, until = b"", time.monotonic() + 30
    while wanted not in found and time.monotonic() < until:
        found += os.read(descriptor, 65_536)
    return found
