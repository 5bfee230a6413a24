"""How does a run begin at once? A worker process that has imported everything waits for it.

Dagster's own launcher starts Python, imports Dagster and loads the definitions anew for each run: three of the seconds
that a rejection may take. Here the process of the next run is started when the last one has ended, or rolls out. It
starts what its gates will need (Node), waits for the run's name on its standard input, and does then what `dagster api
execute_run` does. The first run after the daemon was started begins without it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
from dagster._cli.api import execute_run_command
from dagster._config.config_schema import UserConfigSchema
from dagster._core.launcher.base import CheckRunHealthResult, LaunchRunContext, RunLauncher, WorkerStatus
from dagster._core.origin import RepositoryPythonOrigin
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import ConfigurableClass, deserialize_value, serialize_value
from dagster._serdes.config_class import ConfigurableClassData
from dagster._utils.hosted_user_process import recon_repository_from_origin

from olorin_pipelines.config import load_config
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.pipeline.ahead import prepare_types

__all__ = ["WORKER_TAG", "ReadyWorkerLauncher"]

WORKER_TAG = "olorin/worker"
"""Which process works on a run: its pid and the time it was started, as `12345@1795587543.85`."""

_BUSY_JOB = "verify_deployment"
_GATES_SECONDS = 20.0  # its gates want the cores until then; a rollout waits for its samples most of the time


class ReadyWorkerLauncher(RunLauncher[Any], ConfigurableClass):
    """Gives a run to the process that waits for one, on the machine of the daemon.

    A run whose process ended before it is told as failed at once by the daemon that started it, else by Dagster's run
    monitoring.
    """

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._inst_data = inst_data
        self._lock = threading.Lock()
        self._ready: tuple[str, subprocess.Popen[str]] | None = None
        self._disposed = False

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """What dagster.yaml says of it."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """There is nothing to configure."""
        return {}

    @classmethod
    def from_config_value(
        cls,
        inst_data: ConfigurableClassData,
        config_value: Mapping[str, Any],  # noqa: ARG003
    ) -> ReadyWorkerLauncher:
        """Return the launcher of an instance."""
        return cls(inst_data)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Hand a run over to the waiting process, or to one that is started now."""
        run, origin = context.dagster_run, context.job_code_origin
        if origin is None:
            raise ValueError(f"run {run.run_id} does not say which code it belongs to")
        code = serialize_value(origin.repository_origin)
        asked = serialize_value(
            ExecuteRunArgs(job_origin=origin, run_id=run.run_id, instance_ref=self._instance.get_ref())
        )
        process = self._hand_over(code, asked)
        created = psutil.Process(process.pid).create_time()
        self._instance.add_run_tags(run.run_id, {WORKER_TAG: f"{process.pid}@{created:.2f}"})
        wait = _GATES_SECONDS if run.job_name == _BUSY_JOB else 0.0
        threading.Thread(
            target=self._see_through, args=(run.run_id, code, process, wait), name="run-worker", daemon=True
        ).start()

    def terminate(self, run_id: str) -> bool:
        """Interrupt the process of a run; False when there is none any more."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        self._instance.report_run_canceling(run)
        process = _worker(run.tags)
        if process is None:
            self._instance.report_engine_event("Its worker process has ended already.", run, cls=self.__class__)
            return False
        process.send_signal(signal.SIGINT)
        return True

    def dispose(self) -> None:
        """End the process that waits."""
        with self._lock:
            ready, self._ready, self._disposed = self._ready, None, True
        if ready:
            _dismiss(ready[1])

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether run monitoring may ask: yes."""
        return True

    def check_run_worker_health(self, run: Any) -> CheckRunHealthResult:
        """Tell whether the process of a run is there."""
        if _worker(run.tags) is not None:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, f"no process {run.tags.get(WORKER_TAG, 'is known')}")

    def _hand_over(self, code: str, asked: str) -> subprocess.Popen[str]:
        with self._lock:
            ready, self._ready = self._ready, None
        if ready and ready[0] == code and _told(ready[1], asked):
            return ready[1]
        if ready:
            _dismiss(ready[1])
        process = _start(code)
        if not _told(process, asked):
            raise RuntimeError(f"the process of a run ended at once, with code {process.wait()}")
        return process

    def _see_through(self, run_id: str, code: str, process: subprocess.Popen[str], wait: float) -> None:
        """Wait for a run's process to end; start the next one after `wait` seconds, or when it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=wait)
        with self._lock:
            if self._ready is None and not self._disposed:
                self._ready = (code, _start(code))
        ended = process.wait()
        if self.has_instance:
            run = self._instance.get_run_by_id(run_id)
            if run and not run.is_finished:
                self._instance.report_run_failed(run, f"its worker process ended with code {ended}")


def _start(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, __file__, code], stdin=subprocess.PIPE, text=True)


def _told(process: subprocess.Popen[str], asked: str) -> bool:
    assert process.stdin is not None  # noqa: S101 - it was asked for
    try:
        with process.stdin as wanted:
            wanted.write(f"{asked}\n")
    except OSError:  # it has ended: its code could not be imported, or somebody ended it
        return False
    return True


def _dismiss(process: subprocess.Popen[str]) -> None:
    """Close its input, at which a process that waits ends itself."""
    with contextlib.suppress(OSError):
        if process.stdin:
            process.stdin.close()
    threading.Thread(target=process.wait, name="run-worker", daemon=True).start()


def _worker(tags: Mapping[str, str]) -> psutil.Process | None:
    """Return the process that a run's tag names, None when it is not there any more."""
    pid, _, created = tags.get(WORKER_TAG, "").partition("@")
    try:
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(created)) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except (ValueError, psutil.NoSuchProcess):
        return None
    return process if same else None


def _loaded() -> dict[str, int]:
    """Return the files that were imported and belong to no installed package, with their time of change."""
    names = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    files = [Path(name) for name in names if name and not name.startswith((sys.prefix, sys.base_prefix))]
    return {str(path): path.stat().st_mtime_ns for path in files if path.is_file()}


def work(code: str) -> None:
    """Load the definitions, wait for a run on standard input, and execute it; its end means that none will come."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    recon_repository_from_origin(deserialize_value(code, RepositoryPythonOrigin)).get_definition()
    with contextlib.suppress(OlorinError):  # said by the run
        config = load_config()
        prepare_types(config.root, [one for service in config.services.values() for one in service.consumers])
    loaded = _loaded()
    try:
        asked = sys.stdin.readline()
    except KeyboardInterrupt:  # Ctrl-C reaches everything that runs in a terminal
        return
    if not asked:
        return
    if _loaded() != loaded:  # somebody has changed the code since
        os.execv(sys.executable, [sys.executable, "-m", "dagster", "api", "execute_run", asked])  # noqa: S606
    execute_run_command.main([asked], standalone_mode=False)


if __name__ == "__main__":
    work(sys.argv[1])
