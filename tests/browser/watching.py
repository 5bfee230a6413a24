"""What `olorin status --watch` shows while a story is played, and its picture."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from selenium import webdriver
from selenium.webdriver.common.by import By

from olorin_pipelines.cli.watch import drawn
from olorin_pipelines.demo.world import World
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.pipeline.live import Watch, Watched

__all__ = ["NothingSeen", "picture", "taken_back", "telling", "watching"]

_SECONDS = 0.5
_WIDTH, _HEIGHT = 1240, 600


class NothingSeen(Exception):
    """No look saw what a picture is to show."""


@contextmanager
def watching(world: World) -> Iterator[list[Watched]]:
    """Look twice a second from a thread of its own; the list grows while the body runs."""
    looks: list[Watched] = []
    stop = threading.Event()

    def look() -> None:
        watch = Watch(world.place, world.service)
        while not stop.wait(_SECONDS):
            try:
                looks.append(watch.look())
            except OlorinError:
                continue  # the world is not up yet

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield looks
    finally:
        stop.set()
        thread.join(30)


def telling(looks: list[Watched]) -> Watched:
    """Return the look that says most: in a later step, with measurements of both versions.

    Raises `NothingSeen` where no look saw any: a machine too busy to look twice a second, or no rollout at all.
    """
    measured = [look for look in looks if look.measured and look.measured[0].candidate]
    if not measured:
        raise NothingSeen(f"none of {len(looks)} looks at the rollout saw both versions measured: was it rolled out?")
    return max(measured, key=lambda look: (look.weight < 100, look.weight, look.step_elapsed or 0.0))


def taken_back(looks: list[Watched]) -> Watched:
    """Return the last look at a rollback that was proved. Raises `NothingSeen` where there was none."""
    proved = [look for look in looks if look.rollback and look.rolled_back]
    if not proved:
        raise NothingSeen(f"none of {len(looks)} looks saw a proved rollback")
    return proved[-1]


def picture(driver: webdriver.Chrome, look: Watched, target: Path) -> Path:
    """Render a look as a terminal does, and write its picture."""
    console = Console(record=True, width=120, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(drawn(look))
    page = target.with_suffix(".html")
    drawing = console.export_svg(title=f"olorin status {look.service} --watch")
    page.write_text(f'<meta charset="utf-8"><body style="margin: 0">{drawing}', encoding="utf-8")
    size = {"width": _WIDTH, "height": _HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get(page.resolve().as_uri())
    driver.find_element(By.TAG_NAME, "svg").screenshot(str(target))
    page.unlink()
    return target
