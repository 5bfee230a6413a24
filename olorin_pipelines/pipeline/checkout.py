"""Where is a consumer's source? A folder, or a git repository that is fetched shallowly below the state."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from olorin_pipelines.config import Config, Consumer
from olorin_pipelines.errors import ToolFailed, ToolMissing

__all__ = ["checkout", "source_of"]

_SECONDS = 120
_ALLOWED = "https:ssh:file"
_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "core.symlinks=true", "-c", "protocol.ext.allow=never")


def source_of(config: Config, consumer: Consumer) -> Path:
    """Return the folder of a consumer, fetched first when it lies in git. Raise ToolFailed when it cannot be."""
    if consumer.git is None:
        return config.root / (consumer.path or ".")
    folder = checkout(consumer.git, consumer.ref, below=config.state / "consumers")
    return folder / consumer.path if consumer.path else folder


def checkout(url: str, ref: str, *, below: Path) -> Path:
    """Fetch one revision of a repository, without its history, into a folder of its own; return the folder.

    It is bounded in time, asks for no password, and runs no hook. A fetch that fails leaves what was there, and raises
    ToolFailed: an older revision is no answer.
    """
    target = below / hashlib.sha256(f"{url}\0{ref}".encode()).hexdigest()[:16]
    below.mkdir(parents=True, exist_ok=True)
    with (below / f"{target.name}.lock").open("w") as lock:  # a repository may hold several consumers
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / ".git").is_dir():
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir()
            _git(["init", "--quiet"], target)
        _git(["fetch", "--quiet", "--depth", "1", "--no-tags", "--force", "--", url, ref], target)
        _git(["checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"], target)
    return target


def _git(arguments: list[str], folder: Path) -> None:
    git = shutil.which("git")
    if git is None:
        raise ToolMissing("git is not installed", tool="git", hint="install git, or name the consumer by `path`")
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "SSH_AUTH_SOCK", "https_proxy") if name in os.environ}
    env = {**keep, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": _ALLOWED, "GIT_SSH_COMMAND": "ssh -oBatchMode=yes"}
    command = [git, *_SAFE, *arguments]
    try:
        ended = subprocess.run(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolFailed(f"git {arguments[0]} did not end: {_plain(str(error))}", tool="git") from error
    if ended.returncode != 0:
        said = _plain(ended.stderr.decode("utf-8", "replace").strip())
        raise ToolFailed(f"git {arguments[0]} failed: {said[-400:] or ended.returncode}", tool="git")


def _plain(text: str) -> str:
    """Hide a password in a URL."""
    return re.sub(r"(//[^/@\s:]+):[^/@\s]+@", r"\1:***@", text)
