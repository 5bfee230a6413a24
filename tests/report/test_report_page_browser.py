"""In a real browser the page's own policy lets its filter run, and nothing else."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from test_report_findings import HOSTILE, finding

from olorin_pipelines import report
from olorin_pipelines.diff import Severity
from tests.browser.pages import chromium, missing_browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "a browser is there"),
]

FINDINGS = [
    finding(message="the type changed", operation="GET /a", reachable_from=("GET /a", "GET /b")),
    finding(Severity.WARNING, message="the limit moved", operation="GET /b", reachable_from=("GET /b",)),
    finding(Severity.INFO, message=HOSTILE, operation="GET /c", reachable_from=("GET /c",)),
]


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    page = tmp_path_factory.mktemp("page") / "page.html"
    injected = "<script>document.title = 'taken'</script>"
    text = report.to_html(FINDINGS, "orders")
    page.write_text(text.replace("</main>", f"{injected}<p style='color:red' onclick='1'>x</p></main>"))
    with chromium() as driver:
        driver.get(page.as_uri())
        yield driver


def shown(driver):
    rows = driver.find_elements(By.CSS_SELECTOR, "tbody tr")
    visible = [row.get_attribute("class") for row in rows if row.is_displayed()]
    assert driver.find_element(By.TAG_NAME, "output").text == f"{len(visible)} of {len(rows)} shown"
    return visible


def test_the_filters_work_together(driver):
    assert shown(driver) == ["breaking", "warning", "info"]
    box = driver.find_element(By.CSS_SELECTOR, "[value=breaking]")
    box.click()
    assert shown(driver) == ["warning", "info"]
    box.click()
    text = driver.find_element(By.ID, "text")
    text.send_keys("TYPE changed")
    assert shown(driver) == ["breaking", "warning", "info"], "the rule's id holds these words too"
    text.clear()
    text.send_keys("limit")
    assert shown(driver) == ["warning"]
    text.send_keys("\b" * 5)
    Select(driver.find_element(By.ID, "endpoint")).select_by_visible_text("GET /b")
    assert shown(driver) == ["breaking", "warning"]


def test_what_was_put_into_the_page_does_not_run(driver):
    assert driver.title == "orders"
    assert driver.find_element(By.CSS_SELECTOR, "p[onclick]").value_of_css_property("color") != "rgba(255, 0, 0, 1)"
    assert driver.find_elements(By.CSS_SELECTOR, "td img, td a") == []
