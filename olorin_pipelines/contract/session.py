"""What is one run against one address? What it sends, what it keeps of it, and what that comes to."""

from __future__ import annotations

import gzip
import io
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx
import orjson

from olorin_pipelines.contract import settings
from olorin_pipelines.contract.afterwards import Asking, not_covered, plan
from olorin_pipelines.contract.clean_up import clean_up
from olorin_pipelines.contract.corpus import Compiler
from olorin_pipelines.contract.endless import endless_body
from olorin_pipelines.contract.events import LIMITED, Fold
from olorin_pipelines.contract.lanes import Lanes
from olorin_pipelines.contract.model import OperationResult, SuiteResult, Way
from olorin_pipelines.contract.recorded import Recorded
from olorin_pipelines.contract.redaction import Redactor, secrets_of
from olorin_pipelines.contract.sending import Sender
from olorin_pipelines.contract.telling import Telling
from olorin_pipelines.contract.trial import Trial
from olorin_pipelines.contract.unreached import RATE_LIMITED, why_unreached
from olorin_pipelines.contract.wire import Wire
from olorin_pipelines.errors import DocumentInvalid, ToolFailed, UsageError

__all__ = ["REPORT", "Session", "parse", "session"]

REPORT = "contract.ndjson.gz"
CLEAN_UP_SECONDS = 5.0
"""What a run may take beyond its budget to delete what it created."""
OUT_OF_TIME = "out_of_time"
INTERRUPTED = "interrupted"
_COMPLETED = "completed"
_BUFFER = 131_072
"""Bytes of a report that are packed at once."""


class Session:
    """Keeps every case of a run, with secrets replaced, and judges it. Made by `session`."""

    def __init__(self, trial: Trial, document: Mapping[str, object], *, kept: BinaryIO, report: Path) -> None:
        base, suite = urlsplit(trial.url).path.rstrip("/"), trial.suite
        self.trial, self.url, self.suite, self.headers = trial, trial.url, suite, trial.sent
        self._document = document
        self._hidden = set(secrets_of(self.headers))
        self._secrets = -1
        self._redactor = Redactor(())
        self.fold = Fold(document, only=suite.include_operations, base=base, scenario=self._scenario)
        self.compiler = Compiler(self.headers, base=base, known=self.fold.keys)
        self.missed: dict[str, str] = {}
        self.exit_code, self.timed_out = 0, False
        self._kept, self._report, self._started = kept, report, trial.monotonic()
        self._telling = Telling(self.fold, trial.progress, started=self._started, monotonic=trial.monotonic)
        self._interrupted = self._given_up = False
        self._lanes = Lanes(*(Wire(trial.url, timeout=suite.request_timeout) for _ in range(2)))

    def close(self) -> None:
        """Close the connections to the service."""
        self._lanes.close()

    @property
    def redactor(self) -> Redactor:
        """What replaces secrets in all that is kept, those of a token that was renewed meanwhile too."""
        there = len(self.trial.secrets)
        if there != self._secrets:
            self._secrets = there
            self._redactor = Redactor({*self._hidden, *secrets_of({}, self.trial.secrets)})
        return self._redactor

    @property
    def seconds(self) -> float:
        """How long the run has taken."""
        return self.trial.monotonic() - self._started

    @property
    def left(self) -> float:
        """How many seconds are left of its budget."""
        return max(0.0, self.suite.seconds - self.seconds)

    @property
    def goes_on(self) -> bool:
        """Whether there is time left, and a service that lets itself be asked."""
        return not self.timed_out and not self.refused

    @property
    def refused(self) -> bool:
        """Whether the service refused so often, one request after the other, that it is to be left alone."""
        patience = self.fold.patience
        # the hook of Schemathesis interrupts it, and nobody else does, before the last refusal is written down
        ended = self.fold.stop_reason == INTERRUPTED and patience.in_a_row > 0 and not self.timed_out
        return self._given_up or patience.lost or ended

    def line(self, line: bytes) -> None:
        """Take a line of a report."""
        clean = self.redactor.line(line)
        self._kept.write(clean)
        self.fold.add(clean)
        self._telling.now_and_then()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """A KeyboardInterrupt ends the block, and what was found until then is the result, if that is wanted."""
        try:
            yield
        except KeyboardInterrupt:
            if not self.trial.keep_interrupted:
                raise
            self._interrupted, self.exit_code = True, -signal.SIGINT

    @contextmanager
    def sender(self) -> Iterator[Sender]:
        """Send requests of our own, over connections that are kept until `close`."""
        sender = Sender(self._lanes, self.headers, self._take, query=self.suite.query, left=lambda: self.left)
        try:
            yield sender
            sender.flush()
        except BaseException:
            self._lanes.close()  # of an answer that nobody waits for the next request shall not be given
            raise
        finally:
            self._given_up = self._given_up or sender.patience.lost

    def afterwards(self) -> None:
        """Ask what only a known success allows to ask, in the time that is left."""
        everything = self.suite.mode == "all"
        fold = self.fold
        asks = list(
            plan(
                fold.judge.operations,
                fold.seeds.all(),
                fold.judge.requests,
                good=self.headers,
                expired=self.trial.expired,
                invalid=everything,
                there=[each.path for each in fold.created.deletable()],
            )
        )
        bad = [ask.token.value for ask in asks if ask.token and ask.token.value and ask.probe != "garbage_token"]
        self._hidden |= {*secrets_of({}, bad), *secrets_of(self.trial.expired)}
        self._secrets = -1
        with self.sender() as sender:
            asking = Asking(sender, seconds=self.left, requests=self.suite.after_requests)
            asking.ask(asks)
        self.missed = not_covered(asks, asking.left_out, fold.judge.operations, invalid=everything)

    def result(
        self, *, way: Way = "full", why: str = "", first: Sequence[str] = (), first_ended: bool = True, **more: object
    ) -> SuiteResult:
        """End the run and return what it came to; `first_ended` is False when what comes first was not finished."""
        fold = self.fold
        fold.end()
        stopped = self._stopped()
        operations = tuple(
            replace(each, why=why_unreached(each, stop_reason=stopped or fold.stop_reason, endless=self._endless(each)))
            for each in fold.operations()
        )
        if not stopped and any(each.refused and not _says_so(each) for each in operations):
            stopped = RATE_LIMITED
        cleaned = clean_up(fold.created, self._lanes, self.headers, seconds=CLEAN_UP_SECONDS)
        ended = fold.stop_reason in ("", _COMPLETED) and not stopped
        share = sum(each.exercised for each in operations) / len(operations) if operations else 0.0
        short = first_ended and stopped in (OUT_OF_TIME, RATE_LIMITED)
        enough = self.suite.enough is not None and short and share >= self.suite.enough
        return SuiteResult(
            operations=operations,
            failures=fold.failures(),
            errors=fold.errors,
            warnings=fold.warnings(),
            not_covered=self.missed,
            judged=dict(fold.judge.judged),
            covered=fold.covered(),
            cases=fold.cases,
            complete=ended or enough,
            stop_reason=stopped or fold.stop_reason or _COMPLETED,
            seconds=round(self.seconds, 3),
            exit_code=self.exit_code,
            version=fold.version or str(settings.options(self.suite)["schemathesis"]),
            seed=self.suite.seed,
            mode=self.suite.mode,
            report=self._report,
            removed=cleaned.removed,
            left_behind=cleaned.left_behind,
            way=way,
            why=why,
            first=tuple(first),
            left_out=() if ended else tuple(each.key for each in operations if not each.exercised),
            options=settings.options(self.suite),
            come_back=fold.patience.seconds if stopped == RATE_LIMITED else 0.0,
            **more,  # type: ignore[arg-type] # the names of fields
        )

    def _stopped(self) -> str:
        """Why the run stopped early, empty when it came to its end."""
        if self._interrupted:
            return INTERRUPTED
        if self.refused:
            return RATE_LIMITED
        return OUT_OF_TIME if self.timed_out else ""

    def _endless(self, operation: OperationResult) -> bool:
        known = self.fold.judge.operations.get(operation.key)
        return not operation.valid and known is not None and endless_body(self._document, known)

    def _take(self, line: bytes, each: Recorded) -> None:
        clean = self.redactor.line(line)
        self._kept.write(clean)
        if clean == line:
            self.fold.take(each)
        else:
            self.fold.add(clean)
        self._telling.now_and_then()

    def _scenario(self, scenario: Mapping[str, object]) -> None:
        self.compiler.take(scenario)


def _says_so(operation: OperationResult) -> bool:
    """Whether an operation documents that it may refuse for now, and answered besides."""
    return operation.exercised and LIMITED in operation.documented


@contextmanager
def session(trial: Trial) -> Iterator[Session]:
    """Begin a run: its report is written for as long as the block lasts.

    Raises DocumentInvalid, ToolFailed when nothing answers at the address, UsageError for headers that cannot be sent.
    """
    parsed = parse(trial.document)
    settings.refuse_unsendable(trial.sent)
    _answers(trial.url, trial.sent, trial.suite.request_timeout)
    folder = trial.workdir.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    report = folder / REPORT
    with gzip.open(report, "wb", compresslevel=3) as packed, io.BufferedWriter(packed, _BUFFER) as kept:
        running = Session(trial, parsed, kept=kept, report=report)
        with closing(running):
            yield running


def parse(document: bytes) -> Mapping[str, object]:
    """Read a document as JSON. Raises DocumentInvalid."""
    try:
        parsed = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise DocumentInvalid(error.msg, source="document", line=error.lineno, column=error.colno) from error
    if not isinstance(parsed, dict):
        raise DocumentInvalid("the top level is not an object", source="document")
    return parsed


def _answers(url: str, headers: Mapping[str, str], seconds: float) -> None:
    """Ask once before anything is started: Schemathesis takes seconds to say that nobody is there."""
    try:
        with (
            httpx.Client(trust_env=False, timeout=seconds, verify=url.startswith("https:")) as client,
            client.stream("GET", url, headers=dict(headers)),
        ):
            pass
    except httpx.InvalidURL as error:
        raise UsageError(f"{url!r} is not an address: {error}") from error
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        hint = "start the service, or correct the url of its environment"
        raise ToolFailed(f"{url} does not answer: {reason}", tool="schemathesis", hint=hint) from error
