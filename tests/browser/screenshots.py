"""Make the pictures of docs/images: `python -m tests.browser.screenshots docs/images`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from olorin_pipelines.demo.world import World
from olorin_pipelines.pipeline.live import Watched
from tests.browser.pages import chromium, missing_browser, pages, played, save, show
from tests.browser.watching import picture, taken_back, telling, watching


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def main(folder: Path) -> int:
    """Play the story, open each page, write its picture."""
    missing = missing_browser()
    if missing:
        sys.stderr.write(f"error: {missing}\n")
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    looks: list[Watched] = []

    @contextmanager
    def meanwhile(world: World) -> Iterator[None]:
        with watching(world) as found:
            yield
        looks.extend(found)

    with played(_say, meanwhile=meanwhile) as (world, report), chromium() as driver:
        for name, look in (("status-watch", telling(looks)), ("status-watch-rollback", taken_back(looks))):
            sys.stderr.write(f"{picture(driver, look, folder / f'{name}.png')}\n")
        for page in pages(world, report):
            show(driver, world.dagster.url, page)
            sys.stderr.write(f"{save(driver, page, folder)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")))
