"""Operations that were not reached: the reason is named, from what was seen and from the document."""

from __future__ import annotations

from typing import Any

import pytest

from olorin_pipelines.contract.endless import endless_body
from olorin_pipelines.contract.judge.operations import operations
from olorin_pipelines.contract.model import OperationResult
from olorin_pipelines.contract.unreached import why_unreached


@pytest.mark.parametrize(
    ("seen", "stopped", "why"),
    [
        ({"exercised": True}, "completed", ""),
        ({"cases": 0}, "completed", "no request was sent"),
        ({"cases": 0}, "out_of_time", "no request was sent: the time was up before its turn"),
        ({"cases": 0}, "server_unavailable", "no request was sent: the service had stopped answering"),
        ({"cases": 0}, "rate_limited", "no request was sent: the service had asked to be left alone"),
        ({"cases": 9, "refused": 7}, "completed", "rate limited by the service: 7 of 9 requests were refused"),
        ({"cases": 9}, "completed", "no answer came"),
        ({"cases": 9, "statuses": (200,)}, "completed", "no valid request was made"),
        ({"cases": 9, "statuses": (401, 403), "valid": 3}, "completed", "answered 401, 403 only"),
    ],
)
def test_why_an_operation_was_not_reached(seen: dict[str, Any], stopped: str, why: str) -> None:
    assert why_unreached(OperationResult(key="GET /x", **seen), stop_reason=stopped, endless=False) == why


def test_a_body_without_end_is_named_before_anything_else() -> None:
    said = why_unreached(
        OperationResult(key="POST /x", cases=5, statuses=(200,)), stop_reason="completed", endless=True
    )
    assert said == "no valid request can be made: its body must contain itself without end"


REFERENCE = {"$ref": "#/components/schemas/Node"}


def is_endless(node: Any, *, required: bool = True, media: str = "application/json") -> bool:
    body = {"required": required, "content": {media: {"schema": REFERENCE}}}
    document = {
        "paths": {"/x": {"post": {"requestBody": body, "responses": {}}}},
        "components": {"schemas": {"Node": node}},
    }
    return endless_body(document, operations(document)["POST /x"])


def of(next_: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["next"], "properties": {"next": next_}, **more}


ENDLESS = {
    "itself": of(REFERENCE),
    "a list of at least one": of({"type": "array", "minItems": 1, "items": REFERENCE}),
    "the first of a list": of({"type": "array", "minItems": 1, "prefixItems": [REFERENCE]}),
    "each of two": of({"oneOf": [REFERENCE, of(REFERENCE)]}),
    "all of them": of({"allOf": [{"type": "object"}, REFERENCE]}),
    "the list itself": {"type": "array", "minItems": 1, "items": REFERENCE},
}
ENDING = {
    "not required": {"type": "object", "properties": {"next": REFERENCE}},
    "a list that may be empty": of({"type": "array", "items": REFERENCE}),
    "null": of({"anyOf": [REFERENCE, {"type": "null"}]}),
    "nullable as in 3.0": of({**REFERENCE}, nullable=True),
    "one of two types": of(REFERENCE, type=["object", "string"]),
    "no type: it may be a text": {"required": ["next"], "properties": {"next": REFERENCE}},
    "named values": of(REFERENCE, enum=[{"next": None}]),
    "a reference to nothing": of({"$ref": "#/components/schemas/None"}),
    "no schema": True,
}


@pytest.mark.parametrize("node", ENDLESS)
def test_a_body_that_must_contain_itself_has_no_end(node: str) -> None:
    assert is_endless(ENDLESS[node])
    assert not is_endless(ENDLESS[node], required=False), "without a body"
    assert not is_endless(ENDLESS[node], media="text/plain"), "not JSON: nothing is known of it"


@pytest.mark.parametrize("node", ENDING)
def test_a_body_that_may_contain_itself_ends(node: str) -> None:
    assert not is_endless(ENDING[node])


def test_a_schema_that_is_shared_a_thousandfold_is_looked_at_for_a_moment_only() -> None:
    """Two references each to the next, sixty deep: 2**60 ways."""
    schemas: dict[str, Any] = {
        f"S{n}": {
            "type": "object",
            "required": ["a", "b"],
            "properties": {key: {"$ref": f"#/components/schemas/S{n + 1}"} for key in "ab"},
        }
        for n in range(60)
    }
    schemas["S60"] = of({"$ref": "#/components/schemas/S0"})
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
    document = {"paths": {"/x": {"post": {"requestBody": body, "responses": {}}}}, "components": {"schemas": schemas}}
    assert endless_body(document, operations(document)["POST /x"])
