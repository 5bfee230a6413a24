"""Write the pages of this folder that come from the code: `make docs`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from olorin_pipelines.config.reference import reference

_HERE = Path(__file__).parent


def pages() -> dict[str, str]:
    """Return the generated pages by file name."""
    found = {"configuration.md": reference()}
    if importlib.util.find_spec("olorin_pipelines.diff.catalogue"):
        from olorin_pipelines.diff.catalogue import catalogue

        found["rules.md"] = catalogue()
    return found


if __name__ == "__main__":
    for name, text in pages().items():
        (_HERE / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")
