"""Which document does a revision of a git repository hold? `main:openapi.yaml`, as git itself writes it."""

from __future__ import annotations

import re
from pathlib import Path

from olorin_pipelines.errors import DocumentUnreachable

__all__ = ["from_revision", "names_revision"]

_REVISION = re.compile(r"(?P<ref>[\w./~^@{}+-]+):(?P<path>[^:]+)")
_TIMEOUT = 30.0


def names_revision(source: str) -> bool:
    """Whether a source is `ref:path`; a path has a slash or ends as documents do, so that `module:app` is none."""
    match = _REVISION.fullmatch(source)
    if match is None or source.startswith("-") or "://" in source:
        return False
    return match["path"].endswith((".json", ".yaml", ".yml")) or "/" in match["path"]


def from_revision(source: str, root: Path) -> bytes:
    """Return the bytes that `git show ref:path` prints in `root`. Raises `DocumentUnreachable`."""
    import subprocess

    command = ["git", "show", "--no-textconv", "--end-of-options", source]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, timeout=_TIMEOUT, check=False)
    except FileNotFoundError as error:
        raise DocumentUnreachable("git is not installed", source=source, hint="install git, or give a file") from error
    except subprocess.TimeoutExpired as error:
        raise DocumentUnreachable(f"git took longer than {_TIMEOUT:g} s", source=source) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ") or "git failed"
        raise DocumentUnreachable(said, source=source, hint="check the revision and the path with `git show`")
    return done.stdout
