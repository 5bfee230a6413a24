"""The judgement of a change as JUnit XML: a test for each gate, then the findings, then the contract tests."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from olorin_pipelines import report
from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.report.junit import clean_xml, quoted
from olorin_pipelines.report.review.judgement import Judgement

__all__ = ["to_junit"]

_HEAD = re.compile(r"^<\?xml[^>]*\?>\s*")
_OUTER = re.compile(r"</?testsuites>\s*")


def to_junit(judgement: Judgement) -> str:
    """Return `<testsuites>`; what did not run or does not apply is skipped, what could not tell is an error."""
    suites = [_gates(judgement)]
    if judgement.base is not None:
        told = report.to_junit(judgement.judged.findings, "findings", judged=judgement.judged)
        suites.append(_HEAD.sub("", told).rstrip())
    if judgement.junit:
        suites.append(_OUTER.sub("", _HEAD.sub("", judgement.junit)).rstrip())
    inner = "\n".join(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{inner}\n</testsuites>\n'


def _gates(judgement: Judgement) -> str:
    results = judgement.gates()
    count = {
        "failures": sum(each.outcome is Outcome.FAIL for each in results),
        "errors": sum(each.outcome in (Outcome.ERROR, Outcome.NO_DATA) for each in results),
        "skipped": sum(each.outcome in (Outcome.NOT_RUN, Outcome.NOT_APPLICABLE) for each in results),
    }
    numbers = " ".join(f'{name}="{value}"' for name, value in count.items())
    cases = "\n".join(map(_case, results))
    return f'<testsuite name={quoted(judgement.title)} tests="{len(results)}" {numbers}>\n{cases}\n</testsuite>'


def _case(result: GateResult) -> str:
    head = f'  <testcase classname="olorin" name={quoted(result.gate)} time="{result.seconds:.3f}"'
    message = quoted(result.summary)
    if result.outcome is Outcome.PASS:
        return f"{head}/>"
    if result.outcome is Outcome.FAIL:
        body = escape(clean_xml("\n".join(f"{one.name}: {one.summary}" for one in result.checks)))
        return f'{head}><failure message={message} type="fail">{body}</failure></testcase>'
    if result.outcome in (Outcome.ERROR, Outcome.NO_DATA):
        return f'{head}><error message={message} type="{result.outcome.value}"/></testcase>'
    return f"{head}><skipped message={message}/></testcase>"
