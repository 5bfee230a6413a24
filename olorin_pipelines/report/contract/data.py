"""A run of contract tests as JSON, for other programs."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import orjson

from olorin_pipelines.contract.judgement import covered_rows
from olorin_pipelines.contract.model import Failure
from olorin_pipelines.contract.tested import Tested

__all__ = ["failure_data", "to_json"]

_AT = re.compile(r"(?P<file>.*?):(?P<line>\d+):(?P<column>\d+)")


def to_json(tested: Tested) -> str:
    """Return the run, indented, keys in a fixed order. The shape is `docs/schemas/test-report.schema.json`."""
    data: dict[str, Any] = {
        "outcome": tested.outcome.value,
        "summary": tested.summary,
        "url": tested.url,
        "mode": tested.mode,
        "document": {
            "source": tested.source,
            "title": tested.title,
            "version": tested.version,
            "digest": tested.digest,
        },
        "checks": [
            {"name": each.name, "outcome": each.outcome.value, "summary": each.summary, "advisory": each.advisory}
            for each in tested.checks
        ],
        "failures": [failure_data(each) for each in tested.failures],
        "known": [failure_data(each) for each in tested.excused],
        "fixed": [failure_data(each) for each in tested.fixed],
        "warnings": [failure_data(each) for each in tested.warnings],
        "errors": list(tested.errors),
        "coverage": round(tested.coverage, 4),
        "operations": [_operation(each) for each in tested.operations],
        "covered": covered_rows(tested.covered),
        "untested": list(tested.untested),
        "cases": tested.cases,
        "seconds": tested.seconds,
        "complete": tested.complete,
        "stop_reason": tested.stop_reason,
        "removed": tested.removed,
        "left_behind": [asdict(each) for each in tested.left_behind],
        "notes": list(tested.notes),
        "way": tested.way,
        "replayed": tested.replayed,
    }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def failure_data(failure: Failure) -> dict[str, Any]:
    """Return one failure, with its request and the beginning of its answer."""
    place = _AT.fullmatch(failure.at)
    location = {"file": place["file"], "line": int(place["line"]), "column": int(place["column"])} if place else None
    return {
        "check": failure.check,
        "operation": failure.operation,
        "message": failure.message,
        "curl": failure.curl,
        "expected": failure.expected,
        "got": failure.got,
        "pointer": failure.pointer,
        "location": location,
        "status": failure.status,
        "times": failure.times,
        "state": failure.state,
        "excuse": failure.excuse,
        "phase": failure.phase,
        "detail": failure.detail,
        "fingerprint": failure.fingerprint,
        "request": _message(failure.sent),
        "response": _message(failure.answered),
    }


def _message(message: Any) -> dict[str, Any] | None:
    if message is None:
        return None
    return {name: value for name, value in asdict(message).items() if name != "curl"}


def _operation(each: Any) -> dict[str, Any]:
    return {("operation" if name == "key" else name): value for name, value in asdict(each).items()}
