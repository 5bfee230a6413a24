"""How does an outside program run here? In a process group of its own, its time and its output bounded.

The child gets an empty environment: `NODE_OPTIONS`, `DEBUG` or `NO_COLOR` of the caller change no result.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from olorin_pipelines.errors import ToolFailed, ToolMissing

__all__ = ["Finished", "last_lines", "plain", "run"]

MAX_OUTPUT = 64 * 1024 * 1024
"""Bytes a program may write to one stream; GitHub's types, the largest known, are 6.5 MB."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that ended by itself: its exit code and what it wrote."""

    code: int
    stdout: bytes
    stderr: bytes


def run(
    command: Sequence[str], *, tool: str, cwd: Path, timeout: float, stdin: bytes = b"", limit: int = MAX_OUTPUT
) -> Finished:
    """Run `command` to its end; raise ToolFailed when it is killed, writes too much or takes too long.

    `timeout` is in seconds, `limit` in bytes for each stream. A non-zero exit code is the caller's to judge.
    """
    try:
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env={},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise ToolMissing(f"{tool} cannot be started: {error}", tool=tool, hint="make install") from error
    streams = [_Stream(pipe, process.pid, limit) for pipe in (process.stdout, process.stderr) if pipe]
    writer = threading.Thread(target=_write, args=(process.stdin, stdin), daemon=True)
    writer.start()
    try:
        code = process.wait(timeout)
    except subprocess.TimeoutExpired as error:
        raise ToolFailed(f"{tool} did not end within {timeout:g} s", tool=tool) from error
    finally:
        _kill(process.pid)  # also what it left behind in its group, which would hold the pipes open
        process.wait()
        for stream in streams:
            stream.thread.join()
        writer.join()
    if any(stream.overflowed for stream in streams):
        raise ToolFailed(f"{tool} wrote more than {limit:,} bytes", tool=tool)
    finished = Finished(code, bytes(streams[0].data), bytes(streams[1].data))
    if code < 0:
        raise ToolFailed(f"{tool} was ended by signal {-code}: {last_lines(finished.stderr)}", tool=tool)
    return finished


def plain(output: bytes) -> str:
    """Decode what a program wrote; control and invisible characters become visible escapes, line feeds stay."""
    text = output.decode("utf-8", "replace").replace("\r\n", "\n")
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode() for char in text
    )


def last_lines(output: bytes, count: int = 5) -> str:
    """Return the last `count` lines that are not blank, in at most 1,000 characters."""
    lines = [line for line in plain(output[-8192:]).split("\n") if line.strip()]
    return "\n".join(lines[-count:])[-1000:] or "it said nothing"


class _Stream:
    """Reads one pipe to its end; past the limit it kills the group and drops the rest."""

    def __init__(self, pipe: IO[bytes], group: int, limit: int) -> None:
        self.data = bytearray()
        self.overflowed = False
        self.thread = threading.Thread(target=self._read, args=(pipe, group, limit), daemon=True)
        self.thread.start()

    def _read(self, pipe: IO[bytes], group: int, limit: int) -> None:
        with pipe:
            while chunk := os.read(pipe.fileno(), 65536):
                if len(self.data) + len(chunk) > limit:
                    self.overflowed = True
                    _kill(group)
                    return
                self.data += chunk


def _write(pipe: IO[bytes] | None, data: bytes) -> None:
    if pipe is None:
        return
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(data)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
