"""Findings and a proof give answers: where a place of a document stands in the types, and what is never green."""

from __future__ import annotations

import json

import pytest

from olorin_pipelines import openapi
from olorin_pipelines.config import Service
from olorin_pipelines.diff import diff
from olorin_pipelines.gate import Outcome
from olorin_pipelines.pipeline.agreed import without
from olorin_pipelines.pipeline.anchors import Components, anchors_of
from olorin_pipelines.pipeline.compare import decides_by_consumers
from olorin_pipelines.pipeline.impact import Answer, causes_of, join
from olorin_pipelines.typegen import Call, ConsumerProof, Diagnostic, Usage


def snapshot(name: object = "string", **limit: int) -> openapi.Snapshot:
    schema = {"type": "object", "required": ["name"], "properties": {"name": {"type": name}}}
    pets = {
        "get": {
            "operationId": "pets",
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", **limit}}],
            "responses": {
                "200": {
                    "description": "pets",
                    "content": {"application/json": {"schema": {"type": "array", "items": schema}}},
                }
            },
        }
    }
    document = {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}, "paths": {"/pets": pets}}
    return openapi.parse(json.dumps(document).encode(), source="pets")


OLD = snapshot()
NULLABLE = snapshot(["string", "null"])
LIMITED = snapshot(maximum=5)


@pytest.mark.parametrize(
    ("new", "anchor"),
    [
        (NULLABLE, ("operations", "pets", "responses", "200", "content", "application/json", "name")),
        (LIMITED, ("operations", "pets", "parameters", "query", "limit")),
    ],
)
def test_a_pointer_becomes_the_path_of_a_member_of_the_types(new, anchor):
    finding = next(one for one in diff(OLD, new) if one.severity.value == "breaking")
    assert anchors_of(finding, OLD, new) == (anchor,)


def test_a_component_holds_what_it_refers_to():
    reference = {"$ref": "#/components/schemas/Pet"}
    parts = Components({"components": {"schemas": {"List": {"items": reference}, "Pet": {}, "Other": {}}}})
    pet = ("components", "schemas", "Pet", "name")
    assert parts.holds(("components", "schemas", "List"), pet)
    assert not parts.holds(("components", "schemas", "Other"), pet)
    assert not parts.holds(("components", "schemas", "Pet"), ("components", "schemas", "List", "items"))


def test_without_a_reading_of_the_code_nothing_is_green():
    proof = ConsumerProof("front", Outcome.NO_DATA, "does not compile against the old types either: x")
    impacts = join(causes_of(diff(OLD, NULLABLE), OLD, NULLABLE), proof, OLD)
    assert [impact.answer for impact in impacts] == [Answer.CANNOT_TELL]
    assert impacts[0].because.startswith("it does not compile against the old types")
    assert impacts[0].decides


def refusing(status: str) -> openapi.Snapshot:
    document = json.loads(OLD.raw)
    document["paths"]["/pets"]["get"]["responses"][status] = {"description": "refused"}
    return openapi.parse(json.dumps(document).encode(), source="pets")


@pytest.mark.parametrize(("path", "answer"), [("/pets", Answer.CANNOT_TELL), ("/dogs", Answer.NO_BREAK)])
def test_an_error_that_is_told_by_another_status_is_told_to_who_calls_and_decides_nothing(path, answer):
    old, new = refusing("422"), refusing("400")
    call = Call("src/a.ts", 7, 1, "GET", path, typed=True)
    usage = Usage(strict_null_checks=True, files=1, uses=(), calls=(call,), escapes=(), shown=("same",), named={})
    proof = ConsumerProof("front", Outcome.PASS, "compiles", usage=usage)
    (impact,) = join(causes_of(diff(old, new), old, new), proof, old)
    assert (impact.answer, impact.decides) == (answer, False)
    assert impact.finding.id == "response-non-success-status-removed"


def test_errors_that_no_finding_explains_are_told_once_per_name():
    errors = (
        Diagnostic("src/a.ts", 3, 1, "TS2339", "Property 'Old' does not exist"),
        Diagnostic("src/a.test.ts", 1, 1, "TS2339", "Property 'Old' does not exist"),
        Diagnostic("src/b.ts", 1, 1, "TS2339", "Property 'Other' does not exist"),
    )
    impacts = join((), ConsumerProof("front", Outcome.FAIL, "breaks", errors), OLD)
    assert [(impact.place, impact.more, impact.only_tests) for impact in impacts] == [
        ("src/a.ts:3:1", 1, False),
        ("src/b.ts:1:1", 0, False),
    ]


@pytest.mark.parametrize(
    ("breaking", "consumers", "expected"),
    [("consumers", [{"name": "a", "path": "a"}], True), ("consumers", [], False), ("reject", [], False)],
)
def test_the_consumers_decide_only_where_there_are_some(breaking, consumers, expected):
    environments = {"production": {"url": "http://127.0.0.1:9"}}
    service = Service.model_validate(
        {"environments": environments, "consumers": consumers, "policy": {"breaking": breaking}}
    )
    assert decides_by_consumers(service) is expected


def test_a_document_without_some_operations_keeps_the_others():
    document = {"paths": {"/a": {"get": {}, "post": {}}}, "info": {}}
    assert without(document, ["GET /a"]) == {"paths": {"/a": {"post": {}}}, "info": {}}
