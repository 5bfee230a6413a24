"""Is the process that works on a deployment gone? Only its own machine can tell; everywhere else nobody knows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

__all__ = ["gone", "here"]

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PIDS = Path("/proc/self/ns/pid")


def here() -> dict[str, Any]:
    """Return what names this very process: its pid, when it began (seconds since 1970), and where pids mean that."""
    return {"pid": os.getpid(), "began": psutil.Process().create_time(), "where": _where()}


def gone(worker: Mapping[str, Any]) -> bool:
    """Tell whether a process that `here` named has ended; False where that cannot be told."""
    if not worker.get("where") or worker["where"] != _where():
        return False
    try:
        process = psutil.Process(int(worker["pid"]))
        same = abs(process.create_time() - float(worker["began"])) < 1.0
        return not same or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False


def _where() -> str:
    """The start of the machine and its namespace of pids; empty where the system does not tell them."""
    try:
        return f"{_BOOT.read_text().strip()} {_PIDS.readlink()}"
    except OSError:
        return ""
