"""How does an application that is not deployed come to answer? By uvicorn, on this machine, while a block lasts."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from olorin_pipelines.errors import ToolFailed

__all__ = ["hosted"]

_POLL = 0.05
_GRACE = 10.0
_SAID = 1_000


@contextmanager
def hosted(app: str, *, log: Path, seconds: float = 60.0) -> Iterator[str]:
    """Serve the ASGI application `module:name`, importable from the folder at hand, and yield its address.

    It runs in a process group of its own on a free port of 127.0.0.1; what it prints goes to `log`. `seconds` is the
    time it may take to answer. Raises `ToolFailed`, with what it said, when it does not.

    Accepted connections inherit TCP_NODELAY: uvicorn takes a socket of `--fd` for a Unix one and does not set it, and
    then an answer of two writes waits 40 ms for the client's acknowledgement.
    """
    with socket.socket() as listener, log.open("wb") as output:
        listener.bind(("127.0.0.1", 0))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.listen(128)
        number = listener.fileno()
        command = [sys.executable, "-m", "uvicorn", app, "--fd", str(number), "--log-level", "warning"]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(number,),
            process_group=0,
        )
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.close()  # else a server that died would seem to listen
        try:
            _wait(process, address, app=app, log=log, until=time.monotonic() + seconds)
            yield address
        finally:
            _end(process)


def _wait(process: subprocess.Popen[bytes], address: str, *, app: str, log: Path, until: float) -> None:
    """Any answer will do: many applications have nothing at their root."""
    with httpx.Client(timeout=5.0, trust_env=False) as client:
        while process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                client.get(address)
                return
            time.sleep(_POLL)
    said = log.read_text(encoding="utf-8", errors="replace").strip()[-_SAID:]
    what = "did not answer in time" if process.poll() is None else f"ended with {process.returncode}"
    raise ToolFailed(
        f"the application {app} {what}: {said or 'it printed nothing'}",
        tool="uvicorn",
        hint="give --app module:name of an ASGI application that can be imported here, or start it and give --url",
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_GRACE)
            return
