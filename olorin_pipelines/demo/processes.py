"""How are the children of the embedded world started and ended? Each in a group of its own, by pid, leaving none.

A child gets default signal handling: `dagster dev` started from a shell that ignores SIGINT would ignore it too.
Signals wait while a child is started and recorded, and while all are ended: a Ctrl-C in between would lose one.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from olorin_pipelines.delivery.scalers import children
from olorin_pipelines.errors import SupervisorError

__all__ = ["Processes", "reap"]

GRACE_SECONDS = 10.0
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Processes:
    """The children of one supervisor. `record` is the file that survives it; `logs` takes what each one prints."""

    record: Path
    logs: Path
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        url: str = "",
        version: str = "",
    ) -> None:
        """Start a child and record it. Raises `SupervisorError` when its program cannot be started."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with _signals_wait(), (self.logs / f"{name}.log").open("ab") as log:
            try:
                process = subprocess.Popen(
                    list(command),
                    cwd=cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=_default_signals,
                )
            except OSError as error:
                raise SupervisorError(f"{name} cannot be started: {error}", hint="run `make install`") from error
            self._running[name] = process
            created = psutil.Process(process.pid).create_time()
            children.record(
                self.record,
                children.Child(name=name, pid=process.pid, create_time=created, url=url, version=version),
            )

    def wait_until(
        self, name: str, ready: Callable[[], bool], *, seconds: float, wait: Callable[[float], None]
    ) -> None:
        """Wait until `ready`, at most `seconds`. Raises `SupervisorError` when the child died or is late."""
        left = seconds
        while not ready():
            if not self.alive(name):
                raise SupervisorError(f"{name} ended while it started: {self.last_words(name)}", hint=self._see(name))
            if left <= 0:
                raise SupervisorError(f"{name} is not ready after {seconds:.0f} s", hint=self._see(name))
            wait(0.1)
            left -= 0.1

    def alive(self, name: str) -> bool:
        """Tell whether a child runs; one that ended is reaped here."""
        process = self._running.get(name)
        return process is not None and process.poll() is None

    def names(self) -> list[str]:
        """Return the names of the children that were started and not ended by `stop`."""
        return list(self._running)

    def stop(self, name: str) -> None:
        """End a child and all its descendants: TERM, ten seconds, KILL."""
        process = self._running.pop(name, None)
        if process is None:
            return
        _end([process.pid])
        process.wait()
        children.forget(self.record, process.pid)

    def stop_all(self) -> None:
        """End all children together, so that the slowest sets the time. A signal waits until they have ended."""
        with _signals_wait():
            _end([process.pid for process in self._running.values()])
            for process in self._running.values():
                process.wait()
                children.forget(self.record, process.pid)
            self._running.clear()

    def last_words(self, name: str) -> str:
        """Return the last line a child printed."""
        try:
            text = (self.logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "it printed nothing"
        lines = [line for line in text.splitlines() if line.strip()]
        return lines[-1][:300] if lines else "it printed nothing"

    def _see(self, name: str) -> str:
        return f"see {self.logs / f'{name}.log'}"


def reap(record: Path) -> list[str]:
    """End what an earlier supervisor left running; only the very processes it recorded. Returns their names."""
    left = [child for child in children.load(record) if children.alive(child)]
    _end([child.pid for child in left])
    for child in children.load(record):
        children.forget(record, child.pid)
    return [child.name for child in left]


def _end(pids: Sequence[int]) -> None:
    family: list[psutil.Process] = []
    roots: list[psutil.Process] = []
    for pid in pids:
        try:
            root = psutil.Process(pid)
            roots.append(root)
            family += [*root.children(recursive=True), root]
        except psutil.NoSuchProcess:
            continue
    for process in roots:
        _signal(process, signal.SIGTERM)
    _, late = psutil.wait_procs(roots, timeout=GRACE_SECONDS)
    orphans = [process for process in family if process not in late and process.is_running()]
    for process in orphans:
        _signal(process, signal.SIGTERM)
    _, stubborn = psutil.wait_procs(orphans, timeout=GRACE_SECONDS / 2)
    for process in [*late, *stubborn]:
        _signal(process, signal.SIGKILL)
    newer = _of_sessions({root.pid for root in roots})
    for process in newer:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs([*late, *stubborn, *newer], timeout=GRACE_SECONDS / 2)


def _of_sessions(leaders: set[int]) -> list[psutil.Process]:
    """Return what still runs in the sessions of these leaders: started after their family was looked at."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) in leaders and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            continue
    return found


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


@contextmanager
def _signals_wait() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)  # one that came meanwhile is handled here


def _default_signals() -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    os.umask(0o077)
