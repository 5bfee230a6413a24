"""Which documents are called valid, what an audit finds, which operations there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines import openapi
from olorin_pipelines.errors import DocumentError, DocumentInvalid

SPECS = Path(__file__).parents[2].parent / "shared" / "specs"
TEXT = {"type": "string"}


def snapshot(version: str = "3.1.0", **fields: Any) -> openapi.Snapshot:
    document = {"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {}, **fields}
    return openapi.parse(json.dumps(document, indent=1).encode(), source="test.json")


def operation(**fields: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "done"}}, **fields}


def messages(**fields: Any) -> list[str]:
    return [str(problem) for problem in openapi.problems(snapshot(**fields))]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_a_sound_document_has_no_problems(version: str) -> None:
    path = {"get": operation(parameters=[{"name": "id", "in": "path", "required": True, "schema": TEXT}])}
    assert openapi.problems(snapshot(version, paths={"/a/{id}": path})) == ()


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_the_meta_schema_of_the_dialect_is_applied(version: str) -> None:
    (problem,) = openapi.problems(snapshot(version, paths={"/a": {"get": operation(deprecated="true")}}))
    assert (problem.pointer, problem.line) == ("/paths/~1a/get/deprecated", 15)
    assert "boolean" in problem.message


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0"])
def test_schema_objects_are_checked_too(version: str) -> None:
    """The published meta-schemas leave them open."""
    found = openapi.problems(snapshot(version, components={"schemas": {"A": {"type": "text"}}}))
    assert [problem.pointer for problem in found] == ["/components/schemas/A/type"]


def test_what_a_meta_schema_cannot_say() -> None:
    path = {
        "get": operation(operationId="x", parameters=[{"name": "z", "in": "path", "required": True, "schema": TEXT}])
    }
    found = messages(paths={"/a/{id}": path, "/b": {"get": operation(operationId="x")}})
    assert any("the path parameter 'id' is not declared" in message for message in found)
    assert any("the path parameter 'z' is not in the path /a/{id}" in message for message in found)
    assert any("the operationId 'x' is also that of GET /a/{id}" in message for message in found)
    twice = [{"name": "q", "in": "query", "schema": TEXT}] * 2
    found = messages(paths={"/a": {"get": operation(parameters=twice)}})
    assert any("is given twice" in message for message in found) or any("unique" in message for message in found)


def test_dangling_references_are_named_where_they_stand() -> None:
    found = messages(components={"schemas": {"A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}}}})
    (message,) = found
    assert message.startswith("/components/schemas/A/properties/b/$ref (line ")
    assert "names nothing" in message


def test_percent_and_tilde_in_pointers() -> None:
    paths = {"/a~b/{c d}": {"get": operation()}}
    document = {"paths": paths, "x": {"$ref": "#/paths/~1a~0b~1%7Bc%20d%7D/get"}}
    assert openapi.resolve(document, document["x"]) == operation()
    assert openapi.find(document, openapi.join("", "paths", "/a~b/{c d}", "get")) == operation()


@pytest.mark.parametrize("ref", ["#/a", "#/nothing", "#anchor", "other.json", "#/list/9"])
def test_references_that_lead_nowhere_are_refused(ref: str) -> None:
    document = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}, "list": [1]}
    with pytest.raises(DocumentInvalid):
        openapi.resolve(document, {"$ref": ref})


def test_operations_are_listed_with_their_facts() -> None:
    item = {"get": operation(operationId="read"), "post": operation(deprecated=True), "parameters": []}
    found = list(openapi.operations(snapshot(paths={"/a": item}).document))
    assert [(o.key, o.safe, o.operation_id, o.deprecated) for o in found] == [
        ("GET /a", True, "read", False),
        ("POST /a", False, "", True),
    ]
    assert found[0].pointer == "/paths/~1a/get"


def test_internal_endpoints_are_found() -> None:
    paths = {
        "/internal/cache": {"get": operation()},
        "/api/admin": {"delete": operation()},
        "/administrators": {"get": operation()},
        "/hidden": {"get": operation(**{"x-internal": True})},
        "/metrics": {"get": operation()},
    }
    one = snapshot(paths=paths)
    assert [f.operation for f in openapi.audit(one)] == [
        "GET /internal/cache",
        "DELETE /api/admin",
        "GET /hidden",
        "GET /metrics",
    ]
    assert {f.id for f in openapi.audit(one)} == {"internal-endpoint"}
    allowed = ["GET /metrics", "/hidden", "/paths/~1api~1admin/delete"]
    assert [f.operation for f in openapi.audit(one, allow=allowed)] == ["GET /internal/cache"]


@pytest.mark.parametrize(
    ("name", "sensitive"),
    [
        ("password", True),
        ("password_hash", False),
        ("userPassword", True),
        ("accessToken", True),
        ("access_tokens", True),
        ("token_type", False),
        ("tokenizer", False),
        ("api_key", True),
        ("apiKey", True),
        ("APIKey", True),
        ("keyboard", False),
        ("ssn", True),
        ("lesson", False),
        ("card_number", True),
        ("number", False),
        ("private_key", True),
        ("client_secret", True),
        ("secretary", False),
    ],
)
def test_sensitive_names_are_judged_word_by_word(name: str, sensitive: bool) -> None:
    schema = {"type": "object", "properties": {name: TEXT}}
    response = {"description": "d", "content": {"application/json": {"schema": schema}}}
    found = openapi.audit(snapshot(paths={"/a": {"get": {"responses": {"200": response}}}}))
    assert [f.id for f in found] == (["sensitive-property"] if sensitive else [])


def test_only_what_is_answered_is_sensitive() -> None:
    user = {
        "type": "object",
        "properties": {
            "password": {**TEXT, "writeOnly": True},
            "keys": {"type": "array", "items": {"$ref": "#/x-key"}},
        },
    }
    key = {"allOf": [{"properties": {"api_key": TEXT}}], "properties": {"parent": {"$ref": "#/x-key"}}}
    response = {"description": "d", "content": {"application/json": {"schema": user}}}
    body = {"content": {"application/json": {"schema": {"properties": {"secret": TEXT}}}}}
    one = snapshot(paths={"/a": {"post": {"requestBody": body, "responses": {"200": response}}}}, **{"x-key": key})
    (finding,) = openapi.audit(one)
    assert finding.pointer == "/x-key/allOf/0/properties/api_key"
    assert "'api_key'" in finding.message
    assert openapi.audit(one, allow=["api_key"]) == ()


needs_specs = pytest.mark.skipif(
    not SPECS.is_dir(), reason="the collection of real documents is not beside the project"
)


@needs_specs
def test_every_malformed_document_is_refused() -> None:
    accepted = []
    for path in sorted((SPECS / "malformed").glob("*.*")):
        if path.suffix != ".tsv":
            try:
                if not openapi.problems(openapi.load(str(path))):
                    accepted.append(path.name)
            except DocumentError:
                continue
    assert accepted == []


@needs_specs
def test_real_documents_are_not_called_malformed() -> None:
    for name in ("prefect/3.8.8.json", "chromadb/0.6.3.json", "adyen-checkout/new.json", "xero-projects/new.yaml"):
        assert openapi.problems(openapi.load(str(SPECS / name))) == (), name
