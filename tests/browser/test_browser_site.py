"""The site of the docs: built strictly, nothing fetched from elsewhere, and its search works from a folder."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pages import chromium, missing_browser
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).parents[2]
SECONDS = 60


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    mkdocs = Path(sys.executable).with_name("mkdocs")
    done = subprocess.run(
        [mkdocs, "build", "--quiet", "--strict", "--site-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_of_the_folder_is_in_the_navigation(site):
    text = (ROOT / "mkdocs.yml").read_text()
    pages = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert set(re.findall(r"- (\S+\.md)$", text, re.MULTILINE)) == pages


def test_nothing_is_loaded_from_elsewhere(site):
    loads = re.compile(
        r"""<(?:script|img|iframe)[^>]+src="?(?:https?:)?//|<link(?![^>]*rel="?canonical)[^>]+href="?https?://"""
    )
    assert [page.name for page in site.rglob("*.html") if loads.search(page.read_text())] == []


@pytest.mark.slow
@pytest.mark.parametrize(("words", "page"), [("superseded", "rollouts.html"), ("can-i-deploy", "cli.html")])
def test_the_search_finds_pages_from_a_folder(site, words, page):
    if missing := missing_browser():
        pytest.skip(missing)
    with chromium() as browser:
        browser.get(f"{(site / 'index.html').as_uri()}?q={words}")
        links = "a.md-search-result__link"
        WebDriverWait(browser, SECONDS).until(lambda _: browser.find_elements(By.CSS_SELECTOR, links))
        found = [one.get_attribute("href") for one in browser.find_elements(By.CSS_SELECTOR, links)]
        assert any(f"/{page}" in one for one in found), found
