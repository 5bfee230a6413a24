"""Which document does a revision of a git repository hold? `main:openapi.yaml`, as git itself writes it."""

from __future__ import annotations

import re
from pathlib import Path

from olorin_pipelines.errors import DocumentUnreachable

__all__ = ["commit_of", "from_revision", "names_revision"]

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
    return _git(["show", "--no-textconv", "--end-of-options", source], source, root)


def commit_of(source: str, root: Path) -> str:
    """Return the commit that the revision of `ref:path` names in `root` now. Raises `DocumentUnreachable`."""
    ref = source.partition(":")[0]
    return _git(["rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}"], source, root).decode().strip()


def _git(arguments: list[str], source: str, root: Path) -> bytes:
    import subprocess

    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, timeout=_TIMEOUT, check=False)
    except FileNotFoundError as error:
        raise DocumentUnreachable("git is not installed", source=source, hint="install git, or give a file") from error
    except subprocess.TimeoutExpired as error:
        raise DocumentUnreachable(f"git took longer than {_TIMEOUT:g} s", source=source) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ") or "git failed"
        raise DocumentUnreachable(said, source=source, hint="check the revision and the path with `git show`")
    return done.stdout
