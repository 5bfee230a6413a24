"""Which operation of the document a request belongs to."""

from starlette.types import Scope

__all__ = ["operation_of"]


def operation_of(scope: Scope) -> str:
    """Return the operationId of a routed request; `unmatched` before routing, or when no operation fits."""
    return getattr(scope.get("route"), "operation_id", None) or "unmatched"
