"""How is Node asked without starting it anew each time? One process that lives on, spoken to in JSON lines.

It is started at the first request (or ahead of it, by `prepare`), answers one request at a time, ends itself when it
was not asked for some minutes, and ends with this process. A worker that died is started again once; one that does not
answer in time is killed with all it started.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from olorin_pipelines.errors import ToolFailed, ToolMissing
from olorin_pipelines.typegen.process import last_lines
from olorin_pipelines.typegen.toolchain import INSTALL_HINT, NODE_DIR, Toolchain

__all__ = ["MAX_MESSAGE", "GeneratorBroken", "Worker", "worker_of"]

MAX_MESSAGE = 64 * 1024 * 1024
"""Bytes of one request or answer; GitHub's document, the largest known, is 12 MB."""

_SCRIPT = NODE_DIR / "worker.mjs"
_IDLE_SECONDS = 300
_KEPT_STDERR = 64 * 1024
_YOUNG = "--max-semi-space-size=64"  # MB; with Node's own 16 a large document spends a fifth of its time on collecting
_AHEAD = 32 * 1024  # what a pipe surely holds


class GeneratorBroken(ToolFailed):
    """A generator failed of itself, where it did not refuse the document."""


class _Died(Exception):
    """The process ended before it answered; the text is what it said last."""


class Worker:
    """A Node process with the generators of `node/` loaded as they are needed. Safe to share between threads."""

    def __init__(self, toolchain: Toolchain) -> None:
        self._toolchain = toolchain
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._said = bytearray()
        self._awaited: dict[str, Any] | None = None  # an answer whose text has not come whole
        self._number = 0

    @property
    def pid(self) -> int | None:
        """The process that answers, None when none is running."""
        process = self._process
        return process.pid if process and process.poll() is None else None

    def prepare(self, projects: Sequence[Path] = ()) -> None:
        """Start the process and let it load the generator of types, without waiting for it.

        For each of `projects` (tsconfig files of consumers) it parses the compiler's own declarations and those of its
        dependencies, so that `usage` need not. A process that runs already is left alone.
        """
        asked = json.dumps({"projects": [str(project.resolve()) for project in projects]}).encode()
        with self._lock:
            if self.pid is None and len(asked) <= _AHEAD:
                self._send_ahead(b'{"id":0,"op":"preload","bytes":%d}\n%b\n' % (len(asked), asked))

    def ask(self, operation: str, document: bytes, *, timeout: float) -> dict[str, Any]:
        """Return the answer to one request about a JSON document, within `timeout` seconds.

        Raise ToolFailed when the document is refused or too large, when no answer comes in time, or when the process
        dies twice; its kind GeneratorBroken for an error inside the generator; ToolMissing when Node cannot be started.
        """
        if len(document) > MAX_MESSAGE:
            raise ToolFailed(f"the document is larger than {MAX_MESSAGE:,} bytes", tool="node")
        with self._lock:
            deadline = time.monotonic() + timeout
            for attempt in (1, 2):
                self._number += 1
                try:
                    return self._exchange(operation, document, deadline, timeout)
                except _Died as death:
                    self._end()
                    if attempt == 2:
                        raise ToolFailed(f"Node died twice while it worked: {death}", tool="node") from death
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the process and everything it started."""
        with self._lock:
            self._end()

    def _exchange(self, operation: str, document: bytes, deadline: float, timeout: float) -> dict[str, Any]:
        line = document.replace(b"\n", b" ")
        header = json.dumps({"id": self._number, "op": operation, "bytes": len(line)}).encode()
        process = self._running()
        try:
            answer = self._talk(process, b"%b\n%b\n" % (header, line), deadline)
        except BaseException:  # an interrupt, too: what comes later would be taken for the next answer
            self._end()
            raise
        if answer is None:
            self._end()
            raise ToolFailed(
                f"Node did not answer within {timeout:g} s: the document asks for much, or the machine is overloaded",
                tool="node",
            )
        if not answer["ok"]:
            raise _FAILURES[answer["kind"]](answer["message"], tool="openapi-typescript")
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        command = [str(self._toolchain.node), _YOUNG, str(_SCRIPT), str(self._toolchain.modules), str(_IDLE_SECONDS)]
        try:
            self._process = subprocess.Popen(
                command,
                cwd=NODE_DIR,
                env={},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise ToolMissing(f"Node cannot be started: {error}", tool="node", hint=INSTALL_HINT) from error
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None  # noqa: S101 - all three were asked for
            os.set_blocking(pipe.fileno(), False)
        self._said, self._awaited = bytearray(), None
        return self._process

    def _send_ahead(self, request: bytes) -> None:
        stdin = self._running().stdin
        assert stdin is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            stdin.write(request)

    def _talk(self, process: subprocess.Popen[bytes], request: bytes, deadline: float) -> dict[str, Any] | None:
        """Write the request and read up to its answer; None when the deadline passes."""
        assert process.stdin and process.stdout and process.stderr  # noqa: S101, PT018
        rest, received = memoryview(request), bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdin, selectors.EVENT_WRITE)
            selector.register(process.stdout, selectors.EVENT_READ)
            selector.register(process.stderr, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    if key.fileobj is process.stdin:
                        rest = rest[_written(key.fd, rest) :]
                        if not rest:
                            selector.unregister(process.stdin)
                    elif chunk := os.read(key.fd, 1 << 20):
                        if key.fileobj is process.stderr:
                            self._said = (self._said + chunk)[-_KEPT_STDERR:]
                        elif answer := self._answer(received, chunk):
                            return answer
                    elif key.fileobj is process.stderr:
                        selector.unregister(process.stderr)
                    else:
                        process.wait()
                        self._said += process.stderr.read() or b""
                        raise _Died(f"code {process.returncode}, {last_lines(bytes(self._said))}")
        return None

    def _answer(self, received: bytearray, chunk: bytes) -> dict[str, Any] | None:
        """Add what arrived; return the answer to the current request once its line, and its text, are whole."""
        received += chunk
        if len(received) > MAX_MESSAGE:
            self._end()
            raise ToolFailed(f"the result is larger than {MAX_MESSAGE:,} bytes", tool="node")
        if self._awaited is None and b"\n" not in chunk:
            return None
        while (end := received.find(b"\n")) >= 0:
            answer = self._awaited = self._awaited or json.loads(received[:end])
            after = end + 1 + answer.get("raw", 0)
            if len(received) < after:
                return None
            if "raw" in answer:
                answer["text"] = received[end + 1 : end + 1 + answer.pop("raw")].decode()
            del received[:after]
            self._awaited = None
            if answer["id"] == self._number:  # else it is that of `prepare`
                return dict(answer)
        return None

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()


_FAILURES = {"refused": ToolFailed, "broken": GeneratorBroken}


def _written(descriptor: int, data: memoryview) -> int:
    try:
        return os.write(descriptor, data[: 1 << 20])
    except BrokenPipeError:
        return len(data)  # the process is gone: its output ends, and says so
    except BlockingIOError:
        return 0


_workers: dict[Path, Worker] = {}
_guard = threading.Lock()


def worker_of(toolchain: Toolchain) -> Worker:
    """Return this process's worker for a toolchain; it is made at the first call and ended at exit."""
    with _guard:
        if toolchain.modules not in _workers:
            worker = _workers[toolchain.modules] = Worker(toolchain)
            atexit.register(worker.close)
        return _workers[toolchain.modules]


def _forget() -> None:
    """A forked child must not speak into its parent's pipes: it starts a worker of its own."""
    global _guard
    _guard = threading.Lock()
    for worker in _workers.values():
        worker._process = None
    _workers.clear()


os.register_at_fork(after_in_child=_forget)
