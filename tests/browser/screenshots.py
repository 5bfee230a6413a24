"""Make the pictures of docs/images: `python -m tests.browser.screenshots docs/images`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser.pages import chromium, missing_browser, pages, played, save, show


def main(folder: Path) -> int:
    """Play the story, open each page, write its picture."""
    missing = missing_browser()
    if missing:
        sys.stderr.write(f"error: {missing}\n")
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    with played(lambda text: sys.stderr.write(text + "\n")) as (world, report), chromium() as driver:
        for page in pages(world, report):
            show(driver, world.dagster.url, page)
            sys.stderr.write(f"{save(driver, page, folder)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")))
