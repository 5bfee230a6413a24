"""A real browser finds the story in the Dagster UI: runs, versions, findings, failing checks."""

from __future__ import annotations

import pytest

from tests.browser.pages import Page, chromium, missing_browser, pages, played, show

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(480),
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "a browser is there"),
]
NAMES = ("lineage", "rejected-run", "schema-diff", "generated-types", "consumers", "contract-tests", "rollout")


@pytest.fixture(scope="module")
def story():
    with played(lambda text: None) as (world, report):
        yield world, report, {page.name: page for page in pages(world, report)}


@pytest.fixture(scope="module")
def driver():
    with chromium() as driver:
        yield driver


def test_the_story_ends_as_it_should(story):
    _, report, found = story
    fates = {entry["name"]: (entry["verdict"], entry["outcome"], entry["decided_by"]) for entry in report["releases"]}
    assert fates == {
        "additive": ("accepted", "promoted", ""),
        "breaking": ("rejected", "rolled_back", "schema_diff"),
        "lying": ("rejected", "rolled_back", "contract_tests"),
    }
    assert tuple(found) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_page_shows_what_it_is_for(story, driver, name):
    world, _, found = story
    page: Page = found[name]
    text = show(driver, world.dagster.url, page)
    assert [wanted for wanted in page.texts if wanted not in text] == []
