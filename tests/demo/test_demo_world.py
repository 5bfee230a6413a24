"""The embedded world starts and ends its children, and refuses clearly."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from pathlib import Path

import psutil
import pytest

from olorin_pipelines.config import CONFIG_VARIABLE
from olorin_pipelines.delivery.scalers import children
from olorin_pipelines.demo import lock, ports
from olorin_pipelines.demo.processes import Processes, reap
from olorin_pipelines.demo.story import read_story
from olorin_pipelines.demo.world import World, refuse_overriding
from olorin_pipelines.errors import ConfigError, SupervisorError, UsageError

WAITS = "import sys, time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def processes(tmp_path):
    processes = Processes(tmp_path / "pids.json", tmp_path / "logs")
    yield processes
    processes.stop_all()


def start(processes: Processes, code: str, name: str = "child") -> int:
    processes.start(name, [sys.executable, "-c", code], cwd=Path.cwd(), env=dict(os.environ))
    return children.load(processes.record)[0].pid


def said(processes: Processes, text: str, name: str = "child"):
    return lambda: text in (processes.logs / f"{name}.log").read_text()


def test_a_child_is_recorded_and_ended_with_its_descendants(processes):
    code = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    start(processes, f"{code}; print('up', p.pid, flush=True); time.sleep(60)")
    processes.wait_until("child", said(processes, "up"), seconds=20, wait=time.sleep)
    grandchild = int((processes.logs / "child.log").read_text().split()[-1])
    processes.stop("child")
    assert not psutil.pid_exists(grandchild)
    assert children.load(processes.record) == ()


def test_a_child_that_dies_while_it_starts_is_told_with_its_last_words(processes):
    start(processes, "import sys; print('no such thing'); sys.exit(1)")
    with pytest.raises(SupervisorError, match="no such thing"):
        processes.wait_until("child", lambda: False, seconds=20, wait=time.sleep)


def test_a_late_child_is_an_error(processes):
    start(processes, WAITS)
    with pytest.raises(SupervisorError, match="not ready after"):
        processes.wait_until("child", lambda: False, seconds=0.2, wait=time.sleep)


def test_a_program_that_is_not_there(processes):
    with pytest.raises(SupervisorError, match="cannot be started"):
        processes.start("ghost", ["/no/such/program"], cwd=Path.cwd(), env={})


def test_leftovers_of_a_killed_supervisor_are_reaped_by_pid_and_birth(processes, tmp_path):
    pid = start(processes, WAITS)
    stranger = children.Child(name="stranger", pid=os.getpid(), create_time=1.0)
    children.record(processes.record, stranger)
    assert reap(processes.record) == ["child"]
    assert psutil.pid_exists(os.getpid())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert children.load(processes.record) == ()


def test_a_port_in_use_is_named_with_the_fix():
    with socket.socket() as taken:
        taken.bind((ports.LOOPBACK, 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(SupervisorError) as caught:
            ports.claim("ui", number)
    assert f"port {number} (ui) is in use" in caught.value.message
    assert "OLORIN__PORTS__UI=0" in caught.value.hint
    assert ports.claim("ui", 0) > 0


def test_a_second_world_is_refused_naming_the_first(tmp_path):
    with (
        lock.held(tmp_path / "lock"),
        pytest.raises(SupervisorError, match=rf"already \(pid {os.getpid()}\)"),
        lock.held(tmp_path / "lock"),
    ):
        pass
    with lock.held(tmp_path / "lock"):
        pass


def test_the_story_of_the_repository_is_readable():
    story = read_story(Path("examples/olorin/story.yaml"))
    assert [release.flag for release in story.releases] == ["additive", "breaking", "lying", "slow"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("releases: []", "at least 1"),
        ("releases:\n  - {name: a, version: '1', expects: {}}", "2: releases.0.expects"),
        ("releases:\n  - {name: a, version: '1', expect: {verdict: great}}", "releases.0.expect.verdict"),
    ],
)
def test_a_story_with_a_fault_names_the_place(tmp_path, text, said):
    file = tmp_path / "story.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_story(file)
    assert said in caught.value.message


def test_a_missing_story(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_story(tmp_path / "none.yaml")


@pytest.mark.parametrize("line", ["INVESTIGATIONS_TOKEN=x", "export JWT_SECRET=y", "OLORIN__PORTS__UI=1"])
def test_a_dotenv_that_would_change_the_world_is_refused(tmp_path, line):
    (tmp_path / ".env").write_text(f"# mine\nLOG_LEVEL=DEBUG\n{line}\n")
    with pytest.raises(UsageError, match="makes by itself"):
        refuse_overriding(tmp_path / ".env")
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\n")
    refuse_overriding(tmp_path / ".env")
    refuse_overriding(tmp_path / "none")


def test_a_guard_that_died_is_started_again(processes, workplace):
    config, heard = workplace("http://127.0.0.1:9").config, []
    env = {**os.environ, CONFIG_VARIABLE: str(config.root / "olorin.yaml")}
    world = World(config, "investigations", env, heard.append, processes)
    world.start_guard()
    processes.wait_until("guard", said(processes, "watching", "guard"), seconds=30, wait=time.sleep)
    world.alive_or_raise("guard")
    (first,) = children.load(processes.record)
    os.kill(first.pid, signal.SIGKILL)
    until = time.monotonic() + 20
    while children.load(processes.record)[0].pid == first.pid:
        world.alive_or_raise()
        assert time.monotonic() < until
        time.sleep(0.05)
    assert processes.alive("guard")
    assert "started again" in heard[0]
    world.dagster.close()
