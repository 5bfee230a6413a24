"""Is another embedded world running here? One lock file per state folder, held as long as the supervisor lives."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from olorin_pipelines.errors import SupervisorError

__all__ = ["held"]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock. Raises `SupervisorError` naming the pid that has it, or the folder that cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SupervisorError(
            f"the state cannot be kept in {path.parent}: {error.strerror}", hint="correct `home:` in olorin.yaml"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            raise SupervisorError(
                f"an embedded world runs here already (pid {owner})",
                hint="end it with Ctrl-C where it runs, or give this one another `home:`",
            ) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)
