"""Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a pull request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from olorin_pipelines import __version__
from olorin_pipelines.diff import RULES, Finding, Severity
from olorin_pipelines.report.location import Locate, Place, file_of

if TYPE_CHECKING:
    from olorin_pipelines.policy import Judged

__all__ = ["linkless", "located", "to_sarif"]

_LEVELS = {Severity.BREAKING: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LINK = re.compile(r"\[([^\[\]]*)\]\(")
_NAMED = 20
"""Operations that a result names."""


def to_sarif(findings: Sequence[Finding], locate: Locate, *, judged: Judged | None = None) -> str:
    """Return one run with a result per finding; approved ones are results that are suppressed, with the reason.

    `partialFingerprints` keep a finding the same from run to run. Columns count characters.
    """
    approved = judged.approved if judged else ()
    shown = [*((finding, "") for finding in findings), *((finding, by.reason) for finding, by in approved)]
    ids = sorted({finding.id for finding, _ in shown})
    index = {id_: i for i, id_ in enumerate(ids)}
    texts = {finding.id: finding for finding, _ in shown}
    known = {rule.id: rule for rule in RULES}
    rules = [_rule(texts[id_], known[id_].severity if id_ in known else texts[id_].severity) for id_ in ids]
    run = {
        "tool": {"driver": {"name": "olorin", "semanticVersion": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index[finding.id], locate(finding).shown, why) for finding, why in shown],
    }
    data = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def _rule(finding: Finding, severity: Severity) -> dict[str, Any]:
    why, fix = finding.why or finding.id, finding.fix or "none"
    return {
        "id": finding.id,
        "shortDescription": {"text": finding.id.replace("-", " ")},
        "fullDescription": {"text": why},
        "help": {"text": f"Why: {why}. Fix: {fix}.", "markdown": f"**Why:** {why}.\n\n**Fix:** {fix}."},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {"tags": ["openapi", severity.value]},
    }


def _result(finding: Finding, index: int, place: Place, approved: str) -> dict[str, Any]:
    result = {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": linkless(f"{finding.message}: {finding.why}" if finding.why else finding.message)},
        "locations": _locations(finding, place),
        "partialFingerprints": {"olorin/v1": finding.fingerprint},
        "properties": {"before": finding.before, "after": finding.after, "operations": len(finding.reachable_from)},
    }
    if approved:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": approved}]
    return result


def linkless(text: str) -> str:
    """Escape what a viewer would make a link of (section 3.11.6): the text may quote a hostile document."""
    return _LINK.sub(r"\\[\1\\](", text)


def located(source: str, line: int | None, column: int | None) -> dict[str, Any]:
    """Return a location (section 3.28) with its place in a file; an empty one where the source is no file."""
    file = file_of(source)
    if not file:
        return {}
    uri = Path(file).as_uri() if Path(file).is_absolute() else quote(Path(file).as_posix())
    place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if line:
        place["region"] = {"startLine": line, "startColumn": column}
    return {"physicalLocation": place}


def _locations(finding: Finding, place: Place) -> list[dict[str, Any]]:
    location = located(place.file, place.line, place.column)
    named = finding.reachable_from[:_NAMED]
    if named:
        location["logicalLocations"] = [{"fullyQualifiedName": key, "kind": "function"} for key in named]
    return [location] if location else []
