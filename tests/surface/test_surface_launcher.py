"""A run is given to a process that waits for it; what becomes of the process becomes of the run."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import psutil
import pytest
from dagster._core.code_pointer import FileCodePointer
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.launcher.base import LaunchRunContext, WorkerStatus

from launcher import WORKER_TAG, ReadyWorkerLauncher

pytestmark = pytest.mark.slow

_CODE = """
import os, pathlib, time
import dagster as dg

HERE = pathlib.Path(__file__).parent

@dg.op
def wait():
    (HERE / "pid").write_text(str(os.getpid()))
    while not (HERE / "go").exists():
        time.sleep(0.05)
    (HERE / "said").write_text("first")

@dg.job(executor_def=dg.in_process_executor)
def waiting():
    wait()
"""


class World:
    """A Dagster instance with the launcher, and a job that ends when the file `go` is there."""

    def __init__(self, folder: Path) -> None:
        self.code = folder / "code"
        self.code.mkdir()
        (self.code / "some_jobs.py").write_text(_CODE)
        home = folder / "home"
        home.mkdir()
        (home / "dagster.yaml").write_text(
            "telemetry: {enabled: false}\nrun_launcher: {module: launcher, class: ReadyWorkerLauncher}\n"
        )
        self.instance = dg.DagsterInstance.from_config(str(home))
        self.launcher = self.instance.run_launcher
        assert isinstance(self.launcher, ReadyWorkerLauncher)

    def launch(self) -> str:
        """Launch the job and return the id of its run."""
        pointer = FileCodePointer(str(self.code / "some_jobs.py"), "waiting", str(self.code))
        job = ReconstructableRepository(pointer).get_reconstructable_job("waiting")
        run = self.instance.create_run_for_job(job.get_definition(), job_code_origin=job.get_python_origin())
        self.launcher.launch_run(LaunchRunContext(run, None))
        return run.run_id

    def worker(self, run_id: str) -> int:
        """Return the pid of the process that works on a run."""
        return int(self.run(run_id).tags[WORKER_TAG].partition("@")[0])

    def run(self, run_id: str) -> dg.DagsterRun:
        """Return the run as it is now."""
        found = self.instance.get_run_by_id(run_id)
        assert found
        return found

    def began(self) -> None:
        """Wait until the job's only step works."""
        wait_until((self.code / "pid").exists)

    def ends(self, run_id: str) -> dg.DagsterRunStatus:
        """Wait until a run has ended and return how."""
        wait_until(lambda: self.run(run_id).is_finished)
        return self.run(run_id).status


def wait_until(true: Callable[[], object], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    (made.code / "go").touch()
    made.launcher.dispose()
    wait_until(lambda: all(thread.name != "run-worker" for thread in threading.enumerate()))
    made.instance.dispose()


def waiting(world: World) -> int:
    """Return the pid of the process that waits for the next run, which is there soon after one has ended."""
    wait_until(lambda: world.launcher._ready)
    return int(world.launcher._ready[1].pid)


def test_the_process_that_waits_gets_the_next_run(world: World) -> None:
    (world.code / "go").touch()
    first = world.launch()
    assert world.ends(first) is dg.DagsterRunStatus.SUCCESS
    next_one = waiting(world)
    assert next_one != world.worker(first)
    second = world.launch()
    assert world.worker(second) == next_one
    assert world.ends(second) is dg.DagsterRunStatus.SUCCESS
    assert (world.code / "pid").read_text() == str(next_one)


def test_code_that_was_changed_while_it_waited_is_read_again(world: World) -> None:
    (world.code / "go").touch()
    world.ends(world.launch())
    process = psutil.Process(waiting(world))
    wait_until(lambda: process.status() == psutil.STATUS_SLEEPING and process.cpu_times().user > 0.2)
    (world.code / "some_jobs.py").write_text(_CODE.replace('"first"', '"second"'))
    os.utime(world.code / "some_jobs.py", ns=(1, 1))
    assert world.ends(world.launch()) is dg.DagsterRunStatus.SUCCESS
    assert (world.code / "said").read_text() == "second"


def test_a_process_that_has_died_while_it_waited_is_replaced(world: World) -> None:
    (world.code / "go").touch()
    world.ends(world.launch())
    process = psutil.Process(waiting(world))
    process.kill()
    wait_until(lambda: process.status() == psutil.STATUS_ZOMBIE)
    assert world.ends(world.launch()) is dg.DagsterRunStatus.SUCCESS


def test_a_run_whose_process_was_killed_is_failed_at_once(world: World) -> None:
    run = world.launch()
    world.began()
    os.kill(world.worker(run), signal.SIGKILL)
    assert world.ends(run) is dg.DagsterRunStatus.FAILURE
    assert world.launcher.check_run_worker_health(world.run(run)).status is WorkerStatus.NOT_FOUND


def test_a_run_can_be_terminated(world: World) -> None:
    run = world.launch()
    world.began()
    assert world.launcher.check_run_worker_health(world.run(run)).status is WorkerStatus.RUNNING
    assert world.launcher.terminate(run)
    assert world.ends(run) is dg.DagsterRunStatus.CANCELED
    assert not world.launcher.terminate(run)


def test_who_waits_is_interrupted_without_a_word(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    (world.code / "go").touch()
    world.ends(world.launch())
    process = psutil.Process(waiting(world))
    wait_until(lambda: process.status() == psutil.STATUS_SLEEPING and process.cpu_times().user > 0.2)
    capfd.readouterr()
    process.send_signal(signal.SIGINT)
    wait_until(lambda: process.status() == psutil.STATUS_ZOMBIE)
    assert "Traceback" not in capfd.readouterr().err


def test_who_waits_ends_with_who_started_it(world: World) -> None:
    (world.code / "go").touch()
    world.ends(world.launch())
    process = psutil.Process(waiting(world))
    world.launcher.dispose()
    wait_until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)
