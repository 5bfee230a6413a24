"""Which document does a service serve, is it sound, and what does it expose?

What a comparison does not need (faults, audits, standalone schemas) is imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from olorin_pipelines.openapi.load import MAX_BYTES, load, load_revision
from olorin_pipelines.openapi.operations import METHODS, Operation, methods_of, operations
from olorin_pipelines.openapi.parse import DIALECTS, parse
from olorin_pipelines.openapi.refs import Pointer, find, join, path_of, resolve, resolve_at
from olorin_pipelines.openapi.snapshot import Snapshot

if TYPE_CHECKING:
    from olorin_pipelines.openapi.alone import standalone
    from olorin_pipelines.openapi.discovery import USUAL, discover
    from olorin_pipelines.openapi.exposure import AuditFinding, audit
    from olorin_pipelines.openapi.faults import Problem, problems

__all__ = [
    "DIALECTS",
    "MAX_BYTES",
    "METHODS",
    "USUAL",
    "AuditFinding",
    "Operation",
    "Pointer",
    "Problem",
    "Snapshot",
    "audit",
    "discover",
    "find",
    "join",
    "load",
    "load_revision",
    "methods_of",
    "operations",
    "parse",
    "path_of",
    "problems",
    "resolve",
    "resolve_at",
    "standalone",
]

_LATE = {
    "USUAL": "discovery",
    "AuditFinding": "exposure",
    "Problem": "faults",
    "audit": "exposure",
    "discover": "discovery",
    "problems": "faults",
    "standalone": "alone",
}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
