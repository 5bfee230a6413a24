"""Does a running service keep its contract? Contract tests before traffic, and a read-only probe of production."""

from olorin_pipelines.contract.judgement import (
    check_rows,
    coverage,
    covered_rows,
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
from olorin_pipelines.contract.suite import run

__all__ = [
    "CoverageRow",
    "Failure",
    "LeftBehind",
    "OperationResult",
    "ProbeResult",
    "ProbeRow",
    "Progress",
    "Suite",
    "SuiteResult",
    "check_rows",
    "coverage",
    "covered_rows",
    "honours",
    "operation_rows",
    "probe",
    "probe_rows",
    "production_honours",
    "rows",
    "run",
    "warning_rows",
]
