"""Does a running service keep its contract? Contract tests before traffic, and a read-only probe of production."""

from olorin_pipelines.contract.addresses import shown_at
from olorin_pipelines.contract.changed import changed_operations, families, touched
from olorin_pipelines.contract.conduct import Conducted, conduct, replay, run_row
from olorin_pipelines.contract.corpus import Corpora, Corpus
from olorin_pipelines.contract.judgement import (
    check_rows,
    coverage,
    covered_rows,
    failure_rows,
    honours,
    operation_rows,
    rows,
    warning_rows,
)
from olorin_pipelines.contract.model import (
    CoverageRow,
    Failure,
    LeftBehind,
    OperationResult,
    Progress,
    Suite,
    SuiteResult,
)
from olorin_pipelines.contract.probe import ProbeResult, ProbeRow, probe, probe_rows, production_honours
from olorin_pipelines.contract.settings import SYNTHETIC
from olorin_pipelines.contract.suite import run
from olorin_pipelines.contract.tested import (
    Tested,
    failures_of_probe,
    frame,
    nothing_to_test,
    of_probe,
    of_suite,
    without_failures,
)
from olorin_pipelines.contract.trial import Trial
from olorin_pipelines.contract.twin import TwinResult, behaviour, twin, twin_rows, twin_skipped_rows

__all__ = [
    "SYNTHETIC",
    "Conducted",
    "Corpora",
    "Corpus",
    "CoverageRow",
    "Failure",
    "LeftBehind",
    "OperationResult",
    "ProbeResult",
    "ProbeRow",
    "Progress",
    "Suite",
    "SuiteResult",
    "Tested",
    "Trial",
    "TwinResult",
    "behaviour",
    "changed_operations",
    "check_rows",
    "conduct",
    "coverage",
    "covered_rows",
    "failure_rows",
    "failures_of_probe",
    "families",
    "frame",
    "honours",
    "nothing_to_test",
    "of_probe",
    "of_suite",
    "operation_rows",
    "probe",
    "probe_rows",
    "production_honours",
    "replay",
    "rows",
    "run",
    "run_row",
    "shown_at",
    "touched",
    "twin",
    "twin_rows",
    "twin_skipped_rows",
    "warning_rows",
    "without_failures",
]
