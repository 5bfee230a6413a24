"""Of a document the paths that match are left, with what they reach and nothing else."""

from __future__ import annotations

import copy

import pytest

from olorin_pipelines.typegen.prune import matches, pruned


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("/api/v1/**", "/api/v1/cases/{id}", True),
        ("/api/v1/**", "/api/v2/cases", False),
        ("/api/*/cases", "/api/v1/cases", True),
        ("/api/*", "/api/v1/cases", False),
        ("/cases/{id}", "/cases/{id}", True),
        ("/cases/{id}", "/cases/{number}", False),
        ("/v?/a", "/v1/a", True),
        ("/v?/a", "/v//a", False),
        ("/a.b", "/axb", False),
        ("**", "/anything/at/all", True),
    ],
)
def test_a_glob_is_about_segments(glob, path, expected):
    assert matches(glob, path) is expected


def ref(name, kind="schemas"):
    return {"$ref": f"#/components/{kind}/{name}"}


DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "It", "version": "1"},
    "x-extra": {"schema": ref("Unused")},
    "x-olorin-files": {"a.yaml": {"A": ref("FromFile")}, "b.yaml": ref("Unused")},
    "paths": {
        "/v1/a": {"get": {"responses": {"200": ref("Fine", "responses")}}},
        "/v1/b": {"get": {"parameters": [{"$ref": "#/paths/~1shared/parameters/0"}]}},
        "/v2/a": {"get": {"requestBody": {"content": {"application/json": {"schema": ref("Unused")}}}}},
        "/shared": {"parameters": [{"name": "p", "in": "query", "schema": ref("Shared")}]},
    },
    "webhooks": {"told": {"post": {"requestBody": ref("Unused", "requestBodies")}}},
    "components": {
        "responses": {"Fine": {"content": {"application/json": {"schema": ref("Pet")}}}, "Bad": {"x": ref("Unused")}},
        "schemas": {
            "Pet": {"discriminator": {"propertyName": "k", "mapping": {"c": "Cat", "d": "#/components/schemas/Dog"}}},
            "Cat": {"items": {"$ref": "#/x-olorin-files/a.yaml/A"}},
            "Dog": {"properties": {"self": ref("Dog")}},
            "FromFile": {"type": "string"},
            "Shared": {"type": "string"},
            "Unused": {"type": "string"},
        },
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        "examples": {"e": {"value": 1}},
    },
}


def test_what_is_reached_stays_and_the_rest_goes():
    before = copy.deepcopy(DOCUMENT)
    left = pruned(DOCUMENT, ["/v1/a"])
    assert before == DOCUMENT
    assert list(left["paths"]) == ["/v1/a"]
    assert {kind: sorted(entries) for kind, entries in left["components"].items()} == {
        "responses": ["Fine"],
        "schemas": ["Cat", "Dog", "FromFile", "Pet"],
        "securitySchemes": ["key"],
    }
    assert "webhooks" not in left


def test_a_path_that_a_kept_one_refers_into_stays():
    left = pruned(DOCUMENT, ["/v1/b"])
    assert list(left["paths"]) == ["/v1/b", "/shared"]
    assert list(left["components"]["schemas"]) == ["Shared"]


def test_several_globs_add_up():
    assert list(pruned(DOCUMENT, ["/v1/a", "/v2/*"])["paths"]) == ["/v1/a", "/v2/a"]
