"""Types of a document: the bytes of the CLI, kept by content, never fetching, never code from a name."""

from __future__ import annotations

import hashlib
import http.server
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from olorin_pipelines.errors import ToolFailed
from olorin_pipelines.typegen import Toolchain, generate
from tests.typegen.conftest import Document

ABSENT = Toolchain(node=Path("/nonexistent/node"), modules=Path("/nonexistent"))


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A server that records what it is asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}", asked
        listening.shutdown()


def test_the_types_are_the_bytes_of_the_cli(types_of, toolchain, document, tmp_path):
    document["components"]["schemas"]["Pet"] = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}],
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
    }
    document["components"]["schemas"]["Cat"] = {
        "allOf": [{"$ref": "#/components/schemas/Case"}, {"type": "object", "properties": {"kind": {"type": "string"}}}]
    }
    oracle = _of_the_cli(document, toolchain, tmp_path)
    bundle = types_of(document)
    assert bundle.types.read_bytes() == oracle
    assert bundle.diagnostics == ()


def _of_the_cli(document: Document, toolchain: Toolchain, folder: Path) -> bytes:
    source = folder / "openapi.json"
    source.write_text(json.dumps(document))
    cli = toolchain.modules / "openapi-typescript" / "bin" / "cli.js"
    return subprocess.run([toolchain.node, cli, source], capture_output=True, cwd=folder, check=True).stdout


AWKWARD = {
    "names": {"type": "object", "properties": {"naïve": {}, 'a"b\\c': {}, "a-b": {}, "7": {}, "-7": {}, "tab\t": {}}},
    "values": {"enum": ["naïve", 'a"b', "\u2028", -1.5, 1e30, 0, True, None, {"deep": ["x", 1]}, []]},
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"enum": ["a", "b"]}]},
    "lists of unions": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "number"}]}},
    "free keys": {"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": ["string", "null"]}},
    "nothing": {"type": "object", "properties": {}, "description": ""},
    "read-only": {"type": "object", "properties": {"id": {"type": "string", "readOnly": True, "format": "uuid"}}},
    "required elsewhere": {"allOf": [{"$ref": "#/components/schemas/tuple"}, {"$ref": "#/components/schemas/Case"}],
                           "required": ["id"]},
    "a comment's lines": {"description": "one\r\n\ttwo\rthree\n\n   four  \u2028 five */ six\u00a0", "title": "  x  "},
    "a comment's blanks": {"description": "ends in blanks  \n\u00a0begins with one\n\n", "example": {"a": [1, "*/"]}},
}  # fmt: skip


@pytest.mark.parametrize("name", AWKWARD)
def test_what_is_printed_awkwardly_has_the_bytes_of_the_cli(types_of, toolchain, document, tmp_path, name):
    document["components"]["schemas"] |= {"tuple": AWKWARD["tuple"], name: AWKWARD[name]}
    document["components"]["schemas"]["around"] = {"type": "object", "properties": {"deep": AWKWARD[name]}}
    assert types_of(document).types.read_bytes() == _of_the_cli(document, toolchain, tmp_path)


def test_an_unchanged_document_starts_no_program(types_of, document, store):
    first = types_of(document)
    data = json.dumps(document, separators=(",", ":")).encode()
    again = generate(data, digest=hashlib.sha256(data).hexdigest(), store=store, toolchain=ABSENT)
    assert again == replace(first, cached=True, seconds=again.seconds)


def test_the_key_names_document_and_digest(types_of, document):
    first = types_of(document)
    document["info"]["version"] = "2"
    second = types_of(document)
    assert first.key != second.key
    assert second.directory.name == second.key


@pytest.mark.parametrize("damage", ["types cut", "result cut", "not a bundle"])
def test_a_damaged_bundle_is_made_again(types_of, document, damage):
    good = types_of(document)
    text = good.types.read_bytes()
    if damage == "types cut":
        good.types.write_bytes(text[:100])
    elif damage == "result cut":
        (good.directory / "compile.json").write_text("{")
    else:
        shutil.rmtree(good.directory)
        good.directory.mkdir()
        (good.directory / "other").write_text("x")
    again = types_of(document)
    assert not again.cached
    assert again.types.read_bytes() == text
    assert types_of(document).cached


def test_concurrent_writers_agree_and_leave_nothing_behind(toolchain, document, tmp_path):
    data = json.dumps(document).encode()
    with ThreadPoolExecutor(3) as pool:
        bundles = list(pool.map(lambda _: generate(data, digest="d", store=tmp_path, toolchain=toolchain), range(3)))
    assert len({bundle.types.read_bytes() for bundle in bundles}) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == [bundles[0].key]


def test_types_that_do_not_compile_are_said(types_of, document):
    document["components"]["schemas"]["Case"]["properties"]["owner"] = {"$ref": "#/components/schemas/Missing"}
    found = types_of(document).diagnostics
    assert {diagnostic.file for diagnostic in found} == {"schema.d.ts"}
    assert any(d.code == "TS2339" and "'Missing' does not exist" in d.message for d in found)


@pytest.mark.parametrize("place", ["", "file:///etc/passwd", "#anchor"])
def test_a_reference_out_of_the_document_is_refused(toolchain, document, tmp_path, server, place):
    address, asked = server
    document["components"]["schemas"]["Case"]["properties"]["default"] = {"$ref": place or f"{address}/x.json#/a/b"}
    with pytest.raises(ToolFailed, match="does not point into the document"):
        generate(json.dumps(document).encode(), digest="d", store=tmp_path, toolchain=toolchain)
    assert asked == []
    assert list(tmp_path.iterdir()) == []


def test_data_that_looks_like_a_reference_is_data_and_fetches_nothing(types_of, document, server):
    address, asked = server
    schema = document["components"]["schemas"]["Case"]
    schema["example"] = {"$ref": f"{address}/example.json"}
    schema["default"] = {"$ref": f"{address}/default.json"}
    schema["externalDocs"] = {"url": f"{address}/docs"}
    schema["discriminator"] = {"propertyName": "title", "mapping": {"a": f"{address}/mapped.json"}}
    document["components"]["examples"] = {"e": {"externalValue": f"{address}/value"}}
    assert types_of(document).diagnostics == ()
    assert asked == []


HOSTILE = [
    "*/ export const injected = 1; /*",
    '"; export const injected = 1; //',
    "`${injected}`",
    "'\n\r\u2028export const injected = 1;",
    "a}; export const injected = 1; type b = {",
    "__proto__",
    "constructor",
    "\\",
    "\u202e\u0000\ud83d\ude00",
    "1e21",
]


def test_no_name_or_text_of_a_document_becomes_code(types_of, document):
    schemas = document["components"]["schemas"]
    for text in HOSTILE:
        name = text.replace("~", "~0").replace("/", "~1")
        schemas[text] = {
            "title": text,
            "description": text,
            "type": "object",
            "required": [text],
            "default": text,
            "example": {text: text},
            "properties": {
                text: {"type": "string", "enum": [text, f"{text}*/"], "description": f"{text}\n{text}", "format": text}
            },
            "additionalProperties": {"$ref": f"#/components/schemas/{name}"} if text.isascii() else True,
        }
        document["paths"][f"/{text}"] = {
            "get": {
                "operationId": text,
                "summary": text,
                "parameters": [{"name": text, "in": "query", "schema": {"const": text}, "description": text}],
                "responses": {"200": {"description": text, "headers": {text: {"schema": {"type": "string"}}}}},
            }
        }
    bundle = types_of(document)
    assert bundle.diagnostics == ()
    statements = [line for line in bundle.types.read_text().split("\n") if line.startswith("export ")]
    assert len(statements) == 5
    assert all(line.split()[1] in {"interface", "type"} for line in statements)


@pytest.mark.parametrize("root", ["x; export const injected = 1; type y", 'c"]; declare const d: [string'])
def test_a_hostile_first_segment_of_a_reference_becomes_no_code(types_of, document, root):
    document[root] = {"evil": {"type": "string"}}
    document["components"]["schemas"]["Case"]["properties"]["title"] = {"$ref": f"#/{root}/evil"}
    bundle = types_of(document)
    assert bundle.diagnostics == ()
    assert 'title: components["schemas"]["evil"]' in bundle.types.read_text()
    assert "injected" not in bundle.types.read_text()


def test_a_reference_to_a_place_that_types_cannot_name_gets_one(types_of, document):
    """Other files of a document, definitions at the root, an anchor, a schema inside a path."""
    document["x-olorin-files"] = {
        "more.yaml": {
            "Owner": {"type": "object", "properties": {"boss": {"$ref": "#/x-olorin-files/more.yaml/Owner"}}},
            "limit": {"name": "limit", "in": "query", "schema": {"$ref": "#/x-olorin-files/more.yaml/Case"}},
            "Case": {"type": "integer"},
        }
    }
    schemas = document["components"]["schemas"]
    schemas["Anchored"] = {"$anchor": "here", "type": "boolean"}
    inside = "#/paths/~1cases/post/responses/201/content/application~1json/schema"
    refs = ["#/x-olorin-files/more.yaml/Owner", "#here", inside]
    schemas["NewCase"]["properties"] |= {f"p{number}": {"$ref": ref} for number, ref in enumerate(refs)}
    document["paths"]["/cases"]["post"]["parameters"] = [{"$ref": "#/x-olorin-files/more.yaml/limit"}]
    bundle = types_of(document)
    assert bundle.diagnostics == ()
    text = bundle.types.read_text()
    for expected in ('p0?: components["schemas"]["Owner"]', 'p1?: components["schemas"]["here"]', "here: boolean",
                     'p2?: components["schemas"]["schema"]', 'limit?: components["schemas"]["Case_2"]',
                     'boss?: components["schemas"]["Owner"]'):  # fmt: skip
        assert expected in text


def test_a_schema_that_is_nothing_but_itself_allows_anything(types_of, document):
    schemas = document["components"]["schemas"]
    schemas["Loop"] = {"oneOf": [{"$ref": "#/components/schemas/Loop"}, {"type": "string"}]}
    schemas["Values"] = {"type": "array", "items": {"$ref": "#/components/schemas/Values"}}
    document["paths"]["/again"] = document["paths"]["/cases"]
    bundle = types_of(document)
    assert bundle.diagnostics == ()
    assert "Values: unknown[]" in bundle.types.read_text()


@pytest.mark.parametrize("text", ['{"swagger": "2.0"}', "null", "{"])
def test_what_is_not_an_openapi_document_fails_with_the_reason(toolchain, tmp_path, text):
    with pytest.raises(ToolFailed, match=r"no types could be made: ."):
        generate(text.encode(), digest="d", store=tmp_path, toolchain=toolchain)
    assert list(tmp_path.iterdir()) == []
