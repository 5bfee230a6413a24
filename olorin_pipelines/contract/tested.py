"""What came of a run against one address, whichever way it was done? The one value that reports are written from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from olorin_pipelines.contract.evidence import Answered
from olorin_pipelines.contract.fingerprint import fingerprint
from olorin_pipelines.contract.judgement import coverage, honours
from olorin_pipelines.contract.model import CoverageRow, Failure, LeftBehind, OperationResult, SuiteResult, Way
from olorin_pipelines.contract.probe import ProbeResult, ProbeRow, production_honours
from olorin_pipelines.contract.unreached import ended_because
from olorin_pipelines.gate import CheckResult, Outcome, worst

if TYPE_CHECKING:
    import pandas

__all__ = ["Tested", "failures_of_probe", "frame", "nothing_to_test", "of_probe", "of_suite", "without_failures"]

PROBED = ("server_error", "status_documented", "content_type", "response_schema", "error_body")
"""The checks that a read-only probe makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A run of the suite (`full`) or of the probe (`read_only`) against `url`, by the document `source` of `version`.

    `untested` says, a sentence each, what was left out and why; `judged` counts the exchanges by check. `fixed` are
    failures of earlier runs that are gone, `notes` what is to be said of a list of known failures. `way` is how the
    requests were made, `replayed` how many of them were those of an earlier run.
    """

    title: str
    url: str
    source: str
    version: str = ""
    digest: str = ""
    mode: Literal["full", "read_only"]
    checks: tuple[CheckResult, ...]
    failures: tuple[Failure, ...] = ()
    warnings: tuple[Failure, ...] = ()
    excused: tuple[Failure, ...] = ()
    fixed: tuple[Failure, ...] = ()
    errors: tuple[str, ...] = ()
    operations: tuple[OperationResult, ...] = ()
    covered: tuple[CoverageRow, ...] = ()
    untested: tuple[str, ...] = ()
    judged: Mapping[str, int] = field(default_factory=dict)
    cases: int = 0
    seconds: float = 0.0
    complete: bool = True
    stop_reason: str = ""
    removed: int = 0
    left_behind: tuple[LeftBehind, ...] = ()
    notes: tuple[str, ...] = ()
    way: Way = "full"
    replayed: int = 0

    @property
    def outcome(self) -> Outcome:
        """The worst of the checks that decide."""
        return worst([check.outcome for check in self.checks if not check.advisory])

    @property
    def summary(self) -> str:
        """What the deciding check says."""
        return next((check.summary for check in self.checks if check.outcome is self.outcome), "nothing was checked")

    @property
    def coverage(self) -> float:
        """Operations that were reached over all that were meant, 0.0 to 1.0."""
        return sum(each.exercised for each in self.operations) / len(self.operations) if self.operations else 0.0

    def located(self, place: Callable[[str], str]) -> Tested:
        """Return the same with `at` of every failure filled in from its pointer."""

        def found(failures: Sequence[Failure]) -> tuple[Failure, ...]:
            return tuple(replace(each, at=place(each.pointer) if each.pointer else "") for each in failures)

        return replace(self, failures=found(self.failures), warnings=found(self.warnings), excused=found(self.excused))


def of_suite(
    result: SuiteResult,
    *,
    title: str,
    url: str,
    source: str,
    version: str = "",
    digest: str = "",
    threshold: float = 0.95,
    untested: Sequence[str] = (),
) -> Tested:
    """Return what a run of the suite came to; too little reached is NO_DATA, as nothing was found to be wrong there."""
    reached = coverage(result, threshold=threshold)
    if reached.outcome is Outcome.FAIL:
        reached = replace(reached, outcome=Outcome.NO_DATA)
    return Tested(
        title=title,
        url=url,
        source=source,
        version=version,
        digest=digest,
        mode="full",
        checks=(honours(result, name="honours_document"), reached),
        failures=result.failures,
        warnings=result.warnings,
        excused=result.excused,
        errors=result.errors,
        operations=result.operations,
        judged=dict(result.judged),
        covered=result.covered,
        untested=(
            *untested,
            *(f"{each.key}: {each.why}" for each in result.operations if not each.exercised),
            *(f"{check}: {why}" for check, why in result.not_covered.items()),
        ),
        cases=result.cases,
        seconds=result.seconds,
        complete=result.complete,
        stop_reason=result.stop_reason,
        removed=result.removed,
        left_behind=result.left_behind,
        way=result.way,
        replayed=result.replayed,
    )


def of_probe(
    result: ProbeResult,
    *,
    title: str,
    source: str,
    version: str = "",
    digest: str = "",
    untested: Sequence[str] = (),
) -> Tested:
    """Return what a read-only probe came to."""
    skipped = [f"{row.operation}: {row.detail}" for row in result.rows if row.outcome is Outcome.NOT_RUN]
    return Tested(
        title=title,
        url=result.url,
        source=source,
        version=version,
        digest=digest,
        mode="read_only",
        checks=(production_honours(result, name="honours_document"),),
        failures=failures_of_probe(result),
        errors=tuple(f"{row.operation}: {row.detail}" for row in result.rows if row.outcome is Outcome.ERROR),
        operations=tuple(_operation(row) for row in result.rows),
        judged=dict.fromkeys(PROBED, result.called),
        untested=(*untested, *skipped),
        cases=result.called,
        seconds=result.seconds,
    )


def without_failures(check: CheckResult, tested: Tested, known: int) -> CheckResult:
    """Return a check as it would have answered without the failures that are known."""
    if check.outcome is not Outcome.FAIL:
        return check
    outcome = Outcome.ERROR if tested.errors else Outcome.PASS if tested.complete else Outcome.NO_DATA
    said = f"{known} known failure{'s' if known != 1 else ''} and no other"
    early = "" if tested.complete else f"; the run stopped early ({ended_because(tested.stop_reason)})"
    return replace(check, outcome=outcome, summary=f"{said} in {tested.cases:,} requests{early}")


def nothing_to_test(why: str) -> CheckResult:
    """Return the answer of a run that had nothing to test."""
    return CheckResult(name="honours_document", outcome=Outcome.NOT_APPLICABLE, summary=why)


def failures_of_probe(result: ProbeResult) -> tuple[Failure, ...]:
    """Return what the probe found to be broken, each cause once."""
    found: dict[str, Failure] = {}
    for row in result.rows:
        for each in row.violations:
            name = fingerprint(each.check, row.operation, each.place)
            found.setdefault(
                name,
                Failure(
                    operation=row.operation,
                    check=each.check,
                    message=each.message,
                    curl=row.sent.curl if row.sent else "",
                    status=row.status,
                    phase="probe",
                    pointer=each.pointer,
                    expected=each.expected,
                    got=each.got,
                    fingerprint=name,
                    sent=row.sent,
                    answered=Answered(status=row.status, milliseconds=row.milliseconds) if row.status else None,
                ),
            )
    return tuple(found.values())


def frame(operations: Sequence[OperationResult]) -> pandas.DataFrame:
    """Return the table of operations as a pandas frame, indexed by the operation."""
    import pandas  # 0.5 s of import: only where a frame is wanted

    names = ("operation", "cases", "failures", "p50_ms", "p95_ms", "coverage", "exercised", "succeeded")
    rows = [
        (each.key, each.cases, each.failures, each.p50_ms, each.p95_ms, each.coverage, each.exercised, each.succeeded)
        for each in operations
    ]
    return pandas.DataFrame(rows, columns=list(names)).set_index("operation")


def _operation(row: ProbeRow) -> OperationResult:
    called = row.outcome is not Outcome.NOT_RUN
    return OperationResult(
        key=row.operation,
        cases=int(called),
        failures=len(row.violations),
        statuses=(row.status,) if row.status is not None else (),
        exercised=row.outcome in (Outcome.PASS, Outcome.FAIL),
        succeeded=row.outcome is Outcome.PASS and row.status is not None and row.status < 400,
        why=row.detail if row.outcome not in (Outcome.PASS, Outcome.FAIL) else "",
        p50_ms=row.milliseconds,
        p95_ms=row.milliseconds,
    )
