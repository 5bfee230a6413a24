"""What was seen of production in one look, and what do earlier looks say of it: is a drift new, known, or fixed?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from olorin_pipelines import contract, openapi
from olorin_pipelines.gate import Fact, GateResult
from olorin_pipelines.pipeline.case import PRODUCTION, Workplace
from olorin_pipelines.pipeline.known import Excuses
from olorin_pipelines.pipeline.remembered import (
    DOCUMENT,
    Looked,
    numbers_of,
    remember,
    scopes,
    stated,
    with_history,
)
from olorin_pipelines.registry import Remembered

__all__ = ["Sighting", "remembered"]

_ANSWERS = "answers"
_COLUMNS = (
    "state",
    "operation",
    "check",
    "status",
    "message",
    "expected",
    "got",
    "pointer",
    "curl",
    "fingerprint",
    "excuse",
)


@dataclass(slots=True)
class Sighting:
    """Filled in step by step, so that a look that breaks off has been what it was until then."""

    snapshot: openapi.Snapshot | None = None
    compared: bool = False
    drift: tuple[contract.Failure, ...] = ()
    probe: contract.ProbeResult | None = None
    failures: tuple[contract.Failure, ...] = ()
    excused: tuple[contract.Failure, ...] = ()
    notes: tuple[str, ...] = ()

    def probed(self, result: contract.ProbeResult, excuses: Excuses) -> contract.ProbeResult:
        """Keep what the probe found; returns it with its known failures set aside."""
        self.probe, self.failures, self.excused = excuses.of_probe(result)
        self.notes = tuple(excuses.notes)
        return self.probe


def remembered(place: Workplace, name: str, version: str, seen: Sighting, result: GateResult) -> GateResult:
    """Record a look in the history and return its answer with what history says."""
    operations = contract.of_probe(seen.probe, title="", source="").operations if seen.probe else ()
    found = {DOCUMENT: seen.drift, _ANSWERS: (*seen.failures, *seen.excused)}
    numbers = numbers_of(operations)
    said = remember(
        place.registry,
        Looked(
            service=name,
            environment=PRODUCTION,
            gate=result.gate,
            version=version,
            digest=seen.snapshot.digest if seen.snapshot else "",
        ),
        found,
        asked=[*([DOCUMENT] if seen.compared else []), *scopes(_ANSWERS, operations)],
        numbers=numbers,
    )
    rows = _rows(found, said)
    notes: tuple[Mapping[str, Fact], ...] = tuple({"note": note} for note in seen.notes)
    tables = {name: table for name, table in (("failures", rows), ("known_failures", notes)) if table}
    return with_history(replace(result, tables={**result.tables, **tables}), said, numbers)


def _rows(found: Mapping[str, tuple[contract.Failure, ...]], said: Remembered) -> tuple[Mapping[str, Fact], ...]:
    failures = [each for label, all_of in found.items() for each in stated(label, all_of, said)]
    return tuple({name: row[name] for name in _COLUMNS} for row in contract.failure_rows(failures))
