"""Which local processes run for us? A JSON file of children, changed under a lock and replaced in one move.

A pid alone names nobody for long: a child is a pid and the moment its process was created.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from olorin_pipelines.errors import ScalerFailed

__all__ = ["Child", "alive", "forget", "load", "record"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process: what it is called, its pid and creation time (seconds since 1970), the URL and version it serves."""

    name: str
    pid: int
    create_time: float
    url: str = ""
    version: str = ""


def load(path: Path) -> tuple[Child, ...]:
    """Return the children in the file, none when there is no file. Raises `ScalerFailed` for a broken file."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ScalerFailed(f"{path} cannot be read: {error}") from error
    try:
        return tuple(Child(**entry) for entry in json.loads(text or "[]"))
    except (TypeError, ValueError) as error:
        raise ScalerFailed(f"{path} is not a list of children: {error}", hint="remove it when nothing runs") from error


def record(path: Path, child: Child) -> None:
    """Add a child; one with the same pid is replaced, and so is a dead one with the same name."""
    with _locked(path):
        kept = [entry for entry in load(path) if entry.pid != child.pid and (entry.name != child.name or alive(entry))]
        _write(path, [*kept, child])


def forget(path: Path, pid: int) -> None:
    """Remove the child with this pid, if it is there."""
    with _locked(path):
        _write(path, [entry for entry in load(path) if entry.pid != pid])


def alive(child: Child) -> bool:
    """Return whether this very process runs: a zombie does not, nor does another process with its pid."""
    try:
        process = psutil.Process(child.pid)
        same = abs(process.create_time() - child.create_time) < 1.0
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, children: list[Child]) -> None:
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w") as file:
        json.dump([asdict(child) for child in children], file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
