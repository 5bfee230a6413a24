"""Tiny documents, their bundles, and consumers written on the spot."""

from __future__ import annotations

import copy
import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines.errors import ToolMissing
from olorin_pipelines.typegen import (
    Bundle,
    Diagnostic,
    FrontEnd,
    Toolchain,
    find_toolchain,
    generate,
    make_front_end,
)
from olorin_pipelines.typegen.compiler import compile_project

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


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


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


@pytest.fixture
def node(toolchain: Toolchain, tmp_path: Path) -> Callable[..., Any]:
    """Write files into a project with the pinned packages, run a module there, and read what it prints as JSON."""

    def run(script: str, files: Mapping[str, bytes]) -> Any:
        folder = project(tmp_path, toolchain, files)
        (folder / "main.mjs").write_text(script)
        ended = subprocess.run(
            [toolchain.node, "main.mjs"], cwd=folder, capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 0, ended.stderr[-1500:]
        return json.loads(ended.stdout)

    return run


@pytest.fixture
def compiled(toolchain: Toolchain, tmp_path: Path) -> Callable[..., tuple[Diagnostic, ...]]:
    """Compile files as strictly as any front end would, and return what the compiler says."""

    def run(files: Mapping[str, bytes]) -> tuple[Diagnostic, ...]:
        folder = project(tmp_path, toolchain, files)
        result = compile_project(toolchain.native_compiler, ["-p", "."], directory=folder, timeout=60)
        assert result.faults == ()
        return result.diagnostics

    return run


def project(folder: Path, toolchain: Toolchain, files: Mapping[str, bytes]) -> Path:
    made = folder / "project"
    made.mkdir(exist_ok=True)
    for name, data in files.items():
        (made / name).write_bytes(data)
    if not (made / "node_modules").exists():
        (made / "node_modules").symlink_to(toolchain.modules, target_is_directory=True)
    (made / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICT, "include": ["."]}))
    (made / "package.json").write_text('{"type": "module"}')
    return made


STRICT: dict[str, Any] = {
    "strict": True,
    "noEmit": True,
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "lib": ["es2022", "dom"],
    "types": [],
    "skipLibCheck": False,
    "skipDefaultLibCheck": True,
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
    "noPropertyAccessFromIndexSignature": True,
    "verbatimModuleSyntax": True,
    "erasableSyntaxOnly": True,
}


def front_end(document: Document, toolchain: Toolchain, **options: Any) -> FrontEnd:
    data = canonical(document)
    digest = hashlib.sha256(data).hexdigest()
    return make_front_end(data, digest=digest, toolchain=toolchain, **options)
