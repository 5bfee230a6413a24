"""What do people see of a run of the contract tests? Its failures with their history, its numbers, its reports."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from olorin_pipelines import contract, openapi
from olorin_pipelines.gate import Fact, GateResult
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.known import Excuses, Probed
from olorin_pipelines.pipeline.remembered import Looked, numbers_of, remember, scopes, stated, with_history
from olorin_pipelines.registry import Remembered
from olorin_pipelines.report.contract.files import write_reports
from olorin_pipelines.report.contract.places import located

__all__ = ["REPORTS", "Ran", "by_probe", "by_suite", "contract_pages", "presented"]

REPORTS = {"report.html": "contract_page", "junit.xml": "contract_junit", "failures.har": "contract_har"}
"""The files of a run and their names as evidence."""

_SHOWN = ("document", "state", "operation", "check", "status", "times", "message", "expected", "got")
_REPRODUCE = ("document", "operation", "check", "pointer", "at", "curl", "answer", "fingerprint", "detail")


class Ran(NamedTuple):
    """A run, of the suite or read-only, by its label ("own", "baseline") and the document it was made by."""

    label: str
    snapshot: openapi.Snapshot
    tested: contract.Tested


def presented(case: Case, result: GateResult, runs: Sequence[Ran], excuses: Excuses) -> GateResult:
    """Return the gate's answer with its tables of failures, what history says of them, and its reports."""
    numbers = numbers_of(runs[0].tested.operations)
    said = remember(
        case.place.registry,
        Looked(
            service=case.name,
            environment=case.deployment.environment,
            gate=result.gate,
            version=case.deployment.version,
            digest=runs[0].snapshot.digest,
            deployment_id=case.deployment.id,
        ),
        {run.label: (*run.tested.failures, *run.tested.excused) for run in runs},
        asked=[scope for run in runs if run.tested.complete for scope in scopes(run.label, run.tested.operations)],
        numbers=numbers,
    )
    tested = [(run.label, _stated(run, said)) for run in runs]
    tables = {
        **result.tables,
        "reproduce": _rows(tested, _REPRODUCE),
        "known_failures": (*_excused(tested), *excuses.rows()),
        "left_behind": tuple(_left(tested)),
    }
    result = replace(
        result,
        rows=_rows(tested, _SHOWN),
        tables={name: rows for name, rows in tables.items() if rows},
        evidence={**result.evidence, **_reports(case, [one for _, one in tested])},
    )
    return with_history(result, said, numbers)


def contract_pages(case: Case, result: GateResult) -> dict[str, Path]:
    """Lay the reports under names that a browser and other programs open; those for which there is no room are left."""
    found: dict[str, Path] = {}
    for name, evidence in REPORTS.items():
        digest = result.evidence.get(evidence)
        if digest is None:
            continue
        try:
            path = case.place.folder("reports", case.deployment.id) / f"contract-tests-{name}"
            path.write_bytes(case.place.artifacts.get(digest))
        except OSError:
            continue  # the artifact is there all the same
        found[evidence] = path
    return found


def by_suite(case: Case, label: str, snapshot: openapi.Snapshot, result: contract.SuiteResult) -> Ran:
    """Return a run of the suite."""
    tested = contract.of_suite(
        result,
        title=snapshot.title or case.name,
        url=case.deployment.url,
        source=f"{label}: {snapshot.source}",
        version=snapshot.version,
        digest=snapshot.digest,
        threshold=case.policy.coverage,
    )
    return Ran(label, snapshot, tested)


def by_probe(case: Case, label: str, snapshot: openapi.Snapshot, probed: Probed) -> Ran:
    """Return a read-only run, its known failures set aside."""
    tested = contract.of_probe(
        probed.result,
        title=snapshot.title or case.name,
        source=f"{label}: {snapshot.source}",
        version=snapshot.version,
        digest=snapshot.digest,
    )
    return Ran(label, snapshot, replace(tested, failures=probed.failures, excused=probed.excused))


def _stated(run: Ran, said: Remembered) -> contract.Tested:
    made = run.tested
    made = replace(made, failures=stated(run.label, made.failures, said), excused=stated(run.label, made.excused, said))
    return located(made, run.snapshot)


def _rows(tested: Sequence[tuple[str, contract.Tested]], columns: Sequence[str]) -> tuple[Mapping[str, Fact], ...]:
    """The failures under each document, with these columns: a table too wide is read by nobody."""
    return tuple(
        {column: label if column == "document" else row[column] for column in columns}
        for label, run in tested
        for row in contract.failure_rows(run.failures)
    )


def _excused(tested: Sequence[tuple[str, contract.Tested]]) -> list[Mapping[str, Fact]]:
    return [
        {"note": f"{label}: {each.operation} {each.check}: {each.message} ({each.excuse})"}
        for label, run in tested
        for each in run.excused
    ]


def _left(tested: Sequence[tuple[str, contract.Tested]]) -> list[Mapping[str, Fact]]:
    return [
        {"document": label, "operation": each.operation, "count": each.count, "examples": ", ".join(each.examples),
         "why": each.why}
        for label, run in tested
        for each in run.left_behind
    ]  # fmt: skip


def _reports(case: Case, runs: Sequence[contract.Tested]) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="olorin-reports-") as folder:
        written = {path.name: path for path in write_reports(runs, Path(folder))}
        return {
            evidence: case.place.artifacts.put(written[name].read_bytes())
            for name, evidence in REPORTS.items()
            if name in written
        }
