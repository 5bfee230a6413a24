"""Which document does a service serve, is it sound, and what does it expose?"""

from olorin_pipelines.openapi.audit import AuditFinding, audit
from olorin_pipelines.openapi.load import MAX_BYTES, load
from olorin_pipelines.openapi.operations import METHODS, Operation, methods_of, operations
from olorin_pipelines.openapi.parse import DIALECTS, parse
from olorin_pipelines.openapi.problems import Problem, problems
from olorin_pipelines.openapi.refs import Pointer, find, join, path_of, resolve, resolve_at
from olorin_pipelines.openapi.snapshot import Snapshot
from olorin_pipelines.openapi.standalone import standalone

__all__ = [
    "DIALECTS",
    "MAX_BYTES",
    "METHODS",
    "AuditFinding",
    "Operation",
    "Pointer",
    "Problem",
    "Snapshot",
    "audit",
    "find",
    "join",
    "load",
    "methods_of",
    "operations",
    "parse",
    "path_of",
    "problems",
    "resolve",
    "resolve_at",
    "standalone",
]
