"""Where does Envoy read from? One directory a service: bootstrap.json, cds.json, rds.json, replaced in one move.

Envoy watches for a file being moved into place. An edit in place is silently not loaded.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olorin_pipelines.errors import RouterUnreachable

__all__ = ["EnvoyFiles"]


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

    def write(self, path: Path, document: Mapping[str, Any]) -> None:
        """Replace a file in one move. Raises `RouterUnreachable` when the directory cannot be written."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with temporary.open("w") as file:
                json.dump(document, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
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

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other writers out; they wait."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            lock = (self.directory / ".lock").open("w")
        except OSError as error:
            raise RouterUnreachable(f"{self.directory} cannot be written: {error}") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
