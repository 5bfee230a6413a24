"""Does a running service keep what a document says? Schemathesis against one address, what matters most first.

With operations that come first Schemathesis is run twice: for them, and then for the rest in the time that is left.
When the rest was tested before under the same text, its corpus is replayed instead.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from olorin_pipelines.contract import settings
from olorin_pipelines.contract.corpus import Corpora, Corpus, Entry, send_again
from olorin_pipelines.contract.corpus.compile import MOST
from olorin_pipelines.contract.model import SuiteResult, Way
from olorin_pipelines.contract.process import Ended, run_reporting
from olorin_pipelines.contract.session import Session, parse, session
from olorin_pipelines.contract.trial import Trial
from olorin_pipelines.errors import ToolFailed, ToolMissing

__all__ = ["run"]

SMALL = 20
"""Operations of a document for which a second start of Schemathesis takes longer than it is worth: there the paths of
what comes first are put first."""
_TOOL = "schemathesis"
_ENDED_WELL = (0, 1)


def run(
    trial: Trial,
    *,
    first: Sequence[str] = (),
    rest: Corpus | None = None,
    corpora: Corpora | None = None,
    why: str = "",
) -> SuiteResult:
    """Test a service by Schemathesis and keep the report in the working folder.

    `first` are operations to be tested before the others; `rest` is a corpus in which the others are told alike, to be
    replayed instead of testing them anew. The requests of a complete run are kept in `corpora`. What the run created is
    deleted at its end, for which it may take `CLEAN_UP_SECONDS` more.

    Raises DocumentInvalid, ToolMissing, ToolFailed (no usable result, or nothing answers at the address), UsageError.
    """
    command = tuple(trial.program) if trial.program is not None else _program()
    with session(trial) as running:
        folder = trial.workdir.resolve()
        tool = _Tool(running, command, folder, (trial.cache or folder / ".hypothesis").resolve())
        leading = tuple(key for key in running.fold.keys if key in set(first))
        others = tuple(key for key in running.fold.keys if key not in set(leading))
        if rest is not None:
            known = {entry.operation for entry in rest.entries}
            leading = tuple(key for key in running.fold.keys if key in set(leading) or key not in known)
            others = tuple(key for key in others if key in known)
        way: Way = "full"
        first_ended, replayed, speed = False, 0, 0.0
        with running.interruptible():
            way, first_ended, replayed, speed = _in_order(tool, leading, others, rest)
            _ask_again(running)
            if running.goes_on:
                running.afterwards()
        done = running.result(
            way=way,
            why=why,
            first=leading if way != "full" else (),
            first_ended=first_ended,
            replayed=replayed,
            requests_per_second=speed,
        )
        _keep(running, done, corpora, rest.only(others) if rest and way == "changed and replay" else ())
    return done


def _in_order(
    tool: _Tool, leading: tuple[str, ...], others: tuple[str, ...], rest: Corpus | None
) -> tuple[Way, bool, int, float]:
    """Test what comes first, then the others; returns the way, whether the first part ended, cases and their rate."""
    if (not leading and rest is None) or not others:
        tool.test()
        return "full", tool.running.goes_on, 0, 0.0
    if rest is None and len(leading) + len(others) <= SMALL:
        tool.test(order=leading)
        return "changed first", tool.running.goes_on, 0, 0.0
    if leading:
        tool.test(include=leading)
    if not tool.running.goes_on:
        return "changed first", False, 0, 0.0
    if rest is None:
        tool.test(without=leading)
        return "changed first", True, 0, 0.0
    sent, speed = replay_into(tool.running, rest.only(others))
    return "changed and replay", True, sent, speed


def _ask_again(running: Session) -> None:
    """Send once more what the service refused for now."""
    refused = running.compiler.refused()
    if not refused or not running.goes_on:
        return
    sent, _ = replay_into(running, refused)
    for entry in refused[:sent]:
        running.fold.sent_again(entry.operation)


def replay_into(running: Session, entries: Sequence[Entry]) -> tuple[int, float]:
    """Replay entries in a session; returns how many were sent and at how many per second."""
    with running.sender() as sender:
        done = send_again(entries, sender, credentials=running.headers, seconds=running.left)
    for operation, fault in sender.unanswered.items():
        running.fold.fault(f"{operation}: no answer: {fault}")
    running.timed_out = running.timed_out or (done.left_out > 0 and not running.refused)
    return done.sent, round(done.sent / done.seconds, 1) if done.seconds else 0.0


@dataclass(slots=True)
class _Tool:
    """Schemathesis, ready to be run for a part of the operations."""

    running: Session
    command: Sequence[str]
    folder: Path
    cache: Path

    def test(
        self,
        *,
        include: tuple[str, ...] = (),
        without: tuple[str, ...] = (),
        order: tuple[str, ...] = (),
    ) -> None:
        """Run it for these operations, or all but some, in the time that is left; `order` names what comes first."""
        running, suite, document = self.running, self.running.suite, self.running.trial.document
        running.fold.loaded = False
        if include:
            suite = replace(suite, include_operations=include)
        schema, config = self.folder / "openapi.json", self.folder / "schemathesis.toml"
        schema.write_bytes(_ordered(document, order) if order else document)
        schemes = settings.key_schemes(parse(document), suite.query) if suite.query else {}
        text = settings.configuration(suite, running.headers, schemes=schemes, in_order=bool(order))
        config.write_text(text, encoding="utf-8")
        ended = run_reporting(
            lambda pipe: [
                *self.command,
                *settings.arguments(
                    suite, document=schema, config=config, url=running.url, report=pipe, without=without
                ),
            ],
            env=settings.environment(
                running.headers, home=self.folder, cache=self.cache, until=time.time() + running.left
            ),
            cwd=self.folder,
            seconds=running.left,
            consume=running.line,
        )
        running.exit_code, running.timed_out = ended.exit_code, running.timed_out or ended.timed_out
        _refuse_without_result(running, ended)


def _ordered(document: bytes, first: tuple[str, ...]) -> bytes:
    """The document with the paths of these operations before others, to be tested in this order."""
    parsed = dict(parse(document))
    paths: Any = parsed.get("paths") or {}
    leading = dict.fromkeys(key.partition(" ")[2] for key in first)
    parsed["paths"] = {path: paths[path] for path in (*leading, *paths) if path in paths}
    return orjson.dumps(parsed)


def _keep(running: Session, done: SuiteResult, corpora: Corpora | None, others: Sequence[Entry]) -> None:
    """Keep the requests of a run that came to its end: those of one cut short are not all there are."""
    if corpora is None or not done.complete or running.timed_out or running.compiler.dropped > MOST:
        return
    corpora.save(running.compiler.corpus(running.trial.document, running.trial.options, others))


def _program() -> tuple[str, ...]:
    if importlib.util.find_spec(_TOOL) is None:
        raise ToolMissing("Schemathesis is not installed", tool=_TOOL, hint="pip install 'schemathesis>=4.32,<5'")
    return tuple(settings.program())


def _refuse_without_result(running: Session, ended: Ended) -> None:
    fold = running.fold
    if ended.timed_out:
        return
    if not fold.fatal and fold.loaded and (ended.exit_code in _ENDED_WELL or running.refused):
        return
    said = running.redactor.text(fold.fatal or ended.tail) or "it said nothing"
    raise ToolFailed(f"Schemathesis ended with {ended.exit_code} and no usable result: {said}", tool=_TOOL)
