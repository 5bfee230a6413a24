"""The page filters without any other file, runs only its own script, and can be read without one."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date

from test_report_findings import ALL, HOSTILE, Page, finding

from olorin_pipelines import report
from olorin_pipelines.policy import Judged
from olorin_pipelines.policy.model import Approval


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_only_this_style_and_this_script_may_run():
    text = report.to_html([finding(message=HOSTILE)], HOSTILE)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    (style,), (script,) = (re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL) for tag in ("style", "script"))
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["script-src"] == _hashed(script)
    assert rules["style-src"] == _hashed(style)
    assert "unsafe" not in policy
    assert not re.search(r'\s(style|on\w+)="', text)


def test_nothing_is_fetched_and_both_colour_schemes_are_meant():
    text = report.to_html(ALL, "t")
    assert not re.search(r"https?://|@import|url\(", text)
    assert "prefers-color-scheme:dark" in text


def test_every_control_has_a_label_and_every_column_a_header():
    text = report.to_html(ALL, "t")
    for name in re.findall(r'<(?:select|input) id="(\w+)"', text):
        assert f'<label for="{name}">' in text
    assert text.count('<th scope="col">') == 4
    assert "<caption>" in text
    assert '<html lang="en">' in text
    assert 'aria-live="polite"' in text
    assert {"main", "h1", "legend"} <= set(Page(text).tags)


def test_values_operations_and_notes_are_shown_and_bounded():
    approval = Approval(id="x", location="*", reason=HOSTILE, expires=date(2025, 1, 31))
    judged = Judged(findings=(), approved=((finding(), approval),), stale=(approval,))
    reached = tuple(f"GET /{i}" for i in range(100))
    text = report.to_html([finding(before="x" * 500, reachable_from=reached, operation="GET /0")], "t", judged=judged)
    assert "x" * 201 not in text
    assert "and 99 more" in text
    assert "… and 50 more" in text
    assert "<img" not in text
    assert "<h2>Approvals</h2>" in text
    assert '<p class="counts">1 breaking change, 1 approved</p>' in text
