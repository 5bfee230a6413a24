"""Findings as workflow commands, which GitHub shows beside the lines they are about."""

from __future__ import annotations

from collections.abc import Sequence

from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.report.data import Locate

__all__ = ["to_github"]

_COMMANDS = {Severity.BREAKING: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def to_github(findings: Sequence[Finding], locate: Locate) -> str:
    """Return a line per finding: `::error file=…,line=…,title=…::message`."""
    return "".join(_line(finding, locate) for finding in findings)


def _line(finding: Finding, locate: Locate) -> str:
    places = locate(finding)
    place = places["new"] or places["old"] or {}
    fields = {"file": place.get("file"), "line": place.get("line"), "col": place.get("column"), "title": finding.id}
    given = ",".join(f"{key}={_property(str(value))}" for key, value in fields.items() if value)
    where = f"{finding.operation}: " if finding.operation else ""
    return f"::{_COMMANDS[finding.severity]} {given}::{_data(where + finding.message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
