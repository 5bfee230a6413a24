"""Which line of the document is a violation about that breaks no schema? Its operation, or what secures that."""

from __future__ import annotations

from dataclasses import replace

from olorin_pipelines.contract.judge.exchange import Violation
from olorin_pipelines.contract.judge.operations import Operation

__all__ = ["placed"]

_EXPECTED = {
    "auth_required": "401 without credentials",
    "token_refused": "401 to a token that is not good",
    "valid_request_accepted": "no refusal of a valid request",
    "unsupported_method": "405 to a method that is not documented",
    "use_after_delete": "404 after it was deleted",
    "resource_available": "an answer with success after it was created",
    "pagination_honoured": "no more items than asked for, and others on the next page",
    "same_again": "the same answer to the same request",
    "response_time": "an answer about as quick as those of the other operations",
}


def placed(violation: Violation, operation: Operation | None) -> Violation:
    """Fill in pointer, what was expected and what came, where the violation does not say it already."""
    if violation.pointer or operation is None:
        return violation
    secured = violation.check in ("auth_required", "token_refused") and "security" in operation.node
    return replace(
        violation,
        pointer=f"{operation.pointer}/security" if secured else operation.pointer,
        expected=violation.expected or _EXPECTED.get(violation.check, ""),
        got=violation.got or violation.message,
    )
