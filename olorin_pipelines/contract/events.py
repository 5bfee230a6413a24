"""What does the report of Schemathesis say? Its ndjson, folded line by line into results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from olorin_pipelines.contract import curl
from olorin_pipelines.contract.model import Failure, OperationResult

__all__ = ["Fold", "documented_statuses", "is_documented"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

_SCHEMA_AT = "Schema at "
_WIDEST = 200
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
    statuses: set[int] = field(default_factory=set)


class Fold:
    """Takes the lines of a report in order and remembers what they come to, never the cases themselves."""

    def __init__(self, documented: Mapping[str, tuple[str, ...]]) -> None:
        self._documented = documented
        self._tallies: dict[str, _Tally] = {key: _Tally() for key in documented}
        self._failures: dict[tuple[str, ...], Failure] = {}
        self._errors: dict[str, None] = {}
        self.version = ""
        self.stop_reason = ""
        self.fatal = ""
        self.loaded = False

    def add(self, line: bytes) -> None:
        """Take one line. A line cut short, as the last of a killed run can be, says nothing."""
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError:
            return
        for name, value in event.items():
            if name == "Initialize":
                self.version = value.get("schemathesis_version", "")
            elif name == "LoadingFinished":
                self.loaded = True
            elif name == "ScenarioFinished":
                self._scenario(value)
            elif name == "NonFatalError":
                self._errors[_error(value)] = None
            elif name == "FatalError":
                self.fatal = _one_line(str((value.get("exception") or {}).get("message", "")))
            elif name == "EngineFinished":
                self.stop_reason = str(value.get("stop_reason", ""))

    @property
    def cases(self) -> int:
        """How many requests were answered or failed on the way."""
        return sum(tally.cases for tally in self._tallies.values())

    @property
    def errors(self) -> tuple[str, ...]:
        """What could not be tested, a line each."""
        return tuple(self._errors)

    def failures(self) -> tuple[Failure, ...]:
        """Return the distinct failures, by operation and check."""
        return tuple(sorted(self._failures.values(), key=lambda failure: (failure.operation, failure.check)))

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
            exercised=any(status < 500 and status not in _OUT_OF_REACH for status in kept),
            succeeded=any(200 <= status < 400 for status in kept),
        )

    def _scenario(self, scenario: Mapping[str, Any]) -> None:
        recorder = scenario.get("recorder") or {}
        interactions = recorder.get("interactions") or {}
        for case_id, interaction in interactions.items():
            case = ((recorder.get("cases") or {}).get(case_id) or {}).get("value") or {}
            own = f"{case.get('method')} {case.get('path')}"
            label = str(recorder.get("label", ""))
            key = label if label in self._tallies else own  # a request by another method belongs to its operation
            tally = self._tallies.setdefault(key, _Tally())
            tally.cases += 1
            status = (interaction.get("response") or {}).get("status_code")
            if own == key and status is not None:
                tally.statuses.add(status)
            for check in (recorder.get("checks") or {}).get(case_id, ()):
                if check.get("status") == "failure":
                    tally.failures += 1
                    self._failure(key, check, interaction, status, str(scenario.get("phase", "")))

    def _failure(
        self, key: str, check: Mapping[str, Any], interaction: Mapping[str, Any], status: int | None, phase: str
    ) -> None:
        found = (check.get("failure_info") or {}).get("failure") or {}
        name, title, text = str(check.get("name")), str(found.get("title", "")), str(found.get("message", ""))
        identity = (key, name, str(status), title, _place(text))
        known = self._failures.get(identity)
        if known is not None:
            self._failures[identity] = replace(known, times=known.times + 1)
            return
        first, _, rest = text.strip().partition("\n")
        self._failures[identity] = Failure(
            operation=key,
            check=name,
            message=_one_line(f"{title}: {first}" if first else title),
            detail=rest.strip(),
            curl=curl.command(interaction.get("request") or {}),
            status=status,
            phase=phase,
        )


def _place(message: str) -> str:
    """What tells two failures of one check apart: the place in the schema, not the value that came."""
    lines = message.splitlines()
    return next((line for line in lines if line.startswith(_SCHEMA_AT)), lines[0] if lines else "")


def _error(event: Mapping[str, Any]) -> str:
    value = event.get("value") or {}
    said = value.get("message", "") if isinstance(value, Mapping) else value
    return _one_line(f"{event.get('label', '')}: {said}")


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"
