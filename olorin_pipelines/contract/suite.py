"""Does a running service keep what a document says? One run of Schemathesis against one address."""

from __future__ import annotations

import gzip
import importlib.util
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import orjson

from olorin_pipelines.contract import settings
from olorin_pipelines.contract.afterwards import Asking, not_covered, plan
from olorin_pipelines.contract.clean_up import clean_up
from olorin_pipelines.contract.events import Fold
from olorin_pipelines.contract.model import Progress, Suite, SuiteResult
from olorin_pipelines.contract.process import Ended, run_reporting
from olorin_pipelines.contract.redaction import Redactor, secrets_of
from olorin_pipelines.contract.telling import Telling
from olorin_pipelines.errors import DocumentInvalid, ToolFailed, ToolMissing, UsageError

__all__ = ["run"]

REPORT = "contract.ndjson.gz"
CLEAN_UP_SECONDS = 5.0
_TOOL = "schemathesis"
_ENDED_WELL = (0, 1)


def run(
    document: bytes,
    *,
    url: str,
    workdir: Path,
    suite: Suite,
    headers: Mapping[str, str] | None = None,
    secrets: Sequence[str] = (),
    expired: Mapping[str, str] | None = None,
    cache: Path | None = None,
    program: Sequence[str] | None = None,
    progress: Callable[[Progress], None] | None = None,
    keep_interrupted: bool = False,
    monotonic: Callable[[], float] = time.monotonic,
) -> SuiteResult:
    """Test the service at `url` against `document` (JSON, as it was captured) and keep the report in `workdir`.

    Requests go to `url` and nowhere else, whatever `servers` the document names. `headers` are sent with every
    request; they reach the subprocess through its environment, and the values of those with a telling name, as well
    as `secrets`, are replaced in everything that is stored or returned. `expired` are headers with credentials
    that were good once: without them nothing can be said of expired tokens. `cache` is a folder for character
    tables that are slow to build, worth sharing between runs (default: in `workdir`). `program` replaces Schemathesis.
    `progress` is told about every second how far the run is, from a thread of its own. With `keep_interrupted` a
    KeyboardInterrupt ends the run, and what was found until then is returned (`stop_reason` "interrupted"). What the
    run created is deleted at its end, for which it may take `CLEAN_UP_SECONDS` more.

    Raises DocumentInvalid, ToolMissing, ToolFailed (no usable result, or nothing answers at `url`), UsageError.
    """
    started = monotonic()
    parsed = _parse(document)
    sent = {**settings.SYNTHETIC, **(headers or {})}
    redactor = Redactor(secrets_of(sent, secrets))
    folder = workdir.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    env = settings.environment(sent, home=folder, cache=(cache or folder / ".hypothesis").resolve())
    command = list(program) if program is not None else _program()
    _answers(url, sent, suite.request_timeout)

    schema, config, report = folder / "openapi.json", folder / "schemathesis.toml", folder / REPORT
    schema.write_bytes(document)
    config.write_text(settings.configuration(suite, sent), encoding="utf-8")
    fold = Fold(parsed, only=suite.include_operations, base=urlsplit(url).path.rstrip("/"))
    with gzip.open(report, "wb", compresslevel=3) as kept:
        telling = Telling(fold, progress, started=started, monotonic=monotonic)

        def consume(line: bytes) -> None:
            clean = redactor.line(line)
            kept.write(clean)
            fold.add(clean)
            telling.now_and_then()

        missed: dict[str, str] = {}
        stopped = ""
        try:
            ended = run_reporting(
                lambda pipe: [
                    *command,
                    *settings.arguments(suite, document=schema, config=config, url=url, report=pipe),
                ],
                env=env,
                cwd=folder,
                seconds=suite.seconds,
                consume=consume,
            )
            _refuse_without_result(fold, ended, redactor)
            stopped = "out_of_time" if ended.timed_out else ""
            if not stopped:
                rest = max(0.0, suite.seconds - (monotonic() - started))
                missed = _ask(url, sent, suite, fold, expired or {}, secrets, kept, rest)
        except KeyboardInterrupt:
            if not keep_interrupted:
                raise
            stopped, ended = "interrupted", Ended(exit_code=-signal.SIGINT, timed_out=False, tail="")
    fold.end()
    cleaned = clean_up(fold.created, url, sent, timeout=suite.request_timeout, seconds=CLEAN_UP_SECONDS)
    return SuiteResult(
        operations=fold.operations(),
        failures=fold.failures(),
        errors=fold.errors,
        warnings=fold.warnings(),
        not_covered=missed,
        judged=dict(fold.judge.judged),
        covered=fold.covered(),
        cases=fold.cases,
        complete=fold.stop_reason == "completed" and not stopped,
        stop_reason=stopped or fold.stop_reason,
        seconds=round(monotonic() - started, 3),
        exit_code=ended.exit_code,
        version=fold.version,
        seed=suite.seed,
        mode=suite.mode,
        report=report,
        removed=cleaned.removed,
        left_behind=cleaned.left_behind,
    )


def _ask(
    url: str,
    headers: Mapping[str, str],
    suite: Suite,
    fold: Fold,
    expired: Mapping[str, str],
    secrets: Sequence[str],
    kept: gzip.GzipFile,
    seconds: float,
) -> dict[str, str]:
    """Ask what only a known success allows to ask; returns what was not covered, by check."""
    asks = list(
        plan(
            fold.judge.operations,
            fold.seeds.all(),
            fold.judge.requests,
            good=headers,
            expired=expired,
            invalid=suite.mode == "all",
        )
    )
    bad = [ask.token.value for ask in asks if ask.token and ask.token.value and ask.probe != "garbage_token"]
    redactor = Redactor({*secrets_of(headers, [*secrets, *bad]), *secrets_of(expired)})
    asking = Asking(url, headers, timeout=suite.request_timeout, seconds=seconds, requests=suite.after_requests)
    for line in asking.lines(asks):
        clean = redactor.line(line)
        kept.write(clean)
        fold.add(clean)
    return not_covered(asks, asking.left_out, fold.judge.operations, invalid=suite.mode == "all")


def _parse(document: bytes) -> Mapping[str, object]:
    try:
        parsed = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise DocumentInvalid(error.msg, source="document", line=error.lineno, column=error.colno) from error
    if not isinstance(parsed, dict):
        raise DocumentInvalid("the top level is not an object", source="document")
    return parsed


def _program() -> list[str]:
    if importlib.util.find_spec(_TOOL) is None:
        raise ToolMissing("Schemathesis is not installed", tool=_TOOL, hint="pip install 'schemathesis>=4.32,<5'")
    return settings.program()


def _answers(url: str, headers: Mapping[str, str], seconds: float) -> None:
    """Ask once before anything is started: Schemathesis takes seconds to say that nobody is there."""
    try:
        with (
            httpx.Client(trust_env=False, timeout=seconds) as client,
            client.stream("GET", url, headers=dict(headers)),
        ):
            pass
    except httpx.InvalidURL as error:
        raise UsageError(f"{url!r} is not an address: {error}") from error
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        hint = "start the service, or correct the url of its environment"
        raise ToolFailed(f"{url} does not answer: {reason}", tool=_TOOL, hint=hint) from error


def _refuse_without_result(fold: Fold, ended: Ended, redactor: Redactor) -> None:
    if ended.timed_out:
        return
    if not fold.fatal and fold.loaded and ended.exit_code in _ENDED_WELL:
        return
    said = redactor.text(fold.fatal or ended.tail) or "it said nothing"
    raise ToolFailed(f"Schemathesis ended with {ended.exit_code} and no usable result: {said}", tool=_TOOL)
