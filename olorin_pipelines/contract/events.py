"""What does the report of Schemathesis say? Its ndjson, folded line by line into results."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from olorin_pipelines.access import Patience
from olorin_pipelines.contract.covered import Covered
from olorin_pipelines.contract.created import Created
from olorin_pipelines.contract.failures import Failures, one_line
from olorin_pipelines.contract.judge import Judge
from olorin_pipelines.contract.judge.operations import METHODS
from olorin_pipelines.contract.model import CoverageRow, Failure, OperationResult
from olorin_pipelines.contract.recorded import Recorded, recorded
from olorin_pipelines.contract.seeds import Seeds

__all__ = ["LIMITED", "Fold", "documented_statuses", "is_documented"]

_COMPLETED = "completed"
_OF_A_PART = "are excluded by filters"
"""Schemathesis names it an error when a part of the operations has no links among them."""
LIMITED = "429"
"""A refusal for now that a document may name; `default` and `4XX` speak of other refusals."""
_OUT_OF_REACH = {401, 403, 405, 429}


def documented_statuses(document: Mapping[str, Any], *, only: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    """Return the documented statuses of each operation (`POST /x`), of those in `only` when it names any."""
    wanted = set(only)
    found = {
        f"{method.upper()} {path}": tuple(sorted(map(str, item[method].get("responses") or {})))
        for path, item in (document.get("paths") or {}).items()
        if isinstance(item, Mapping)
        for method in METHODS
        if isinstance(item.get(method), Mapping)
    }
    return {key: statuses for key, statuses in found.items() if not wanted or key in wanted}


def is_documented(status: int, documented: Iterable[str]) -> bool:
    """Whether `status` is among documented ones: itself, its range such as `4XX`, or `default`."""
    names = {name.lower() for name in documented}
    return bool(names & {str(status), f"{status // 100}xx", "default"})


@dataclass
class _Tally:
    cases: int = 0
    failures: int = 0
    valid: int = 0
    refused: int = 0
    statuses: set[int] = field(default_factory=set)
    took: list[float] = field(default_factory=list)


class Fold:
    """Takes the lines of a report in order and remembers what they come to, never the cases themselves."""

    def __init__(
        self,
        document: Mapping[str, Any],
        *,
        only: Iterable[str] = (),
        base: str = "",
        scenario: Callable[[Mapping[str, Any]], None] | None = None,
    ) -> None:
        self._told = scenario
        self._documented = documented_statuses(document, only=only)
        self._base = base
        self.judge = Judge(document)
        self.seeds = Seeds()
        self._covered = Covered(document, self.judge, set(self._documented))
        self.created = Created(self.judge.operations)
        self._failures = Failures(self.judge.operations)
        self._tallies: dict[str, _Tally] = {key: _Tally() for key in self._documented}
        self._errors: dict[str, None] = {}
        self.patience = Patience()
        self.version = ""
        self.stop_reason = ""
        self.fatal = ""
        self.loaded = False
        self.phase = ""

    def add(self, line: bytes) -> None:
        """Take one line. A line cut short, as the last of a killed run can be, says nothing."""
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError:
            return
        for name, value in event.items() if isinstance(event, dict) else ():
            if name == "Initialize":
                self.version = value.get("schemathesis_version", "")
            elif name == "LoadingFinished":
                self.loaded = True
            elif name == "ScenarioFinished":
                self._scenario(value)
            elif name == "NonFatalError":
                if _OF_A_PART not in _error(value):
                    self._errors[_error(value)] = None
            elif name == "FatalError":
                self.fatal = one_line(str((value.get("exception") or {}).get("message", "")))
            elif name == "EngineFinished" and self.stop_reason in ("", _COMPLETED):
                # of several runs the one that did not end well says it
                self.stop_reason = str(value.get("stop_reason", ""))

    @property
    def keys(self) -> tuple[str, ...]:
        """The operations that should be reached, in the order of the document."""
        return tuple(self._documented)

    @property
    def cases(self) -> int:
        """How many requests were answered or failed on the way."""
        return sum(tally.cases for tally in self._tallies.values())

    @property
    def total(self) -> int:
        """How many operations there are to be asked."""
        return len(self._documented)

    @property
    def asked(self) -> int:
        """How many of them were sent a request."""
        return sum(self._tallies[key].cases > 0 for key in self._documented)

    @property
    def violations(self) -> int:
        """How many causes of failure were found so far."""
        return self._failures.count

    @property
    def errors(self) -> tuple[str, ...]:
        """What could not be tested, a line each."""
        return tuple(self._errors)

    def end(self) -> None:
        """Judge what only all exchanges together show."""
        for violation in self.judge.end():
            self._failures.add(violation)

    def failures(self) -> tuple[Failure, ...]:
        """Return the distinct failures, by operation and check."""
        return self._failures.all(advisory=False)

    def warnings(self) -> tuple[Failure, ...]:
        """Return the distinct failures that are shown and never decide."""
        return self._failures.all(advisory=True)

    def covered(self) -> tuple[CoverageRow, ...]:
        """Return how much of the document was exercised."""
        return self._covered.rows()

    def operations(self) -> tuple[OperationResult, ...]:
        """Return every operation, in the order of the document."""
        return tuple(self._operation(key, tally) for key, tally in self._tallies.items())

    def _operation(self, key: str, tally: _Tally) -> OperationResult:
        documented = self._documented.get(key, ())
        kept = {status for status in tally.statuses if is_documented(status, documented)}
        return OperationResult(
            key=key,
            cases=tally.cases,
            failures=tally.failures,
            statuses=tuple(sorted(tally.statuses)),
            documented=documented,
            exercised=tally.valid > 0 and any(status < 500 and status not in _OUT_OF_REACH for status in kept),
            valid=tally.valid,
            refused=tally.refused,
            succeeded=any(200 <= status < 400 for status in kept),
            p50_ms=_percentile(tally.took, 0.5),
            p95_ms=_percentile(tally.took, 0.95),
            coverage=self._covered.share(key),
        )

    def take(self, each: Recorded) -> None:
        """Take one exchange."""
        exchange = each.exchange
        self.phase = exchange.phase
        tally = self._tallies.setdefault(exchange.operation, _Tally())
        tally.cases += 1
        if exchange.status is not None:
            tally.took.append(exchange.elapsed_ms)
        own = exchange.operation.startswith(f"{exchange.method} ")
        if exchange.status is not None and own:
            tally.statuses.add(exchange.status)
        wait = exchange.wait
        self.patience.take(exchange.operation, wait, left=math.inf)
        if wait is not None:
            tally.refused += 1
            if str(exchange.status) != LIMITED or LIMITED not in self._documented.get(exchange.operation, ()):
                return
        tally.valid += own and exchange.valid is not False and exchange.status is not None
        judgement = self.judge.take(exchange)
        tally.failures += self._failures.take(each, judgement)
        self._covered.take(exchange)
        self.seeds.take(exchange)
        self.created.take(exchange)

    def sent_again(self, operation: str) -> None:
        """Note that a refused request was sent once more: what came of it is taken for itself."""
        self._tallies[operation].refused -= 1

    def fault(self, text: str) -> None:
        """Note what could not be tested."""
        self._errors[one_line(text)] = None

    def _scenario(self, scenario: Mapping[str, Any]) -> None:
        self.phase = str(scenario.get("phase", ""))
        for each in recorded(scenario, base=self._base, known=self._tallies):
            self.take(each)
        if self._told is not None:
            self._told(scenario)


def _error(event: Mapping[str, Any]) -> str:
    value = event.get("value") or {}
    said = value.get("message", "") if isinstance(value, Mapping) else value
    return one_line(f"{event.get('label', '')}: {said}")


def _percentile(took: list[float], share: float) -> float:
    """The nearest rank: a time that was measured."""
    if not took:
        return 0.0
    return round(sorted(took)[max(0, math.ceil(share * len(took)) - 1)], 2)
