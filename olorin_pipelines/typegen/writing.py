"""How do files get into a folder that others are reading? Each one whole or not at all, and only when it differs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from olorin_pipelines.errors import ToolFailed

__all__ = ["write_files"]


def write_files(folder: Path, files: Mapping[str, bytes], *, obsolete: Sequence[str] = ()) -> tuple[str, ...]:
    """Write `files` into `folder`, made if missing; return the names of those that changed.

    All are written aside first and moved when every one is there: a full disk changes nothing. A file with the same
    content keeps its time. Those of `obsolete` that are not written are removed. Raise ToolFailed.
    """
    changed = tuple(name for name, data in files.items() if _content(folder / name) != data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as aside:
            for name in changed:
                _write(Path(aside) / name, files[name])
            for name in changed:
                (Path(aside) / name).replace(folder / name)
        for name in obsolete:
            if name not in files:
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise ToolFailed(
            f"{folder} cannot be written: {error.strerror or error}",
            tool="olorin",
            hint="make room on the disk, or let the folder be written; the files in it are whole, as they were or new",
        ) from error
    return changed


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
