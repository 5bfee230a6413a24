"""Reports hold what was found, and nothing a hostile document wants to add."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from olorin_pipelines import report
from olorin_pipelines.diff import Finding, Reach, Severity

HOSTILE = "a|b\n# c `d` <img src=x onerror=y> [e](http://f) ![g](h) \x1b[31m \u202e https://evil.example @team --> \\|"


def finding(severity: Severity = Severity.BREAKING, **fields: Any) -> Finding:
    given: dict[str, Any] = {
        "id": "response-property-type-changed",
        "severity": severity,
        "operation": "GET /orders/{id}",
        "message": "the type of response property `Order.price` changed from number to string",
        "why": "a consumer may get something it does not expect",
        "fix": "go on answering within the old schema",
        "old_pointer": "/components/schemas/Order/properties/price",
        "new_pointer": "/components/schemas/Order/properties/price",
        "fingerprint": "0123456789abcdef",
        "reachable_from": ("GET /orders/{id}", "POST /orders"),
        "uses": (Reach("GET /orders/{id}", "response"), Reach("POST /orders", "response")),
        "before": "number",
        "after": "string",
    }
    return Finding(**{**given, **fields})


ALL = [finding(severity) for severity in Severity]


def test_markdown_has_a_headline_and_a_table() -> None:
    assert report.to_markdown(ALL[:1], "orders 1 → 2") == (
        "### orders 1 → 2\n\n**1 breaking change**\n\n"
        "| severity | rule | operation | what changed |\n|---|---|---|---|\n"
        "| **breaking** | `response-property-type-changed` | `GET /orders/{id} +1` | "
        "the type of response property `Order.price` changed from number to string |\n"
    )
    assert "**1 breaking change, 1 warning, 1 compatible change**" in report.to_markdown(ALL, "t")
    assert report.to_markdown([], "t") == "### t\n\n**no changes**\n"


def test_a_hostile_document_cannot_leave_its_cell() -> None:
    text = report.to_markdown([finding(message=HOSTILE, operation=HOSTILE, reachable_from=())], HOSTILE)
    lines = text.splitlines()
    assert len(lines) == 7
    assert len(re.findall(r"(?<!\\)\|", lines[-1])) == 5
    outside_code = re.sub(r"`[^`]*`", "", text)
    assert "<" not in text
    assert "](" not in outside_code
    assert "://" not in outside_code
    assert "\x1b" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("render", [report.to_text, lambda found, most: report.to_markdown(found, "t", most=most)])
def test_long_lists_are_cut(render: Any) -> None:
    assert render([finding()] * 30, most=10).endswith("\n… and 20 more\n")


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [name for name, _ in attrs if name in ("src", "href", "onerror")]


def test_html_is_one_page_that_fetches_nothing_and_runs_its_filter_only() -> None:
    text = report.to_html([finding(message=HOSTILE, operation=HOSTILE, why=HOSTILE)], HOSTILE)
    page = Page(text)
    assert page.links == []
    assert {"img", "link"}.isdisjoint(page.tags)
    assert page.tags.count("script") == text.count("<script>") == 1
    assert text.startswith("<!doctype html>")
    assert "default-src 'none'" in text
    script = text.partition("<script>")[2].partition("</script>")[0]
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in text, "the policy lets it alone run"
    assert report.to_html([finding()] * 30, "t", most=10).count("<tr ") == 10
    assert "no changes" in report.to_html([], "t")


def test_json_holds_every_field() -> None:
    data = json.loads(report.to_json(ALL))
    assert data["counts"] == {"breaking": 1, "warning": 1, "info": 1}
    assert data["findings"][0]["reachable_from"] == [
        {"operation": "GET /orders/{id}", "way": "response"},
        {"operation": "POST /orders", "way": "response"},
    ]
    assert data["findings"][0]["severity"] == "breaking"


def test_text_has_colour_only_when_asked_and_no_control_characters_of_the_document() -> None:
    assert "\x1b" not in report.to_text([finding(message=HOSTILE)])
    assert "\x1b[31;1mbreaking\x1b[0m" in report.to_text(ALL, color=True)
    assert report.to_text([]) == "no changes\n"
