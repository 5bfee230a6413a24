"""Swagger 2.0 reads as the same API in OpenAPI 3.0."""

from __future__ import annotations

import json
from typing import Any

import pytest

from olorin_pipelines import openapi
from olorin_pipelines.diff import diff

TEXT = {"type": "string"}


def parsed(document: dict[str, Any]) -> openapi.Snapshot:
    return openapi.parse(json.dumps(document).encode(), source="test")


def swagger(operation: dict[str, Any], **more: Any) -> dict[str, Any]:
    item = {"responses": {"200": {"description": "done"}}, **operation}
    return {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": item}}, **more}


def of(operation: dict[str, Any], **more: Any) -> Any:
    return parsed(swagger(operation, **more)).document["paths"]["/a"]["post"]


def test_the_same_api_written_in_both_differs_in_nothing() -> None:
    order = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "note": TEXT}}
    old = swagger(
        {
            "consumes": ["application/json"],
            "produces": ["application/json"],
            "parameters": [
                {"name": "order", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Order"}},
                {"name": "ids", "in": "query", "type": "array", "items": TEXT, "collectionFormat": "multi"},
            ],
            "responses": {
                "200": {
                    "description": "done",
                    "schema": {"$ref": "#/definitions/Order"},
                    "headers": {"X-Left": {"type": "integer"}},
                }
            },
            "security": [{"basic": []}],
        },
        definitions={"Order": {**order, "properties": {**order["properties"], "note": {**TEXT, "x-nullable": True}}}},
        securityDefinitions={"basic": {"type": "basic"}},
    )
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
    note = {**TEXT, "nullable": True}
    new = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/a": {
                "post": {
                    "parameters": [{"name": "ids", "in": "query", "schema": {"type": "array", "items": TEXT}}],
                    "requestBody": {"required": True, "content": content},
                    "responses": {
                        "200": {
                            "description": "done",
                            "content": content,
                            "headers": {"X-Left": {"schema": {"type": "integer"}}},
                        }
                    },
                    "security": [{"basic": []}],
                }
            }
        },
        "components": {
            "schemas": {"Order": {**order, "properties": {**order["properties"], "note": note}}},
            "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}},
        },
    }
    assert diff(parsed(old), parsed(new)) == ()


def test_a_form_becomes_a_body() -> None:
    fields = [{"name": "a", "in": "formData", "type": "integer", "required": True}]
    body = of({"parameters": fields})["requestBody"]
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    assert body == {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}


def test_a_file_is_sent_as_a_part() -> None:
    fields = [{"name": "f", "in": "formData", "type": "file"}]
    ((media, content),) = of({"parameters": fields, "consumes": ["multipart/form-data"]})["requestBody"][
        "content"
    ].items()
    assert media == "multipart/form-data"
    assert content["schema"]["properties"]["f"] == {"type": "string", "format": "binary"}


def test_addresses_and_flows() -> None:
    flow = {
        "type": "oauth2",
        "flow": "accessCode",
        "authorizationUrl": "/auth",
        "tokenUrl": "/token",
        "scopes": {"r": "read"},
    }
    found = parsed(swagger({}, host="a.example", basePath="/v1", schemes=["https"], securityDefinitions={"o": flow}))
    assert found.document["servers"] == [{"url": "https://a.example/v1"}]
    flows = found.document["components"]["securitySchemes"]["o"]["flows"]
    assert flows == {"authorizationCode": {"authorizationUrl": "/auth", "tokenUrl": "/token", "scopes": {"r": "read"}}}


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        ({"parameters": [{"name": n, "in": "body", "schema": {}} for n in "ab"]}, "more than one body"),
        (
            {"parameters": [{"name": "a", "in": "body", "schema": {}}, {"name": "b", "in": "formData", **TEXT}]},
            "exclude",
        ),
        ({"parameters": [{"name": "f", "in": "formData", "type": "file"}]}, "a file needs"),
        ({"parameters": [{"name": "a", "in": "query", "type": "array"}]}, "a list needs `items`"),
        ({"parameters": [{"name": "a", "in": "elsewhere", **TEXT}]}, "elsewhere"),
    ],
)
def test_faults_are_told_of_the_document_as_it_was_written(operation: dict[str, Any], says: str) -> None:
    found = openapi.problems(parsed(swagger(operation)))
    assert any(says in problem.message for problem in found), found
    assert all(problem.line for problem in found)


@pytest.mark.parametrize("wrong", [5, "text", {"a": 1}, [{}], [[]], [5]])
def test_what_is_no_list_of_names_is_told_and_ends_nothing(wrong: Any) -> None:
    file = {"parameters": [{"name": "f", "in": "formData", "type": "file"}], "consumes": wrong, "produces": wrong}
    for document in (
        swagger({"parameters": [{"name": "b", "in": "body", "schema": {}}]}, consumes=wrong, schemes=wrong, host="a"),
        swagger(file),
        swagger({}, definitions={"A": {"type": "object", "properties": {"a": {}}, "required": wrong}}),
    ):
        assert openapi.problems(parsed(document))


@pytest.mark.parametrize("name", ["default", "example", "enum", "discriminator", "x-nullable", "$ref", "properties"])
def test_a_property_may_be_called_like_a_keyword(name: str) -> None:
    """Kubernetes has properties called `default` that refer to another definition."""
    part = {"$ref": "#/definitions/Part"}
    whole = {"type": "object", "properties": {name: part}}
    document = swagger({}, definitions={"Part": TEXT, "Whole": whole})
    schemas = parsed(document).document["components"]["schemas"]
    assert schemas["Whole"]["properties"][name] == {"$ref": "#/components/schemas/Part"}
