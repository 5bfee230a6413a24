"""How are findings shown to people and machines? One module per format, imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from olorin_pipelines.report.changelog import to_changelog
    from olorin_pipelines.report.data import to_json
    from olorin_pipelines.report.github import to_github
    from olorin_pipelines.report.html import to_html
    from olorin_pipelines.report.junit import to_junit
    from olorin_pipelines.report.location import Locate, locator
    from olorin_pipelines.report.markdown import prose, to_markdown
    from olorin_pipelines.report.sarif import to_sarif
    from olorin_pipelines.report.text import to_text

__all__ = [
    "Locate",
    "locator",
    "prose",
    "to_changelog",
    "to_github",
    "to_html",
    "to_json",
    "to_junit",
    "to_markdown",
    "to_sarif",
    "to_text",
]

_MODULES = {"Locate": "location", "to_json": "data", "locator": "location", "prose": "markdown"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = _MODULES.get(name, name.removeprefix("to_"))
    return getattr(import_module(f"{__name__}.{module}"), name)
