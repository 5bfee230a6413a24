"""How does a program run so that nothing of it is left behind? Own process group, bounded time, bounded output."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from olorin_pipelines.errors import ToolMissing

__all__ = ["Ended", "run_reporting"]

GRACE = 3.0
"""Seconds between one signal and the next, harder one."""
TAIL = 40
"""Lines of output that are kept."""
WIDEST = 2_000
"""Bytes of one line of output that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended: its exit code (negative: the signal), whether its time was up, its last lines."""

    exit_code: int
    timed_out: bool
    tail: str


def run_reporting(
    command: Callable[[str], Sequence[str]],
    *,
    env: Mapping[str, str],
    cwd: Path,
    seconds: float,
    consume: Callable[[bytes], None],
) -> Ended:
    """Run `command(path)`, where `path` is a pipe that the program writes its report to, line by line to `consume`.

    What the program writes never touches the disk on its way. After `seconds` the program is interrupted, then
    terminated, then its whole group is killed; so is the group whatever is raised here. `consume` runs in a thread of
    its own; what it raises is raised from here.
    """
    read, write = os.pipe()
    with os.fdopen(read, "rb") as report:
        try:
            child = _start(command(f"/dev/fd/{write}"), write, env=env, cwd=cwd)
        finally:
            os.close(write)
        reader = _Reader(report, consume)
        tail: deque[bytes] = deque(maxlen=TAIL)
        with child:
            assert child.stdout is not None  # noqa: S101 - asked for with PIPE
            writer = _Reader(child.stdout, tail.append, limit=WIDEST)
            try:
                timed_out = _wait(child, seconds)
            finally:
                _kill(child)
                reader.join()
                writer.join()
        if reader.error is not None:
            raise reader.error
        text = b"".join(tail).decode(errors="replace").strip()
        return Ended(exit_code=child.returncode, timed_out=timed_out, tail=text)


def _start(command: Sequence[str], pipe: int, *, env: Mapping[str, str], cwd: Path) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(pipe,),
            start_new_session=True,
        )
    except OSError as error:
        raise ToolMissing(f"{command[0]} cannot be started: {error.strerror}", tool=command[0]) from error


def _wait(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for the end; True when it had to be brought about."""
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        _interrupt(child)
        return True
    except KeyboardInterrupt:
        _interrupt(child)
        raise
    return False


def _interrupt(child: subprocess.Popen[bytes]) -> None:
    """An interrupt lets Schemathesis write the cases of the operation it is at."""
    for number in (signal.SIGINT, signal.SIGTERM):
        _signal(child, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=GRACE)
            break


def _kill(child: subprocess.Popen[bytes]) -> None:
    _signal(child, signal.SIGKILL)  # also what the program itself started and left behind
    child.wait()


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


class _Reader(threading.Thread):
    """Reads lines to the end, also after `consume` raised: a full pipe would stop the program."""

    def __init__(self, stream: IO[bytes], consume: Callable[[bytes], None], *, limit: int = -1) -> None:
        super().__init__(daemon=True)
        self._stream, self._consume, self._limit = stream, consume, limit
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        while line := self._stream.readline(self._limit):
            if self.error is None:
                try:
                    self._consume(line)
                except Exception as error:  # noqa: BLE001 - handed to the thread that waits
                    self.error = error
