"""Which pages of the Dagster UI tell the story, and what has to be readable on each?"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from olorin_pipelines.demo.dagster_api import Run
from olorin_pipelines.demo.play import play
from olorin_pipelines.demo.story import Release, Story
from olorin_pipelines.demo.world import World, embedded

__all__ = ["Page", "chromium", "missing_browser", "pages", "played", "show"]

SECONDS = 90.0
_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars"
)
_SETTINGS = {
    "communityNux": "1",
    "dagster-theme": '"themeLight"',
    "dagster-nav-collapsed": "true",
    "dagster.panel-width.run-gantt": "60",
    "dagster.panel-width.gantt-split": "85",
}
STORY = Story(
    releases=tuple(
        Release(name=name, version=version)
        for name, version in (("additive", "2.1.0"), ("breaking", "3.0.0"), ("lying", "2.2.0"))
    ),
    last_act="none",
)
QUICK = {
    "OLORIN__SERVICES__INVESTIGATIONS__ROLLOUT__STEP_SECONDS": "3",
    "OLORIN__SERVICES__INVESTIGATIONS__ROLLOUT__MIN_REQUESTS": "20",
    **{f"OLORIN__PORTS__{name}": "0" for name in ("UI", "ENVOY", "ADMIN", "FIRST_SERVICE")},
}


@dataclass(frozen=True)
class Page:
    """A page: its path, the texts that have to be on it, and what is clicked first. Sizes are CSS pixels."""

    name: str
    path: str
    texts: tuple[str, ...]
    click: Callable[[webdriver.Chrome], None] = field(default=lambda _driver: None)
    width: int = 1600
    height: int = 1000
    scale: float = 1.0


def missing_browser() -> str:
    """Say what is not installed, empty when nothing is missing."""
    lacking = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"{' and '.join(lacking)} not installed (Debian: chromium, chromium-driver)" if lacking else ""


@contextmanager
def played(
    say: Callable[[str], None],
    *,
    meanwhile: Callable[[World], AbstractContextManager[object]] = lambda _world: nullcontext(),
) -> Iterator[tuple[World, dict[str, Any]]]:
    """Play the story in a home of its own, on free ports, `meanwhile` around it; the world stays up in the body."""
    with tempfile.TemporaryDirectory(prefix="olorin-browser-") as home:
        here = mock.patch.dict(os.environ, {"OLORIN__HOME": home, **QUICK})
        with here, embedded(service=STORY.service, say=say, fresh=True) as world:
            with meanwhile(world):
                report = play(STORY, world)
            yield world, report


def pages(world: World, report: Mapping[str, Any]) -> list[Page]:
    """Return the pages of a played story."""
    entries = {entry["name"]: entry for entry in report["releases"]}
    runs = {name: world.dagster.run(entry["run_id"]) for name, entry in entries.items()}
    groups = ",".join(f"global@global:{group}" for group in ("contract", "delivery", "monitoring"))
    breaking, lying, additive = runs["breaking"], runs["lying"], runs["additive"]

    def told(name: str) -> tuple[str, ...]:
        return (runs[name].run_id[:8], entries[name]["deployment_id"], entries[name]["version"])

    ops = tuple(f"rollback.{op}" for op in ("precheck", "route", "confirm", "drain", "scale", "prove"))
    return [
        Page(
            "lineage",
            f"/asset-groups?expanded={groups}",
            ("deployments", "schema_diff", "contract_tests", "deployment_verdict", "rollout", "rollback"),
            width=2000,
            height=1000,
            scale=0.8,
        ),
        Page(
            "rejected-run",
            f"/runs/{breaking.run_id}?logs=Materialized value rollback",
            (breaking.run_id[:8], "Failure", *ops, "rollback_deployment_accepted", "rolled_back", "3.0.0", "2.1.0"),
            click=_flat,
            height=1300,
        ),
        Page(
            "schema-diff",
            _event(breaking, "schema_diff"),
            (*told("breaking"), "fail · ", "response-required-property-removed", "request-property-became-required"),
            height=1150,
        ),
        Page(
            "generated-types",
            _event(breaking, "generated_types"),
            (
                *told("breaking"),
                "pass · ",
                "generation_seconds",
                "export interface components",
                "lines in all",
                "schema.d.ts",
            ),
            height=1500,
        ),
        Page(
            "consumers",
            _event(breaking, "consumer_compatibility"),
            (*told("breaking"), "fail · ", "src/index.ts:33", "src/api/v1.ts:32", "TS2339", "TS2741", "not concerned"),
            width=2100,
            height=2500,
            scale=0.8,
        ),
        Page(
            "contract-tests",
            _event(lying, "contract_tests"),
            (*told("lying"), "fail · ", "response_schema", "server_error"),
            width=2000,
            height=1250,
            scale=0.8,
        ),
        Page(
            "rollout",
            _event(additive, "rollout"),
            (*told("additive"), "promoted", "weight_over_time", "100 % ┤", "decisions", "error_rate"),
            width=2100,
            height=2350,
            scale=0.8,
        ),
    ]


def show(driver: webdriver.Chrome, base: str, page: Page) -> str:
    """Open a page, wait until everything that has to be readable is there, and return its text."""
    size = {"width": page.width, "height": page.height, "deviceScaleFactor": page.scale, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get(f"{base}/favicon.png")
    for key, value in _SETTINGS.items():
        driver.execute_script("localStorage.setItem(arguments[0], arguments[1])", key, value)
    driver.get(base + page.path)

    def absent(driver: webdriver.Chrome) -> list[str]:
        text = _text(driver)
        return [wanted for wanted in page.texts if wanted not in text]

    wait = WebDriverWait(driver, SECONDS)
    wait.until(lambda found: page.texts[0] in _text(found), f"{page.name}: {page.texts[0]} is not on the page")
    page.click(driver)
    try:
        wait.until(lambda found: not absent(found))
    except TimeoutException as error:
        raise AssertionError(f"{page.name} does not show {absent(driver)}") from error
    return _text(driver)


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """Start Debian's Chromium without a window, with a profile of its own."""
    with tempfile.TemporaryDirectory(prefix="olorin-chromium-") as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = str(shutil.which("chromium"))
        for flag in (*_FLAGS.split(), f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
        try:
            yield driver
        finally:
            driver.quit()


def save(driver: webdriver.Chrome, page: Page, folder: Path) -> Path:
    """Write the picture of the page that is shown."""
    target = folder / f"{page.name}.png"
    driver.save_screenshot(str(target))
    return target


def _event(run: Run, asset: str) -> str:
    """The materialisation of an asset by a run, on the asset's page of events."""
    made = run.materialization(asset)
    assert made is not None, f"{asset} was not materialised by {run.run_id}"
    return f"/assets/{asset}?view=events&time={round(made.at * 1000)}"


def _flat(driver: webdriver.Chrome) -> None:
    """Show every step in a line of its own, with its name."""
    buttons = WebDriverWait(driver, SECONDS).until(
        lambda found: found.find_elements(By.CSS_SELECTOR, "button[class*=buttonGroupItem]")
    )
    buttons[0].click()


def _text(driver: webdriver.Chrome) -> str:
    text: str = driver.execute_script("return document.body.innerText + ' ' + document.body.textContent")
    return text
