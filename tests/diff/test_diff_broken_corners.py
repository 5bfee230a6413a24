"""A corner that is not written as OpenAPI has it is a finding, and never the end of the comparison."""

from __future__ import annotations

import copy
import json
import random
import time
from typing import Any

import pytest

from olorin_pipelines import openapi
from olorin_pipelines.diff import Profile, diff
from olorin_pipelines.errors import OlorinError

GOOD: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1.0.0"},
    "security": [{"key": []}],
    "paths": {
        "/a/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "post": {
                "tags": ["a"],
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "integer", "maximum": 5}}],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/A"}},
                        "multipart/form-data": {
                            "schema": {"$ref": "#/components/schemas/B"},
                            "encoding": {"a": {"contentType": "image/png"}},
                        },
                        "application/jsonl": {"itemSchema": {"$ref": "#/components/schemas/B"}},
                    }
                },
                "responses": {
                    "200": {
                        "description": "done",
                        "headers": {"X-Left": {"schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}},
                    }
                },
            },
            "get": {"responses": {"200": {"description": "done"}}},
        }
    },
    "webhooks": {"paid": {"post": {"requestBody": {"content": {}}, "responses": {}}}},
    "components": {
        "schemas": {
            "A": {
                "type": "object",
                "required": ["a"],
                "properties": {"a": {"type": "string", "enum": ["x", "y"]}, "b": {"$ref": "#/components/schemas/A"}},
                "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
                "discriminator": {"propertyName": "a", "mapping": {"x": "A"}},
            },
            "B": {
                "not": {"const": "b"},
                "if": {"type": "object"},
                "then": {"minProperties": 1},
                "contains": {"type": "string"},
                "minContains": 2,
                "prefixItems": [{"type": "string"}],
                "patternProperties": {"^x": {"type": "string"}},
                "propertyNames": {"maxLength": 9},
                "dependentRequired": {"a": ["b"]},
                "dependentSchemas": {"a": {"required": ["b"]}},
                "unevaluatedProperties": {"type": "integer"},
            },
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "k"}},
    },
}
WRONG: list[Any] = [None, [], {}, "text", 5, True, [None], [5], {"a": None}, [{"a": 5}]]


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return found + [one for step, value in steps for one in places(value, (*path, step))]


def replaced(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    document = copy.deepcopy(GOOD)
    node: Any = document
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return document


def compared(document: dict[str, Any]) -> None:
    good = openapi.parse(json.dumps(GOOD).encode(), source="good")
    try:
        bad = openapi.parse(json.dumps(document).encode(), source="bad")
    except OlorinError:
        return
    for profile in Profile:
        diff(good, bad, profile=profile)
        diff(bad, good, profile=profile)
    openapi.problems(bad)
    openapi.audit(bad)


@pytest.mark.parametrize("path", places(GOOD), ids=lambda path: "/".join(map(str, path)))
def test_every_place_may_hold_anything(path: tuple[Any, ...]) -> None:
    for value in WRONG:
        compared(replaced(path, value))


def test_the_rest_is_still_compared() -> None:
    broken = replaced(("paths", "/a/{id}", "post", "responses"), "text")
    del broken["paths"]["/a/{id}"]["get"]
    snapshots = [openapi.parse(json.dumps(one).encode(), source="test") for one in (GOOD, broken)]
    for profile in Profile:
        assert "api-removed-without-deprecation" in {finding.id for finding in diff(*snapshots, profile=profile)}


@pytest.mark.slow
def test_a_minute_of_broken_bytes_ends_in_errors_of_ours_only() -> None:
    seed, ends = random.Random(20_261_124), time.monotonic() + 60  # noqa: S311 - nothing secret
    text = json.dumps(GOOD, indent=1).encode()
    pieces = [b"null", b"[]", b"{}", b'"$ref"', b'"#/"', b"1e400", b"*a", b"\xff", b"{", b"]", b": ", b"- ", b"\n"]
    while time.monotonic() < ends:
        data = bytearray(text)
        for _ in range(seed.randint(1, 4)):
            at = seed.randrange(len(data))
            data[at : at + seed.randint(0, 12)] = seed.choice([b"", *pieces])
        try:
            found = openapi.parse(bytes(data), source="fuzz")
        except OlorinError:
            continue
        compared(dict(found.document))
