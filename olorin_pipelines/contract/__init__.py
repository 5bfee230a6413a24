"""Does a running service keep its contract? Contract tests before traffic, and a read-only probe of production."""

from olorin_pipelines.contract.judgement import coverage, honours, operation_rows, rows
from olorin_pipelines.contract.model import Failure, OperationResult, Suite, SuiteResult
from olorin_pipelines.contract.probe import ProbeResult, ProbeRow, probe, probe_rows, production_honours
from olorin_pipelines.contract.suite import run

__all__ = [
    "Failure",
    "OperationResult",
    "ProbeResult",
    "ProbeRow",
    "Suite",
    "SuiteResult",
    "coverage",
    "honours",
    "operation_rows",
    "probe",
    "probe_rows",
    "production_honours",
    "rows",
    "run",
]
