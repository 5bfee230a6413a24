"""Does production answer as its document says? A few read-only requests, safe to repeat every hour."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import httpx
import orjson

from olorin_pipelines.access import Patience, Pinned, asked_to_wait
from olorin_pipelines.contract.curl import command
from olorin_pipelines.contract.evidence import Sent
from olorin_pipelines.contract.guard import GuardRefused, guarded_client
from olorin_pipelines.contract.judge import Answers, Violation
from olorin_pipelines.contract.redaction import Redactor, secrets_of
from olorin_pipelines.contract.samples import Call, Skip, call_of, resolve
from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.gate import CheckResult, Fact, Outcome, worst

__all__ = ["ProbeResult", "ProbeRow", "probe", "probe_rows", "production_honours"]

SYNTHETIC = {"X-Olorin-Synthetic": "production-probe"}
LARGEST_BODY = 1_048_576
"""Bytes of a body that are read; a larger one is not judged."""

TURNS = 3
"""How often a request is sent that the service refuses for now."""

_NOT_FOR_US = {401: "credentials are needed", 403: "the credentials do not suffice"}
_LIMITED = "rate limited by the service"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRow:
    """One GET operation: NOT_RUN when it could not be called, ERROR when nothing answered, else how it answered.

    `violations` are what made it FAIL, each with the line of the document that was broken; `sent` is the request,
    with its secrets replaced. `come_back` is for how many seconds the service asked to be left alone. Nothing of an
    answer's body is kept: it is production data.
    """

    operation: str
    outcome: Outcome
    status: int | None = None
    milliseconds: float = 0.0
    detail: str = ""
    violations: tuple[Violation, ...] = ()
    sent: Sent | None = None
    come_back: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """The rows of a probe of `url`, in the order of the document."""

    url: str
    rows: tuple[ProbeRow, ...]
    seconds: float

    @property
    def called(self) -> int:
        """How many operations were called."""
        return sum(row.outcome is not Outcome.NOT_RUN for row in self.rows)


class _TooLarge(Exception):
    pass


class _TooSlow(Exception):
    pass


def probe(
    document: Mapping[str, Any] | bytes,
    *,
    url: str,
    headers: Mapping[str, str] | None = None,
    only: Collection[str] = (),
    client: httpx.Client | None = None,
    mark: Mapping[str, str] = SYNTHETIC,
    pinned: Pinned | None = None,
    query: Mapping[str, str] | None = None,
    timeout: float = 5.0,
    seconds: float = 60.0,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> ProbeResult:
    """Call every documented GET operation of `url` whose required parameters the document itself can fill.

    `pinned` are real values of parameters, used before the document's own; `query` goes with every request. `only`
    names the operations that are meant (`GET /x`; empty: all). No other method is ever sent, no redirect followed, no
    cookie kept. `timeout` bounds one call, `seconds` all of them: a service that asks to come again later is waited for
    that long at most, and left alone when it goes on to refuse. All of it goes through a guard of its own
    (`contract.guard`), unless `client` is one already. Trouble on the way is a row of outcome ERROR, never an
    exception; without a guard nothing is sent: `ToolMissing`, `ToolFailed`.
    """
    started = monotonic()
    parsed = _parse(document)
    answers = Answers(parsed)
    sent = {**mark, **(headers or {})}
    redactor = Redactor(secrets_of(sent, (query or {}).values()))
    found: list[ProbeRow] = []
    patience = Patience()
    with nullcontext(client) if client else guarded_client(url, mark=mark) as http:
        for path, item, operation in _gets(parsed):
            if only and f"GET {path}" not in only:
                continue
            call = call_of(parsed, path, item, operation, pinned=pinned.of(f"GET {path}") if pinned else {})
            if isinstance(call, Call) and patience.lost:
                call = Skip(f"{_LIMITED}: it was left alone after {patience.in_a_row} refusals")
            if isinstance(call, Call) and monotonic() - started >= seconds:
                call = Skip("the time of the probe was up")
            if isinstance(call, Skip):
                found.append(ProbeRow(operation=f"GET {path}", outcome=Outcome.NOT_RUN, detail=call.reason))
                continue
            request = http.build_request(
                "GET",
                url.rstrip("/") + call.path,
                params=[*call.query, *(query or {}).items()] or None,
                headers={**sent, **dict(call.headers)},
                timeout=timeout,
            )
            if "cookie" not in {name.lower() for name in sent}:
                request.headers.pop("cookie", None)
            for _ in range(TURNS):
                row = _ask(http, request, path, operation, answers, timeout=timeout, monotonic=monotonic)
                wait = patience.take(row.operation, row.come_back, left=seconds - (monotonic() - started))
                if wait is None:
                    break
                sleep(wait)
            found.append(replace(row, sent=_shown(request, redactor)))
    return ProbeResult(url=url, rows=tuple(found), seconds=round(monotonic() - started, 3))


def production_honours(result: ProbeResult, *, name: str = "production_honours_schema") -> CheckResult:
    """Answer whether production keeps its document: FAIL on any violation, NO_DATA when nothing could be judged."""
    judged = [row for row in result.rows if row.outcome is not Outcome.NOT_RUN]
    wrong = [row for row in judged if row.outcome in (Outcome.FAIL, Outcome.ERROR)]
    passed = sum(row.outcome is Outcome.PASS for row in judged)
    facts: dict[str, Fact] = {
        "called": result.called,
        "passed": passed,
        "skipped": len(result.rows) - len(judged),
        "slowest_ms": max((row.milliseconds for row in judged), default=0.0),
    }
    outcome = worst([row.outcome for row in wrong] or [Outcome.PASS if passed else Outcome.NO_DATA])
    if wrong:
        first = next(row for row in wrong if row.outcome is outcome)
        summary = f"{len(wrong)} of {len(judged)} operations: {first.operation} {first.detail}"
    elif passed:
        summary = f"{passed} of {len(result.rows)} GET operations answered as documented"
    else:
        reason = next((f": {row.operation}: {row.detail}" for row in result.rows), "")
        summary = f"no GET operation could be judged{reason}"
    return CheckResult(name=name, outcome=outcome, summary=summary, facts=facts)


def probe_rows(result: ProbeResult) -> list[dict[str, Fact]]:
    """Return the table of a probe: operation, outcome, status, milliseconds, detail."""
    return [
        {
            "operation": row.operation,
            "outcome": row.outcome.value,
            "status": row.status,
            "milliseconds": row.milliseconds,
            "detail": row.detail,
        }
        for row in result.rows
    ]


def _parse(document: Mapping[str, Any] | bytes) -> Mapping[str, Any]:
    if isinstance(document, Mapping):
        return document
    try:
        parsed = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise DocumentInvalid(error.msg, source="document", line=error.lineno, column=error.colno) from error
    if not isinstance(parsed, dict):
        raise DocumentInvalid("the top level is not an object", source="document")
    return parsed


def _gets(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    for path, item in (document.get("paths") or {}).items():
        whole = resolve(document, item)
        if isinstance(whole, Mapping) and isinstance(whole.get("get"), Mapping):
            yield path, whole, whole["get"]


def _ask(
    http: httpx.Client,
    request: httpx.Request,
    path: str,
    operation: Mapping[str, Any],
    answers: Answers,
    *,
    timeout: float,
    monotonic: Callable[[], float],
) -> ProbeRow:
    key, status, come_back, started = f"GET {path}", None, None, monotonic()
    found: tuple[Violation, ...] = ()
    pointer = "/paths/" + path.replace("~", "~0").replace("/", "~1") + "/get"
    try:
        response = http.send(request, stream=True, follow_redirects=False)
        try:
            status = response.status_code
            come_back = asked_to_wait(status, response.headers.get("retry-after"))
            body = _read(response, until=started + timeout, monotonic=monotonic)
        finally:
            response.close()
        http.cookies.clear()
        outcome, detail, found = _judge(answers, operation, pointer, response, body)
    except GuardRefused as error:
        outcome, detail = Outcome.NOT_RUN, str(error)
    except _TooLarge:
        outcome, detail = Outcome.NO_DATA, f"the body is over {LARGEST_BODY:,} bytes and was not judged"
    except _TooSlow:
        outcome, detail = Outcome.ERROR, f"the answer did not end within {timeout:g} s"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        outcome, detail = Outcome.ERROR, f"no answer: {str(error) or type(error).__name__}"
    milliseconds = round((monotonic() - started) * 1000, 1)
    return ProbeRow(
        operation=key,
        outcome=outcome,
        status=status,
        milliseconds=milliseconds,
        detail=detail,
        violations=found,
        come_back=come_back,
    )


def _shown(request: httpx.Request, redactor: Redactor) -> Sent:
    headers = {name: redactor.text(value) for name, value in request.headers.items()}
    url = redactor.text(str(request.url))
    return Sent(method="GET", url=url, headers=headers, curl=command({"method": "GET", "uri": url, "headers": headers}))


def _read(response: httpx.Response, *, until: float, monotonic: Callable[[], float]) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _TooLarge
        if monotonic() > until:
            raise _TooSlow
    return bytes(body)


def _judge(
    answers: Answers, operation: Mapping[str, Any], pointer: str, response: httpx.Response, body: bytes
) -> tuple[Outcome, str, tuple[Violation, ...]]:
    status = response.status_code
    wait = asked_to_wait(status, response.headers.get("retry-after"))
    if wait is not None:
        return Outcome.NO_DATA, f"answered {status}: {_LIMITED}, which asks to come back in {wait:,.0f} s", ()
    if status in _NOT_FOR_US:
        return Outcome.NO_DATA, f"answered {status}: {_NOT_FOR_US[status]}", ()
    try:
        found = answers.faults(operation, pointer, status, response.headers.get("content-type", ""), body)
    except ValueError as error:  # a schema that cannot be used, as one with a reference out of the document
        return Outcome.NO_DATA, f"its schema cannot be judged: {error!s:.200}", ()
    return (Outcome.FAIL, found[0].message, found) if found else (Outcome.PASS, "", ())
