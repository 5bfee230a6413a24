"""Where does Envoy read from? One directory a service: bootstrap.json, cds.json, rds.json, replaced in one move.

Envoy watches for a file being moved into place. An edit in place is silently not loaded.

Writers keep each other out by a lock, and one that was stopped while it has the lock must not keep out the one that
takes traffic back. So a lock that is not given up in time is broken, and a writer replaces a file only while it still
has the lock. That is safe at every point where it may have been stopped: before it made its temporary file it sees
that the lock is not its own; after that its temporary file is gone, as breaking removes it, and cannot be moved.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from olorin_pipelines.errors import RouterUnreachable, StaleFence

__all__ = ["EnvoyFiles", "Lock"]

_LOCK_SECONDS = 2.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock of a directory, held as long as its file is still the one at its path."""

    path: Path
    file: IO[str]

    def held(self) -> bool:
        """Tell whether nobody has broken the lock."""
        try:
            return self.path.stat().st_ino == os.fstat(self.file.fileno()).st_ino
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class EnvoyFiles:
    """The files of one Envoy in `directory`."""

    directory: Path

    @property
    def bootstrap(self) -> Path:
        """What Envoy is started with."""
        return self.directory / "bootstrap.json"

    @property
    def cds(self) -> Path:
        """The clusters."""
        return self.directory / "cds.json"

    @property
    def rds(self) -> Path:
        """The routes."""
        return self.directory / "rds.json"

    def write(self, path: Path, document: Mapping[str, Any], *, lock: Lock | None = None) -> None:
        """Replace a file in one move, while `lock` is held.

        Raises `StaleFence` when the lock was broken, `RouterUnreachable` when the directory cannot be written.
        """
        temporary = path.with_name(f"{_TEMPORARY}{path.name}.{os.getpid()}")
        try:
            with temporary.open("w") as file:
                json.dump(document, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            if lock is not None and not lock.held():
                temporary.unlink(missing_ok=True)
                raise StaleFence(f"the lock of {self.directory} was taken away", hint="another writer has taken over")
            temporary.replace(path)
        except OSError as error:
            raise RouterUnreachable(f"{path} cannot be written: {error}") from error

    def read(self, path: Path) -> dict[str, Any] | None:
        """Return the first resource of a file, None when there is none."""
        try:
            resources = json.loads(path.read_text())["resources"]
            return dict(resources[0]) if resources else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def owner(self) -> str | None:
        """Return the service that the Envoy of this directory was started for, None when that is not known."""
        try:
            return str(json.loads(self.bootstrap.read_text())["node"]["metadata"]["service"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @contextmanager
    def locked(self, *, within: float = _LOCK_SECONDS) -> Iterator[Lock]:
        """Keep other writers out. A lock that is not given up `within` seconds is broken: its holder hangs."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            lock = self._take(within)
        except OSError as error:
            raise RouterUnreachable(f"{self.directory} cannot be written: {error}") from error
        with lock.file:
            yield lock

    def _take(self, within: float) -> Lock:
        while True:
            lock = Lock(self.directory / ".lock", (self.directory / ".lock").open("w"))
            if _flocked(lock.file, within):
                if lock.held():
                    return lock
            else:
                self._break(lock)
            lock.file.close()

    def _break(self, hanging: Lock) -> None:
        """Take the lock's file away, and what its holder was about to move. One breaks at a time."""
        with (self.directory / ".breaking").open("w") as breaking:
            fcntl.flock(breaking, fcntl.LOCK_EX)
            if hanging.held():
                hanging.path.unlink()
                for temporary in self.directory.glob(f"{_TEMPORARY}*"):
                    temporary.unlink(missing_ok=True)


_TEMPORARY = ".new-"


def _flocked(file: IO[str], within: float) -> bool:
    until = time.monotonic() + within
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(_POLL_SECONDS)
