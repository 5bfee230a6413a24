"""Stopping the processes of a version: only those that were recorded, never a stranger with the same pid."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace

import psutil
import pytest
from delivery_world import free_port

from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.delivery.scalers import open_scaler
from olorin_pipelines.delivery.scalers.children import Child, alive, forget, load, record
from olorin_pipelines.delivery.scalers.memory import MemoryScaler
from olorin_pipelines.delivery.scalers.process import ProcessScaler
from olorin_pipelines.errors import ScalerFailed, UnknownName

POLITE = "print('up', flush=True); import time; time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + POLITE


@pytest.fixture
def start():
    """Start a process that prints when it is up; it is always killed."""
    started = []

    def begin(code=POLITE, url="http://127.0.0.1:1"):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
        started.append(process)
        assert process.stdout.readline()
        created = psutil.Process(process.pid).create_time()
        return Child(name="canary", pid=process.pid, create_time=created, url=url, version="2.2.0")

    yield begin
    for process in started:
        process.kill()
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def backend():
    return Backend("2.2.0", f"http://127.0.0.1:{free_port()}")


@pytest.fixture(params=["memory", "process"])
def managed(request, backend, tmp_path):
    """A scaler that runs the backend."""
    if request.param == "memory":
        scaler = MemoryScaler()
        scaler.up = {backend.url}
        return scaler
    record(tmp_path / "pids.json", request.getfixturevalue("start")(url=backend.url))
    return ProcessScaler(children=tmp_path / "pids.json")


class TestScaler:
    def test_stops_what_it_runs(self, managed, backend):
        assert managed.running(backend)
        evidence = managed.stop("investigations", backend)
        assert (evidence.managed, evidence.stopped) == (True, True)
        assert not managed.running(backend)

    def test_stopping_again_is_no_error(self, managed, backend):
        managed.stop("investigations", backend)
        assert managed.stop("investigations", backend).stopped

    def test_says_that_a_backend_is_not_its_own(self, managed, backend):
        other = replace(backend, url=f"http://127.0.0.1:{free_port()}")
        evidence = managed.stop("investigations", other)
        assert (evidence.managed, evidence.stopped) == (False, True)
        assert "not managed here" in evidence.detail


def test_a_stubborn_process_is_killed(start, backend, tmp_path):
    child = start(STUBBORN, backend.url)
    record(tmp_path / "pids.json", child)
    evidence = ProcessScaler(children=tmp_path / "pids.json", term_seconds=0.2).stop("investigations", backend)
    assert "KILL" in evidence.detail
    assert not alive(child)
    assert load(tmp_path / "pids.json") == ()


def test_a_stranger_with_the_same_pid_is_not_signalled(start, backend, tmp_path):
    child = start(url=backend.url)
    record(tmp_path / "pids.json", replace(child, create_time=child.create_time - 3600))
    evidence = ProcessScaler(children=tmp_path / "pids.json").stop("investigations", backend)
    assert "was not running" in evidence.detail
    assert alive(child)


@pytest.mark.parametrize("name", ["none", "process"])
def test_a_foreign_backend_that_answers_is_told(name, pair, tmp_path):
    options = {"children": tmp_path / "pids.json"} if name == "process" else {}
    scaler = open_scaler(name, **options)
    evidence = scaler.stop("investigations", pair[1].backend)
    assert (evidence.managed, evidence.stopped) == (False, False)
    assert "still answers" in evidence.detail
    assert scaler.running(pair[1].backend)


def test_an_unknown_scaler_lists_the_known_ones():
    with pytest.raises(UnknownName) as caught:
        open_scaler("kubernetes")
    assert caught.value.known == ["memory", "none", "process"]


def test_children_are_recorded_and_forgotten(tmp_path):
    path = tmp_path / "var" / "pids.json"
    dead = Child(name="stable", pid=2**22 + 1, create_time=1.0)
    assert load(path) == ()
    record(path, dead)
    record(path, replace(dead, pid=2**22 + 2))
    assert [child.pid for child in load(path)] == [2**22 + 2]
    forget(path, 2**22 + 2)
    assert load(path) == ()


def test_a_living_child_of_the_same_name_is_kept(start, tmp_path):
    path, child = tmp_path / "pids.json", start()
    record(path, child)
    record(path, Child(name="canary", pid=2**22 + 1, create_time=1.0))
    assert {entry.pid for entry in load(path)} == {child.pid, 2**22 + 1}


def test_two_writers_lose_nothing(tmp_path):
    path = tmp_path / "pids.json"

    def write(first):
        for number in range(first, first + 20):
            record(path, Child(name=f"child-{number}", pid=2**22 + number, create_time=1.0))

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(load(path)) == 40


def test_a_broken_file_is_told(tmp_path):
    (tmp_path / "pids.json").write_text("{")
    with pytest.raises(ScalerFailed, match="not a list of children"):
        load(tmp_path / "pids.json")
