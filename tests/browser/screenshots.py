"""Make the pictures of docs/images: `python -m tests.browser.screenshots docs/images`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from olorin_pipelines.demo.world import World
from olorin_pipelines.pipeline.live import Watched
from tests.browser.pages import chromium, missing_browser, pages, played, save, show
from tests.browser.watching import NothingSeen, picture, taken_back, telling, watching

SECONDS = 900


class _Late(BaseException):
    """Nothing between the deadline and the end of `main` may take it for an error of its own."""


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    def late(_signal: int, _frame: object) -> None:
        raise _Late

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main(folder: Path, *, seconds: int) -> int:
    """Play the story, open each page, write its picture; give up after `seconds`, and end what was started."""
    missing = missing_browser()
    if missing:
        _say(f"error: {missing}")
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    try:
        with _within(seconds):
            for path in _pictures(folder):
                made.append(path)
                _say(str(path))
    except _Late:
        last = f"the last was {made[-1].name}" if made else "the story was not over"
        _say(f"error: not all pictures were made within {seconds} s: {last}")
        _say("hint: play on a quieter machine, or give it longer: make screenshots ARGS='--seconds 1800'")
        return 3
    except NothingSeen as error:
        _say(f"error: {error}")
        return 3
    return 0


def _pictures(folder: Path) -> Iterator[Path]:
    looks: list[Watched] = []

    @contextmanager
    def meanwhile(world: World) -> Iterator[None]:
        with watching(world) as found:
            yield
        looks.extend(found)

    with played(_say, meanwhile=meanwhile) as (world, report), chromium() as driver:
        for name, look in (("status-watch", telling(looks)), ("status-watch-rollback", taken_back(looks))):
            yield picture(driver, look, folder / f"{name}.png")
        for page in pages(world, report):
            show(driver, world.dagster.url, page)
            yield save(driver, page, folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/images"))
    parser.add_argument("--seconds", type=int, default=SECONDS, help="give up after so long (default: %(default)s)")
    asked = parser.parse_args()
    sys.exit(main(asked.folder, seconds=asked.seconds))
