"""How are candidate and production asked the same? Production, candidate, production again; reading only, slowly."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median
from typing import Any

from olorin_pipelines.contract.corpus import Corpus, Entry
from olorin_pipelines.contract.guard import Guard, Limits, guarded, refusal_of
from olorin_pipelines.contract.judge.answers import documented_as
from olorin_pipelines.contract.judge.operations import operations
from olorin_pipelines.contract.samples import resolve
from olorin_pipelines.contract.twin.choose import choose
from olorin_pipelines.contract.twin.compare import (
    COUNTS,
    OTHER_DATA,
    Difference,
    Pair,
    compare,
    holds_other_data,
)
from olorin_pipelines.contract.wire import Answer, Wire

__all__ = ["TwinResult", "twin"]

PER_SECOND = 40
"""Requests to production in a second."""
PAUSE = 1.1
"""Seconds between the two answers of production at least: a clock that shows seconds moves."""
SLOWER, SLOWER_MS, FEWEST = 5.0, 200.0, 3
"""An operation is slower that takes so many times as long and so many milliseconds more, of so many requests."""

Guarding = Callable[[str, Limits], AbstractContextManager[Guard]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinResult:
    """What a comparison came to. `differences` count how often each was seen, by operation.

    `compared` are operations of which something could be compared, `skipped` says by operation why something could
    not; `to_production` counts the requests that went there, `unreachable` says why none could.
    """

    differences: Mapping[tuple[str, Difference], int]
    compared: tuple[str, ...]
    skipped: Mapping[str, str]
    requests: int
    to_production: int
    seconds: float
    unreachable: str = ""


def twin(
    corpus: Corpus,
    document: Mapping[str, Any],
    *,
    candidate: str,
    production: str,
    headers: Mapping[str, str],
    at_production: Mapping[str, str] | None = None,
    versions: tuple[str, str] = ("", ""),
    changed: Sequence[str] = (),
    timeout: float = 5.0,
    guarding: Guarding = guarded,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> TwinResult:
    """Send safe requests of `corpus` to both addresses and compare; `document` is the candidate's.

    What goes to production passes a guard that lets GET and HEAD through, in this number and rate. `headers` are sent
    to both, or to the candidate alone when `at_production` says what production wants to see; `versions` are those of
    production and candidate, `changed` operations whose document differs. Raises
    `ToolMissing` or `ToolFailed` when there is no guard: then production is not asked.
    """
    started = monotonic()
    chosen = choose(corpus.entries)
    if not chosen:
        return TwinResult(differences={}, compared=(), skipped={}, requests=0, to_production=0, seconds=0.0)
    limits = Limits(requests=2 * len(chosen) + 2, per_second=PER_SECOND + 10, burst=PER_SECOND, seconds=120.0)
    gap = 1 / PER_SECOND
    there = headers if at_production is None else at_production
    with guarding(production, limits) as guard:
        begun = monotonic()
        first = _ask(guard.url, chosen, there, timeout, gap=gap, sleep=sleep, monotonic=monotonic)
        reached = [answer for answer in first if answer.status is not None and refusal_of(answer.headers) is None]
        if not reached:
            said = next((refusal_of(each.headers) for each in first if refusal_of(each.headers)), None)
            why = said.message if said else first[0].fault
            return TwinResult(
                differences={},
                compared=(),
                skipped={},
                requests=len(chosen),
                to_production=len(first),
                seconds=round(monotonic() - started, 3),
                unreachable=why,
            )
        other = _ask(candidate, chosen, headers, timeout, gap=0.0, sleep=sleep, monotonic=monotonic)
        sleep(max(0.0, PAUSE - (monotonic() - begun)))
        second = _ask(guard.url, chosen, there, timeout, gap=gap, sleep=sleep, monotonic=monotonic)
    asked = list(zip(chosen, first, second, other, strict=True))
    found, compared, skipped = _compared(asked, document, versions, frozenset(changed))
    for key, difference in _slower(asked):
        found[key, difference] = 1
    return TwinResult(
        differences=found,
        compared=tuple(sorted(compared)),
        skipped=skipped,
        requests=len(chosen),
        to_production=len(first) + len(second),
        seconds=round(monotonic() - started, 3),
    )


def _ask(
    url: str,
    entries: Sequence[Entry],
    headers: Mapping[str, str],
    timeout: float,
    *,
    gap: float,
    sleep: Callable[[float], None],
    monotonic: Callable[[], float],
) -> list[Answer]:
    wire = Wire(url, timeout=timeout)
    answers: list[Answer] = []
    own = {name.lower() for name in headers}
    try:
        for entry in entries:
            began = monotonic()
            sent = {name: value for name, value in entry.headers.items() if name.lower() not in own} | dict(headers)
            target = wire.base + entry.path + (f"?{entry.query}" if entry.query else "")
            wire.send(entry.method, target, sent.items(), b"")
            answers.append(wire.receive())
            if gap:
                sleep(max(0.0, gap - (monotonic() - began)))
    finally:
        wire.close()
    return answers


def _compared(
    asked: Sequence[tuple[Entry, Answer, Answer, Answer]],
    document: Mapping[str, Any],
    versions: tuple[str, str],
    changed: frozenset[str],
) -> tuple[dict[tuple[str, Difference], int], set[str], dict[str, str]]:
    found: dict[tuple[str, Difference], int] = defaultdict(int)
    compared: set[str] = set()
    skipped: dict[str, str] = {}
    known = operations(document)
    pairs: list[tuple[str, Pair]] = []
    for entry, first, second, other in asked:
        refused = refusal_of(first.headers) or refusal_of(second.headers)
        if refused is not None:
            skipped[entry.operation] = refused.message
            continue
        operation = known.get(entry.operation)
        pair = Pair(
            first,
            second,
            other,
            headers=_documented(document, operation.node, other.status) if operation else (),
            versions=versions,
            grown=entry.operation in changed,
            named="{" in entry.operation,
        )
        pairs.append((entry.operation, pair))
    apart = any(holds_other_data(pair) for _, pair in pairs)
    for key, pair in pairs:
        differences, why = compare(pair._replace(apart=apart))
        if why:
            skipped[key] = why
        if why in ("", OTHER_DATA, COUNTS):
            compared.add(key)
        for each in dict.fromkeys(differences):
            found[key, each] += 1
    return found, compared, skipped


def _documented(document: Mapping[str, Any], node: Mapping[str, Any], status: int | None) -> tuple[str, ...]:
    """The documented headers of an answer, lower case."""
    responses = node.get("responses") or {}
    name = documented_as(responses, status) if status is not None else None
    response = resolve(document, responses.get(name)) if name else None
    headers = response.get("headers") if isinstance(response, Mapping) else None
    return tuple(str(each).lower() for each in headers or ())


def _slower(asked: Sequence[tuple[Entry, Answer, Answer, Answer]]) -> list[tuple[str, Difference]]:
    took: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for entry, first, second, other in asked:
        if first.status is not None and second.status is not None and other.status is not None:
            took[entry.operation].append((500 * (first.elapsed + second.elapsed), 1000 * other.elapsed))
    found = []
    for key, times in took.items():
        before, after = median(each[0] for each in times), median(each[1] for each in times)
        if len(times) >= FEWEST and after > before * SLOWER and after - before > SLOWER_MS:
            found.append((key, Difference("latency", "", f"{before:.0f} ms", f"{after:.0f} ms")))
    return found
