"""Findings as workflow commands, which GitHub shows beside the lines they are about."""

from __future__ import annotations

from collections.abc import Sequence

from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.report.location import Locate, file_of

__all__ = ["to_github"]

_COMMANDS = {Severity.BREAKING: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def to_github(findings: Sequence[Finding], locate: Locate) -> str:
    """Return a line per finding: `::error file=…,line=…,title=…::message`; file and line where there is a file.

    What was removed is shown at what is left around it, in the new document.
    """
    return "".join(_line(finding, locate) for finding in findings)


def _line(finding: Finding, locate: Locate) -> str:
    place = locate(finding).shown
    file = file_of(place.file)
    at = {"file": file, "line": place.line, "col": place.column} if file else {}
    fields = {**at, "title": f"{finding.severity.value}: {finding.id}"}
    given = ",".join(f"{key}={_property(str(value))}" for key, value in fields.items() if value)
    where = f"{finding.operation}: " if finding.operation else ""
    fix = f"\nfix: {finding.fix}" if finding.fix else ""
    text = f"{where}{finding.message}\nwhy: {finding.why}{fix}"
    return f"::{_COMMANDS[finding.severity]} {given}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
