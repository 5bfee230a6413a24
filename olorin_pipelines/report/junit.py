"""Findings as JUnit XML: each is a test, and a breaking one a failure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from olorin_pipelines.diff import Finding, Severity

__all__ = ["to_junit"]

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(findings: Sequence[Finding], title: str) -> str:
    """Return one test suite; with no finding it holds one test that passed, so that a run is told from none."""
    failures = sum(finding.severity is Severity.BREAKING for finding in findings)
    cases = "\n".join(_case(finding) for finding in findings) or '  <testcase classname="olorin" name="no changes"/>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuite name={_quoted(title)} tests="{max(len(findings), 1)}" failures="{failures}">\n{cases}\n'
        "</testsuite>\n"
    )


def _case(finding: Finding) -> str:
    name = _quoted(f"{finding.id}: {finding.message}")
    head = f"  <testcase classname={_quoted(finding.operation or 'API')} name={name}"
    if finding.severity is not Severity.BREAKING:
        return f"{head}/>"
    text = escape(_clean("\n".join([finding.message, f"why: {finding.why}", f"fix: {finding.fix or 'none'}"])))
    failure = f"<failure message={_quoted(finding.why)} type={_quoted(finding.id)}>{text}</failure>"
    return f"{head}>\n    {failure}\n  </testcase>"


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """Leave out the characters that XML 1.0 has no way to write (section 2.2)."""
    return _NOT_XML.sub("\ufffd", text)
