"""Runs of contract tests as JUnit XML: a test for each operation and each check that was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from olorin_pipelines.contract.judge.checks import CHECKS
from olorin_pipelines.contract.model import Failure, OperationResult
from olorin_pipelines.contract.tested import Tested
from olorin_pipelines.report.junit import clean_xml, quoted

__all__ = ["to_junit"]

_MOST = 20
"""Failures of one test that are written out."""


def to_junit(runs: Sequence[Tested]) -> str:
    """Return one suite for each run. A failure fails its test, a known one and an operation never reached skip it.

    What could not be tested is an error; so is the run itself when it could not tell.
    """
    suites = "\n".join(_suite(run) for run in runs)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{suites}\n</testsuites>\n'


def _suite(run: Tested) -> str:
    cases = [case for operation in run.operations for case in _cases(run, operation)]
    cases += [_case("API", f"errors: {error[:80]}", _element("error", "error", error, error)) for error in run.errors]
    inner = ""
    if run.outcome.value in ("no_data", "error"):
        inner = _element("error", run.outcome.value, run.summary, run.summary)
    elif run.outcome.value == "not_applicable":
        inner = f"<skipped message={quoted(run.summary)}/>"
    cases.append(_case("API", "the run could tell", inner))
    count = {kind: sum(f"<{kind} " in case for case in cases) for kind in ("failure", "error", "skipped")}
    head = (
        f'  <testsuite name={quoted(f"{run.title} {run.version} by {run.source}")} tests="{len(cases)}" '
        f'failures="{count["failure"]}" errors="{count["error"]}" skipped="{count["skipped"]}" '
        f'time="{run.seconds:.3f}">'
    )
    return "\n".join([head, *cases, "  </testsuite>"])


def _cases(run: Tested, operation: OperationResult) -> Iterator[str]:
    failures = [each for each in run.failures if each.operation == operation.key]
    excused = [each for each in run.excused if each.operation == operation.key]
    made = [check.name for check in CHECKS if run.judged.get(check.name) and not check.advisory]
    names = dict.fromkeys([*made, *(each.check for each in (*failures, *excused))])
    for name in names:
        broken = [each for each in failures if each.check == name]
        known = [each for each in excused if each.check == name]
        inner = ""
        if broken:
            inner = _failure(broken)
        elif known:
            inner = f"<skipped message={quoted(f'known: {known[0].excuse}')}/>"
        elif not operation.exercised:
            inner = '<skipped message="the operation was not reached"/>'
        yield _case(operation.key, name, inner)


def _failure(failures: Sequence[Failure]) -> str:
    text = "\n\n".join(_told(each) for each in failures[:_MOST])
    return _element("failure", failures[0].check, failures[0].message, text)


def _told(failure: Failure) -> str:
    lines = [
        failure.message,
        f"expected: {failure.expected}" if failure.expected else "",
        f"got: {failure.got}" if failure.got else "",
        f"at: {failure.at} {failure.pointer}".replace("  ", " ") if failure.pointer else "",
        f"state: {failure.state}" if failure.state else "",
        f"request: {failure.curl}" if failure.curl else "",
        f"answer: {failure.answered.body}" if failure.answered and failure.answered.body else "",
        f"fingerprint: {failure.fingerprint}",
    ]
    return "\n".join(line for line in lines if line)


def _case(classname: str, name: str, inner: str) -> str:
    head = f"    <testcase classname={quoted(classname)} name={quoted(name)}"
    return f"{head}>\n      {inner}\n    </testcase>" if inner else f"{head}/>"


def _element(tag: str, kind: str, message: str, text: str) -> str:
    return f"<{tag} message={quoted(message)} type={quoted(kind)}>{escape(clean_xml(text))}</{tag}>"
