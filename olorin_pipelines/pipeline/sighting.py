"""What was seen of production in one look, and what do earlier looks say of it: is a drift new, known, or fixed?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from olorin_pipelines import contract, openapi
from olorin_pipelines.gate import Fact, GateResult
from olorin_pipelines.pipeline.case import PRODUCTION, Workplace
from olorin_pipelines.pipeline.known import Excuses
from olorin_pipelines.pipeline.presented import REPORTS
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
from olorin_pipelines.report.contract.files import write_reports
from olorin_pipelines.report.contract.places import located

__all__ = ["Sighting", "remembered", "reports"]

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
    states: Remembered | None = None

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
    told = {label: stated(label, failures, said) for label, failures in found.items()}
    rows = contract.failure_rows(each for failures in told.values() for each in failures)
    shown = tuple({name: row[name] for name in _COLUMNS} for row in rows)
    notes: tuple[Mapping[str, Fact], ...] = tuple({"note": note} for note in seen.notes)
    tables = {name: table for name, table in (("failures", shown), ("known_failures", notes)) if table}
    seen.states = said
    return with_history(replace(result, tables={**result.tables, **tables}), said, numbers)


def reports(place: Workplace, name: str, url: str, seen: Sighting) -> dict[str, Path]:
    """Write the latest look at production as HTML, JUnit and HAR; returns the files by what they are.

    Each look replaces the files of the one before: what it found stays in the history. None without an answer.
    """
    if seen.probe is None or seen.snapshot is None or seen.states is None:
        return {}
    snapshot, said = seen.snapshot, seen.states
    tested = contract.of_probe(
        seen.probe,
        title=snapshot.title or name,
        source=snapshot.source,
        version=snapshot.version,
        digest=snapshot.digest,
    )
    tested = replace(
        tested,
        url=url,
        failures=(*stated(DOCUMENT, seen.drift, said), *stated(_ANSWERS, seen.failures, said)),
        excused=stated(_ANSWERS, seen.excused, said),
    )
    folder = place.folder("reports", f"production-{name}")
    written = {path.name: path for path in write_reports([located(tested, snapshot)], folder)}
    return {kind: written[file] for file, kind in REPORTS.items() if file in written}
