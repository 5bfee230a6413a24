"""How does the Dagster code location come into the wheel? Below the engine, where its short names are in nobody's way.

`assets`, `sensors`, `definitions` … are top-level names of the repository. As such they would land in the site-packages
of whoever installs the wheel; there they lie in `olorin_pipelines/location`, where `olorin workspace` points Dagster.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_LOCATION = (
    "assets",
    "sensors",
    "schedules",
    "definitions.py",
    "jobs.py",
    "launcher.py",
    "resources.py",
    "dagster.yaml",
)


class CodeLocation(BuildHookInterface[Any]):
    """Adds the code location to a wheel; an editable installation has it in the repository already."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Say where each part goes, for a build of the given version: `standard` or `editable`."""
        if version == "standard":
            build_data["force_include"].update({name: f"olorin_pipelines/location/{name}" for name in _LOCATION})
