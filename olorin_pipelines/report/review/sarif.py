"""The judgement of a change as SARIF 2.1.0: the findings, and as a second run what the contract tests found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from olorin_pipelines import __version__, report
from olorin_pipelines.gate import Fact
from olorin_pipelines.report.review.judgement import Judgement
from olorin_pipelines.report.sarif import linkless, located

__all__ = ["to_sarif"]

_AT = re.compile(r"(?P<file>.*):(?P<line>\d+):(?P<column>\d+)")


def to_sarif(judgement: Judgement) -> str:
    """Return a log of two runs, told apart by `automationDetails.id` (section 3.17.3); failures are errors."""
    findings = judgement.judged.findings if judgement.base is not None else ()
    approved = [finding for finding, _ in judgement.judged.approved]
    locate = report.locator(judgement.base or judgement.head, judgement.head, [*findings, *approved])
    log: dict[str, Any] = orjson.loads(report.to_sarif(findings, locate, judged=judgement.judged))
    log["runs"][0]["automationDetails"] = {"id": f"olorin/{judgement.service}/diff/"}
    log["runs"].append(_tests(judgement))
    return orjson.dumps(log, option=orjson.OPT_INDENT_2).decode() + "\n"


def _tests(judgement: Judgement) -> dict[str, Any]:
    rows = judgement.failures()
    checks = sorted({str(row["check"]) for row in rows})
    return {
        "tool": {
            "driver": {
                "name": "olorin",
                "semanticVersion": __version__,
                "rules": [{"id": name, "shortDescription": {"text": name.replace("_", " ")}} for name in checks],
            }
        },
        "automationDetails": {"id": f"olorin/{judgement.service}/contract/"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(row, checks) for row in rows],
    }


def _result(row: Mapping[str, Fact], checks: list[str]) -> dict[str, Any]:
    check, operation = str(row["check"]), str(row.get("operation") or "")
    place: dict[str, Any] = {}
    match = _AT.fullmatch(str(row.get("at") or ""))
    if match is not None:
        place = located(match["file"], int(match["line"]), int(match["column"]))
    if operation:
        place["logicalLocations"] = [{"fullyQualifiedName": operation, "kind": "function"}]
    result: dict[str, Any] = {
        "ruleId": check,
        "ruleIndex": checks.index(check),
        "level": "error",
        "message": {"text": linkless(f"{operation}: {row.get('message') or check}")},
        "locations": [place] if place else [],
    }
    if row.get("fingerprint"):
        result["partialFingerprints"] = {"olorin/v1": str(row["fingerprint"])}
    return result
