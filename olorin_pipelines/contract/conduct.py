"""How is a document tested this time? By replay when it was tested before, else what changed first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from olorin_pipelines.contract.changed import changed_operations, families
from olorin_pipelines.contract.corpus import Corpora, Corpus, corpus_key
from olorin_pipelines.contract.model import SuiteResult
from olorin_pipelines.contract.session import parse, session
from olorin_pipelines.contract.suite import replay_into, run
from olorin_pipelines.contract.trial import Trial
from olorin_pipelines.gate import Fact

__all__ = ["Conducted", "conduct", "replay", "run_row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conducted:
    """A result, and the corpus of the document, replayed or left by this run; None when there is neither."""

    result: SuiteResult
    corpus: Corpus | None


def conduct(
    trial: Trial,
    corpora: Corpora,
    *,
    old: bytes | None = None,
    changed: Sequence[str] | None = None,
    again: bool = True,
    reach: float | None = None,
) -> Conducted:
    """Test the service in the shortest way that answers as much; the result says which way and why.

    A corpus of this document is replayed, unless `again` is False. One that exercises less than `reach` of the
    operations (default: what the suite takes for enough, else all) cannot judge them: then the suite is run.

    `old` is the document before: what differs from it, or `changed`, is tested first, with the operations of the same
    resources; the rest is replayed when there is a corpus of `old`. Raises as `run` does.
    """
    key = corpus_key(trial.document, trial.options)
    known, why = corpora.load(key) if again else (None, "a replay was not wanted")
    if known is not None:
        done = replay(trial, known)
        short = _cannot_judge(done, trial.suite.enough if reach is None else reach)
        if not short:
            return Conducted(result=done, corpus=known)
        why = f"the replay could not judge: {short}"
    first: tuple[str, ...] = ()
    rest: Corpus | None = None
    if old is not None and known is None:
        parsed = parse(trial.document)
        differing = changed if changed is not None else changed_operations(parse(old), parsed)
        first = families(parsed, differing)
        rest = corpora.load(corpus_key(old, trial.options))[0] if again else None
    done = run(trial, first=first, rest=rest, corpora=corpora, why=why)
    return Conducted(result=done, corpus=corpora.load(key)[0])


def replay(trial: Trial, corpus: Corpus) -> SuiteResult:
    """Send the requests of a corpus again and judge the answers as those of a full suite are judged.

    What is asked after a suite is planned anew from the answers of this run. Raises as `run` does.
    """
    with session(trial) as running:
        sent, speed = 0, 0.0
        with running.interruptible():
            sent, speed = replay_into(running, corpus.entries)
            if running.goes_on:
                running.afterwards()
        return running.result(
            way="replay",
            why=f"the document is unchanged since its corpus of {len(corpus.entries):,} requests was recorded"
            + (f"; {corpus.dropped:,} could not be kept" if corpus.dropped else ""),
            replayed=sent,
            requests_per_second=speed,
        )


def run_row(result: SuiteResult) -> dict[str, Fact]:
    """Return how a run came about: way, why, cases, replayed, requests_per_second, seconds, first, left_out, seed …"""
    return {
        "way": result.way,
        "why": result.why,
        "cases": result.cases,
        "replayed": result.replayed,
        "requests_per_second": result.requests_per_second,
        "seconds": result.seconds,
        "tested_first": ", ".join(result.first),
        "left_out": ", ".join(result.left_out),
        "ended": result.stop_reason,
        "seed": result.seed,
        "options": orjson.dumps(result.options).decode(),
    }


def _cannot_judge(done: SuiteResult, reach: float | None) -> str:
    """Why a replay does not answer the question; a violation that it found is an answer."""
    if done.failures:
        return ""
    if not done.cases:
        return "it sent nothing"
    if done.coverage < (1.0 if reach is None else reach):
        missed = [operation.key for operation in done.operations if not operation.exercised]
        return f"{len(missed)} of {done.total} operations were not exercised ({', '.join(missed[:3])})"
    return ""
