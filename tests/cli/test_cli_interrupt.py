"""Ctrl-C at any moment: no traceback, no process left, no half-written state."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from olorin_pipelines.delivery.scalers import children
from olorin_pipelines.demo import processes as processes_module
from olorin_pipelines.demo.processes import Processes

ROOT = Path(__file__).parent.parent.parent
SCRIPT = Path(sys.executable).with_name("olorin")
FREE_PORTS = {f"OLORIN__PORTS__{name}": "0" for name in ("UI", "ENVOY", "ADMIN", "FIRST_SERVICE")}
WAITS = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture(autouse=True)
def _interruptible():
    """A shell that starts the tests in the background has told them to ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def ctrl_c() -> None:
    """A Ctrl-C as the supervisor gets it, whose one thread is the main one; a process of pytest-xdist has more."""
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def test_a_signal_between_start_and_record_waits_for_the_record(tmp_path, monkeypatch):
    made = Processes(tmp_path / "pids.json", tmp_path / "logs")
    started = subprocess.Popen

    def interrupted(*args, **options):
        process = started(*args, **options)
        ctrl_c()
        return process

    monkeypatch.setattr(processes_module.subprocess, "Popen", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made.start("child", WAITS, cwd=tmp_path, env=dict(os.environ))
    assert made.names() == ["child"]
    (child,) = children.load(made.record)
    made.stop_all()
    assert not psutil.pid_exists(child.pid)


def test_a_second_ctrl_c_waits_until_all_have_ended(tmp_path, monkeypatch):
    made = Processes(tmp_path / "pids.json", tmp_path / "logs")
    for name in ("one", "two"):
        made.start(name, WAITS, cwd=tmp_path, env=dict(os.environ))
    pids = [child.pid for child in children.load(made.record)]
    end = processes_module._end

    def disturbed(given):
        ctrl_c()
        end(given)

    monkeypatch.setattr(processes_module, "_end", disturbed)
    with pytest.raises(KeyboardInterrupt):
        made.stop_all()
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert children.load(made.record) == ()


def test_a_child_gets_signals_although_they_wait_in_its_parent(tmp_path):
    made = Processes(tmp_path / "pids.json", tmp_path / "logs")
    made.start("child", WAITS, cwd=tmp_path, env=dict(os.environ))
    (child,) = children.load(made.record)
    began = time.monotonic()
    os.kill(child.pid, signal.SIGTERM)
    psutil.wait_procs([psutil.Process(child.pid)], timeout=30)
    assert not made.alive("child")
    assert time.monotonic() - began < 30
    made.stop_all()


def test_what_a_child_starts_while_it_ends_is_ended_too(tmp_path):
    late = f"subprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(60)'])"
    code = (
        "import signal, subprocess, sys, time\n"
        f"def end(*_): print({late}.pid, flush=True); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True); time.sleep(60)"
    )
    made = Processes(tmp_path / "pids.json", tmp_path / "logs")
    made.start("child", [sys.executable, "-c", code], cwd=tmp_path, env=dict(os.environ))
    log = tmp_path / "logs" / "child.log"
    made.wait_until("child", lambda: "up" in log.read_text(), seconds=20, wait=time.sleep)
    made.stop_all()
    grandchild = int(log.read_text().split()[-1])
    assert not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE


def start(home: Path) -> subprocess.Popen[str]:
    with (home / "out").open("w") as out:
        return subprocess.Popen(
            [SCRIPT, "dev"],
            cwd=ROOT,
            env={**os.environ, **FREE_PORTS, "OLORIN__HOME": str(home)},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )


BEGINS = """
import sys
sys.argv = ["olorin", "demo"]
print("up", flush=True)
from olorin_pipelines.__main__ import main
main()
"""


def catches_ctrl_c(pid: int) -> bool:
    told = Path(f"/proc/{pid}/status").read_text()
    return bool(int(re.search(r"SigCgt:\s*(\w+)", told)[1], 16) >> (signal.SIGINT - 1) & 1)


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (3, 3), (None, 0), ("said", 1)])
@pytest.mark.parametrize("command", ["check", "diff", "status"])
def test_who_ends_at_once_ends_with_the_same_code(command, code, ends):
    program = (
        "import sys\nfrom olorin_pipelines import cli\nfrom olorin_pipelines.__main__ import main\n"
        f"sys.argv = ['olorin', {command!r}]\ncli.main = lambda: sys.exit({code!r})\nmain()"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == ends
    assert ended.stderr.strip() == (code if isinstance(code, str) else "")


MAKES_A_CLASS = """
import os, signal, time
from olorin_pipelines import cli
from olorin_pipelines.__main__ import main

def command():
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(20)
    except KeyboardInterrupt as stop:
        raise RuntimeError("Error calling __set_name__") from stop

cli.main = command
main()
"""


def test_ctrl_c_while_a_class_is_made_is_no_error():
    """Python 3.11 and pydantic turn what it raises there into errors of their own."""
    ended = subprocess.run(
        [sys.executable, "-c", MAKES_A_CLASS], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (130, "interrupted\n")


def test_an_error_without_a_ctrl_c_keeps_its_traceback():
    program = (
        "from olorin_pipelines import cli\nfrom olorin_pipelines.__main__ import main\ncli.main = lambda: 1 / 0\nmain()"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert "ZeroDivisionError" in ended.stderr


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.2, 0.4])
def test_ctrl_c_right_at_the_start(home, seconds):
    """Right at the start of the program, not of the interpreter, which prints a traceback of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", BEGINS], cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout.readline() == "up\n"
    until = time.monotonic() + 0.2
    while catches_ctrl_c(process.pid) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.001)  # until its first line has run; where that was missed, it is further on already
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode in (130, -signal.SIGINT, 2), "2: it had told already that there is no story here"
    assert "Traceback" not in said


def left(home: Path) -> list[str]:
    """Everything that was started for this home and still runs."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("OLORIN__HOME") == str(home):
                found.append(" ".join(process.cmdline())[:120])
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def recorded(home: Path, name: str):
    return lambda: any(child.name.startswith(name) for child in children.load(home / "pids.json"))


MOMENTS = {
    "the lock is taken": lambda home: (home / "lock").exists,
    "the service starts": lambda home: recorded(home, "investigations"),
    "dagster starts": lambda home: recorded(home, "dagster"),
    "envoy starts": lambda home: recorded(home, "envoy"),
    "dagster serves": lambda home: lambda: "Serving dagster-webserver" in log_of(home / "logs" / "dagster.log"),
}


def log_of(file: Path) -> str:
    return file.read_text() if file.exists() else ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "number"), [*((moment, "SIGINT") for moment in MOMENTS), ("dagster starts", "SIGTERM")]
)
def test_ctrl_c_while_the_world_starts(tmp_path, moment, number):
    process = start(tmp_path)
    reached, until = MOMENTS[moment](tmp_path), time.monotonic() + 60
    while not reached() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.Signals[number])
    time.sleep(0.3)
    process.send_signal(signal.Signals[number])  # the impatient second one
    code = process.wait(timeout=50)
    said = (tmp_path / "out").read_text()
    assert left(tmp_path) == []
    assert code in (0, 130), said
    assert "Traceback" not in said
    assert children.load(tmp_path / "pids.json") == ()
    if (tmp_path / "olorin.db").exists():
        with sqlite3.connect(tmp_path / "olorin.db") as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        database.close()
    assert not list(tmp_path.glob("*.tmp"))
    json.loads((tmp_path / "pids.json").read_text() if (tmp_path / "pids.json").exists() else "[]")
