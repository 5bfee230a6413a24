"""Which checks are there, what does each look for, and what of Schemathesis is folded into it?"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CHECKS", "NAMES", "Check", "ours"]


class Check(NamedTuple):
    """A named check. `folds` are the checks of Schemathesis that ask the same."""

    name: str
    looks_for: str
    means: str
    folds: tuple[str, ...] = ()
    advisory: bool = False


CHECKS: tuple[Check, ...] = (
    Check("server_error", "an answer of 5xx", "the service broke on a request", ("not_a_server_error",)),
    Check(
        "status_documented",
        "a status that the operation does not document",
        "a consumer cannot be prepared for this answer",
        ("status_code_conformance",),
    ),
    Check(
        "content_type",
        "a successful answer of another media type than documented",
        "a consumer cannot read the answer",
        ("content_type_conformance",),
    ),
    Check(
        "response_headers",
        "a required header missing, or a value against its schema",
        "a consumer that reads the header fails",
        ("response_headers_conformance",),
    ),
    Check(
        "response_schema",
        "a successful answer against its schema: fields, types, null, enums, constraints, trustworthy formats",
        "the types of the consumers are wrong",
        ("response_schema_conformance",),
    ),
    Check(
        "error_body",
        "a documented refusal (4xx) whose body or media type is not the documented one",
        "a consumer cannot tell its user what went wrong",
    ),
    Check(
        "auth_required",
        "a secured operation that answers without credentials",
        "anybody can call it",
        ("ignored_auth",),
    ),
    Check(
        "token_refused",
        "a token accepted that is garbage, wrongly signed, unsigned (`alg: none`) or expired",
        "anybody can forge credentials, or keep them for ever",
    ),
    Check(
        "constraints_enforced",
        "success for a request that violates what the document says of its values",
        "the document promises more than the service holds",
        ("missing_required_header",),
    ),
    Check(
        "valid_request_accepted",
        "a valid request refused as invalid",
        "the service holds consumers to what no document says",
        ("positive_data_acceptance",),
    ),
    Check(
        "unsupported_method",
        "success for a method that the path does not document",
        "there is an endpoint that nobody reviews",
        ("unsupported_method",),
    ),
    Check(
        "use_after_delete", "a deleted resource that is still answered", "deleting does not delete", ("use_after_free",)
    ),
    Check(
        "resource_available",
        "a resource just created that is not found",
        "creating does not create",
        ("ensure_resource_availability",),
    ),
    Check(
        "pagination_honoured",
        "more items than the limit asked for, or the same page whatever the offset",
        "a consumer that turns pages never ends, or sees a part only",
    ),
    Check(
        "same_again",
        "the same reading request, once with success and once without, and nothing written between",
        "answers depend on what was asked before",
    ),
    Check(
        "response_time",
        "an operation far slower than the others of the same run",
        "users wait for it",
        advisory=True,
    ),
)
NAMES = tuple(check.name for check in CHECKS)

_OURS = {theirs: check.name for check in CHECKS for theirs in check.folds}


def ours(theirs: str) -> str:
    """Return our name for a check of Schemathesis; its own when nothing of ours asks the same."""
    return _OURS.get(theirs, theirs)
