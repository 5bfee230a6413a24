"""Findings as JUnit XML: each is a test, a breaking one a failure, an approved one is skipped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from olorin_pipelines.diff import Finding, Severity

if TYPE_CHECKING:
    from olorin_pipelines.policy import Judged

__all__ = ["clean_xml", "quoted", "to_junit"]

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(findings: Sequence[Finding], title: str, *, judged: Judged | None = None) -> str:
    """Return one test suite; with no finding it holds one test that passed, so that a run is told from none."""
    failures = sum(finding.severity is Severity.BREAKING for finding in findings)
    approved = judged.approved if judged else ()
    cases = [
        *(_case(finding, _failure(finding) if finding.severity is Severity.BREAKING else "") for finding in findings),
        *(_case(finding, f"<skipped message={quoted(f'approved: {by.reason}')}/>") for finding, by in approved),
    ]
    listed = "\n".join(cases or ['  <testcase classname="olorin" name="no changes"/>'])
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuite name={quoted(title)} tests="{max(len(cases), 1)}" failures="{failures}" errors="0" '
        f'skipped="{len(approved)}">\n{listed}\n</testsuite>\n'
    )


def _case(finding: Finding, inner: str) -> str:
    name = quoted(f"{finding.id}: {finding.message}")
    head = f"  <testcase classname={quoted(finding.operation or 'API')} name={name}"
    return f"{head}>\n    {inner}\n  </testcase>" if inner else f"{head}/>"


def _failure(finding: Finding) -> str:
    text = escape(clean_xml("\n".join([finding.message, f"why: {finding.why}", f"fix: {finding.fix or 'none'}"])))
    return f"<failure message={quoted(finding.why)} type={quoted(finding.id)}>{text}</failure>"


def quoted(text: str) -> str:
    """Return a text as the value of an attribute, in its quotes."""
    return quoteattr(clean_xml(text))


def clean_xml(text: str) -> str:
    """Leave out the characters that XML 1.0 has no way to write (section 2.2)."""
    return _NOT_XML.sub("\ufffd", text)
