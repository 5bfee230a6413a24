"""Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from olorin_pipelines import __version__
from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.report.data import Locate

__all__ = ["to_sarif"]

_LEVELS = {Severity.BREAKING: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def to_sarif(findings: Sequence[Finding], locate: Locate) -> str:
    """Return one run with a result per finding; `partialFingerprints` keep a finding the same from run to run."""
    ids = sorted({finding.id for finding in findings})
    why = {finding.id: finding for finding in findings}
    rules = [
        {
            "id": id_,
            "shortDescription": {"text": why[id_].why or id_},
            "help": {"text": why[id_].fix or why[id_].why or id_},
            "defaultConfiguration": {"level": _LEVELS[why[id_].severity]},
        }
        for id_ in ids
    ]
    driver = {
        "name": "olorin",
        "version": __version__,
        "informationUri": "https://github.com/olorin/olorin-pipelines",
        "rules": rules,
    }
    results = [_result(finding, ids.index(finding.id), locate(finding)) for finding in findings]
    data = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def _result(finding: Finding, index: int, places: dict[str, Any]) -> dict[str, Any]:
    place = places["new"] or places["old"]
    physical: dict[str, Any] = {}
    if place:
        physical["artifactLocation"] = {"uri": place["file"]}
        if place["line"]:
            physical["region"] = {"startLine": place["line"], "startColumn": place["column"]}
    logical = [{"fullyQualifiedName": operation, "kind": "function"} for operation in finding.reachable_from[:20]]
    location = {
        **({"physicalLocation": physical} if physical else {}),
        **({"logicalLocations": logical} if logical else {}),
    }
    return {
        "ruleId": finding.id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}: {finding.why}" if finding.why else finding.message},
        "locations": [location] if location else [],
        "partialFingerprints": {"olorin/v1": finding.fingerprint},
    }
