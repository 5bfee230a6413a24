"""How long does `olorin diff` take on two documents, and how much memory, next to oasdiff?

Whole processes with nothing cached by us. The peer is looked for as `oasdiff` on PATH or in $OASDIFF.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["measure"]


def measure(old: Path, new: Path, *, runs: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Return median seconds and peak memory (MiB) of both programs, and their ratios.

    Both print what they print to read; ours is measured with lines and columns too, which the peer does not give.
    """
    ours = [sys.executable, "-m", "olorin_pipelines", "diff", str(old), str(new)]
    peer = os.environ.get("OASDIFF") or shutil.which("oasdiff")
    report: dict[str, Any] = {"runs": runs, "olorin": _figures(ours, runs, say)}
    report["itself"] = _figures([*ours[:-1], str(old)], runs, say)
    report["with_lines"] = _figures([*ours, "--format", "json"], runs, say)
    report["help"] = _figures([*ours[:4], "--help"], runs, say)
    if peer is None:
        return {
            **report,
            "oasdiff": None,
            "note": "oasdiff is not installed: go install github.com/oasdiff/oasdiff@latest",
        }
    report["oasdiff"] = _figures([peer, "changelog", str(old), str(new), "-f", "json"], max(1, min(runs, 3)), say)
    report["ratio"] = {
        key: round(report["olorin"][key] / report["oasdiff"][key], 4) for key in ("median_s", "peak_mib")
    }
    report["ratio"]["with_lines_s"] = round(report["with_lines"]["median_s"] / report["oasdiff"]["median_s"], 4)
    return report


def _figures(command: list[str], runs: int, say: Callable[[str], None]) -> dict[str, Any]:
    taken = [_run(command) for _ in range(runs)]
    say(f"{' '.join(command[:4])} …: {taken[0][0]:.2f} s")
    return {
        "median_s": round(statistics.median(seconds for seconds, _ in taken), 4),
        "peak_mib": round(max(peak for _, peak in taken), 1),
    }


def _run(command: list[str]) -> tuple[float, float]:
    """Run a command; its own peak memory comes from the kernel, not from all children together."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - started, usage.ru_maxrss / 1024
