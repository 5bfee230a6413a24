"""Tiny documents, their bundles, and consumers written on the spot."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines.errors import ToolMissing
from olorin_pipelines.typegen import Bundle, Toolchain, find_toolchain, generate

Document = dict[str, Any]
Generate = Callable[[Document], Bundle]
WriteConsumer = Callable[..., Path]

INDEX = """\
import type { components, paths } from "./api/schema";

export type Case = components["schemas"]["Case"];

export function risk(found: Case): string {
  return `${found.title}: ${found.risk_score}`;
}

export const create: components["schemas"]["NewCase"] = { title: "lost ring" };

export type Answer = paths["/cases"]["post"]["responses"]["201"];
"""


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    try:
        return find_toolchain()
    except ToolMissing as error:
        pytest.skip(f"{error.message}: run `make install`")


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("types")


@pytest.fixture(scope="session")
def types_of(toolchain: Toolchain, store: Path) -> Generate:
    """Generate a document's types in a store that the whole session shares."""

    def make(document: Document) -> Bundle:
        data = canonical(document)
        return generate(data, digest=hashlib.sha256(data).hexdigest(), store=store, toolchain=toolchain)

    return make


@pytest.fixture
def document() -> Document:
    return copy.deepcopy(CASES)


@pytest.fixture
def write_consumer(tmp_path: Path) -> WriteConsumer:
    """Write a consumer: its index.ts, options that replace those of its tsconfig, and further files."""

    def write(
        index: str = INDEX, *, options: dict[str, Any] | None = None, files: dict[str, str] | None = None
    ) -> Path:
        folder = tmp_path / "repository" / "apps" / "front"
        (folder / "src" / "api").mkdir(parents=True)
        chosen = options or {"strict": True, "module": "esnext", "moduleResolution": "bundler", "lib": ["es2022"]}
        project = {"compilerOptions": chosen, "include": ["src"]}
        (folder / "tsconfig.json").write_text(json.dumps(project))
        (folder / "src" / "index.ts").write_text(index)
        for name, text in (files or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder

    return write


def canonical(document: Document) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _body(name: str) -> Document:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


CASES: Document = {
    "openapi": "3.1.0",
    "info": {"title": "Cases", "version": "1"},
    "paths": {
        "/cases": {
            "post": {
                "operationId": "create",
                "requestBody": {"required": True, "content": _body("NewCase")},
                "responses": {"201": {"description": "made", "content": _body("Case")}},
            }
        }
    },
    "components": {
        "schemas": {
            "Case": {
                "type": "object",
                "required": ["title", "risk_score"],
                "properties": {"title": {"type": "string"}, "risk_score": {"type": "number"}},
            },
            "NewCase": {
                "type": "object",
                "required": ["title"],
                "properties": {"title": {"type": "string"}, "owner": {"type": "string"}},
            },
        }
    },
}
