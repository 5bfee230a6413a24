"""Requests and answers of contract tests as HTTP Archive 1.2: those of failures, or what a run recorded."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from olorin_pipelines import __version__
from olorin_pipelines.contract.evidence import Answered, Sent, answered, sent
from olorin_pipelines.contract.tested import Tested

__all__ = ["har_of_cases", "to_har"]

MOST = 2_000
"""Entries of an archive."""
_UNKNOWN = -1


def to_har(runs: Sequence[Tested]) -> str:
    """Return the archive of the requests that show failures, known ones and warnings too; at most `MOST`.

    Secrets were replaced before anything was recorded; bodies are excerpts.
    """
    entries = (
        _entry(each.sent, each.answered, {"_check": each.check, "_message": each.message, "_at": each.at,
                                          "_fingerprint": each.fingerprint})
        for run in runs
        for each in (*run.failures, *run.excused, *run.warnings)
        if each.sent is not None
    )  # fmt: skip
    return _archive(entries)


def har_of_cases(cases: Path) -> str:
    """Return the archive of the first `MOST` exchanges that a run recorded in its gzipped ndjson."""
    return _archive(_recorded(cases))


def _archive(entries: Iterable[dict[str, Any]]) -> str:
    kept = [entry for entry, _ in zip(entries, range(MOST), strict=False)]
    log = {"version": "1.2", "creator": {"name": "Olorin Pipelines", "version": __version__}, "entries": kept}
    return orjson.dumps({"log": log}, option=orjson.OPT_INDENT_2).decode()


def _recorded(cases: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(cases) as lines:
        for line in lines:
            try:
                event = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            recorder = (event.get("ScenarioFinished") or {}).get("recorder") or {}
            for name, interaction in (recorder.get("interactions") or {}).items():
                yield _entry(sent(interaction), answered(interaction), {"_case": name})


def _entry(request: Sent, answer: Answered | None, more: dict[str, str]) -> dict[str, Any]:
    took = answer.milliseconds if answer else 0.0
    began = datetime.fromtimestamp(request.at, UTC)
    return {
        "startedDateTime": began.isoformat(timespec="milliseconds"),
        "time": took,
        "request": _request(request),
        "response": _response(answer),
        "cache": {},
        "timings": {"send": 0, "wait": took, "receive": 0},
        **more,
    }


def _request(request: Sent) -> dict[str, Any]:
    query = parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    made: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in request.headers.items()],
        "queryString": [{"name": name, "value": value} for name, value in query],
        "headersSize": _UNKNOWN,
        "bodySize": len(request.body.encode()),
    }
    if request.body:
        made["postData"] = {"mimeType": _kind(request.headers), "text": request.body}
    return made


def _response(answer: Answered | None) -> dict[str, Any]:
    """No answer is a status of 0, as browsers write it."""
    status, headers = (answer.status, answer.headers) if answer else (0, {})
    return {
        "status": status,
        "statusText": HTTPStatus(status).phrase if status in set(HTTPStatus) else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "content": {
            "size": answer.size if answer else 0,
            "mimeType": _kind(headers),
            "text": answer.body if answer else "",
        },
        "redirectURL": next((value for name, value in headers.items() if name.lower() == "location"), ""),
        "headersSize": _UNKNOWN,
        "bodySize": answer.size if answer else 0,
    }


def _kind(headers: Any) -> str:
    return next((value for name, value in headers.items() if name.lower() == "content-type"), "")
