"""What a front end gets: it compiles, runs, judges as the schema says, and is the same for the same document."""

from __future__ import annotations

import json
from typing import Any

import pytest

from olorin_pipelines import openapi
from olorin_pipelines.errors import UsageError
from olorin_pipelines.typegen import FILES, frontend, make_front_end, unchanged, write_files
from tests.typegen.conftest import canonical, front_end

USE = b"""\
import { createApiClient } from "./client";
import { handlers } from "./handlers";
import { operations, validateRequest, validateResponse, type Violation } from "./validators.js";

const api = createApiClient({ baseUrl: "http://api.test" });
export async function title(): Promise<string | undefined> {
  const { data } = await api.POST("/cases", { body: { title: "lost ring" } });
  return data?.title;
}
export const all: readonly string[] = operations;
export const found: Violation[] = [...validateRequest("POST /cases", 1), ...validateResponse("POST /cases", 201, {})];
export const count: number = handlers("http://api.test").length;
"""

ANSWER = """\
import { getResponse } from "msw";
import { handlers } from "./handlers.ts";
const answers = [];
for (const [method, url] of %s) {
  const response = await getResponse(handlers(%s), new Request(url, { method }));
  const text = await response?.text();
  answers.push(response ? [response.status, text ? JSON.parse(text) : null] : "unhandled");
}
console.log(JSON.stringify(answers));
"""


def judge(calls: list[Any]) -> str:
    return f"""\
import {{ validateRequest, validateResponse }} from "./validators.js";
const judge = {{ request: validateRequest, response: validateResponse }};
console.log(JSON.stringify({json.dumps(calls)}.map(([way, ...rest]) => judge[way](...rest))));
"""


def violations(node, toolchain, document, *calls) -> list[list[tuple[str, str]]]:
    found = node(judge(list(calls)), front_end(document, toolchain).files)
    return [[(each["path"], each["keyword"]) for each in one] for one in found]


def with_schema(schema: Any, *, version: str = "3.1.0", **schemas: Any) -> dict[str, Any]:
    """A document whose one operation takes and gives the schema."""
    content = {"content": {"application/json": {"schema": schema}}}
    return {
        "openapi": version,
        "info": {"title": "One", "version": "1"},
        "paths": {"/x": {"put": {"requestBody": content, "responses": {"200": {"description": "", **content}}}}},
        "components": {"schemas": schemas},
    }


def test_everything_compiles_as_strictly_as_any_front_end_would(toolchain, compiled, document):
    files = front_end(document, toolchain).files
    assert tuple(files) == FILES
    assert compiled({**files, "use.ts": USE}) == ()


def test_validators_import_nothing_and_say_where_a_body_is_wrong(toolchain, node, document):
    text = front_end(document, toolchain).files["validators.js"].decode()
    assert "import" not in text.replace("important", "")
    assert "require(" not in text
    found = violations(
        node,
        toolchain,
        document,
        ["request", "POST /cases", {"title": "lost ring"}],
        ["request", "POST /cases", {"title": 1}],
        ["request", "POST /cases"],
        ["request", "POST /nothing", {}],
        ["response", "POST /cases", 201, {"title": "a", "risk_score": "high"}],
        ["response", "POST /cases", 418, {}],
    )
    assert found == [
        [],
        [("/title", "type")],
        [("", "required")],
        [("", "operation")],
        [("/risk_score", "type")],
        [("", "status")],
    ]


CASES = {
    "a nullable type of 3.0": ("3.0.3", {"type": "string", "nullable": True}, [None, "a"], [1]),
    "a nullable enum of 3.0": ("3.0.3", {"type": "string", "nullable": True, "enum": ["a"]}, [None, "a"], ["b"]),
    "a nullable reference": ("3.0.3", {"nullable": True, "allOf": [{"$ref": "#/components/schemas/A"}]}, [None], ["x"]),
    "an exclusive bound of 3.0": ("3.0.3", {"minimum": 1, "exclusiveMinimum": True, "type": "number"}, [1.5], [1]),
    "a type list of 3.1": ("3.1.0", {"type": ["integer", "null"]}, [None, 1], ["a", 1.5]),
    "const": ("3.1.0", {"const": {"a": [1]}}, [{"a": [1]}], [{"a": [2]}]),
    "prefixItems": ("3.1.0", {"prefixItems": [{"type": "string"}], "items": False}, [["a"]], [[1], ["a", 1]]),
    "a date-time": ("3.1.0", {"type": "string", "format": "date-time"}, ["2025-01-31T12:00:00Z"], ["yesterday"]),
    "an email": ("3.1.0", {"type": "string", "format": "email"}, ["a@b.org"], ["a"]),
    "a uuid": ("3.1.0", {"type": "string", "format": "uuid"}, ["00000000-0000-4000-8000-000000000000"], ["1"]),
    "an unknown format": ("3.1.0", {"type": "string", "format": "risk"}, ["a"], [1]),
    "a pattern beyond Unicode mode": ("3.1.0", {"type": "string", "pattern": r"^\-\w+$"}, ["-a"], ["a"]),
    "a pattern that is none": ("3.1.0", {"type": "string", "pattern": "("}, ["anything"], [1]),
    "cents": ("3.1.0", {"type": "number", "multipleOf": 0.01}, [0.29, 1.1], [0.295]),
    "names like those of objects": (
        "3.1.0",
        {"type": "object", "required": ["constructor", "toString"], "additionalProperties": False,
         "properties": {"constructor": {"type": "string"}, "toString": {"type": "string"}}},
        [{"constructor": "a", "toString": "b"}],
        [{}, {"constructor": 1, "toString": "b"}],
    ),
    "a cycle": ("3.1.0", {"$ref": "#/components/schemas/Tree"}, [{"children": [{"children": []}]}], [{"children": 1}]),
    "a reference that dangles": ("3.1.0", {"type": "string", "$ref": "#/components/schemas/No"}, ["a"], [1]),
    "siblings of a reference in 3.1": ("3.1.0", {"$ref": "#/components/schemas/S", "maxLength": 1}, ["a"], ["ab", 1]),
    "siblings of a reference in 3.0": ("3.0.3", {"$ref": "#/components/schemas/S", "maxLength": 1}, ["ab"], [1]),
    "what no other keyword looked at": (
        "3.1.0",
        {"allOf": [{"properties": {"a": {"type": "string"}}}], "unevaluatedProperties": False},
        [{"a": "b"}],
        [{"b": 1}],
    ),
    "false": ("3.1.0", False, [], [1, None]),
}  # fmt: skip
SHARED = {
    "A": {"type": "object"},
    "S": {"type": "string"},
    "Tree": {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
    },
}


def test_schemas_of_both_dialects_are_judged_as_they_mean(toolchain, node):
    """All in one document of each dialect, because starting Node for each would be the most of the time."""
    for dialect in ("3.0.3", "3.1.0"):
        chosen = {name: case for name, case in CASES.items() if case[0] == dialect}
        document = with_schema({}, version=dialect, **SHARED)
        for number, (_, schema, _, _) in enumerate(chosen.values()):
            document["paths"][f"/{number}"] = with_schema(schema)["paths"]["/x"]
        calls = [
            ["response", f"PUT /{number}", 200, value]
            for number, (_, _, good, bad) in enumerate(chosen.values())
            for value in [*good, *bad]
        ]
        expected = [
            (name, value, right)
            for name, (_, _, good, bad) in chosen.items()
            for value, right in [*((each, True) for each in good), *((each, False) for each in bad)]
        ]
        files = {**front_end(document, toolchain).files}
        found = node(judge(calls), files)
        wrong = [case for case, one in zip(expected, found, strict=True) if (one == []) != case[2]]
        assert wrong == []


def test_a_read_only_property_is_not_required_of_a_request(toolchain, node):
    schema = {
        "type": "object",
        "required": ["id", "secret"],
        "properties": {"id": {"type": "string", "readOnly": True}, "secret": {"type": "string", "writeOnly": True}},
    }
    calls = [
        ["request", "PUT /x", {"secret": "a"}],
        ["response", "PUT /x", 200, {"id": "a"}],
        ["request", "PUT /x", {}],
    ]
    assert violations(node, toolchain, with_schema(schema), *calls) == [[], [], [("", "required")]]


def test_a_discriminator_says_which_branch_is_wrong(toolchain, node):
    cat = {"type": "object", "required": ["kind", "lives"], "properties": {"lives": {"type": "integer"}}}
    dog = {"type": "object", "required": ["kind"], "properties": {"good": {"type": "boolean"}}}
    refs = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    choice = {
        "oneOf": refs,
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat", "hound": "Dog"}},
    }
    found = violations(
        node,
        toolchain,
        with_schema(choice, Cat=cat, Dog=dog),
        ["request", "PUT /x", {"kind": "cat", "lives": 9}],
        ["request", "PUT /x", {"kind": "cat", "lives": "nine"}],
        ["request", "PUT /x", {"kind": "hound", "good": True}],
        ["request", "PUT /x", {"kind": "bird"}],
        ["request", "PUT /x", {}],
    )
    assert found[0] == found[2] == []
    assert ("/lives", "type") in found[1]
    assert ("/kind", "enum") in found[3]
    assert ("", "required") in found[4]


def test_ranges_and_defaults_of_statuses(toolchain, node, document):
    responses = document["paths"]["/cases"]["post"]["responses"]
    responses["4XX"] = {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}}
    responses["default"] = {"description": "", "content": {"application/json": {"schema": {"type": "integer"}}}}
    calls = [["response", "POST /cases", status, "a"] for status in (201, 404, 500)]
    assert violations(node, toolchain, document, *calls) == [[("", "type")], [], [("", "type")]]


def test_handlers_answer_with_the_lowest_success_examples_first(toolchain, node, document):
    content = document["paths"]["/cases"]["post"]["responses"]["201"]["content"]["application/json"]
    content["examples"] = {"ring": {"value": {"title": "ring", "risk_score": 3}}}
    document["paths"]["/cases"]["post"]["responses"]["202"] = {"description": "later"}
    case = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Case"}}}, "description": ""}
    document["paths"]["/cases/{id}:close"] = {"get": {"responses": {"default": case}}}
    document["paths"]["/cases/{id}"] = {"delete": {"responses": {"204": {"description": "gone"}}}}
    document["paths"]["/cases/mine"] = {"delete": {"responses": {"200": case}}}
    calls = [
        ["POST", "http://api.test/base/cases?a=b"],
        ["GET", "http://api.test/base/cases/1:close"],
        ["DELETE", "http://api.test/base/cases/1"],
        ["DELETE", "http://api.test/base/cases/mine"],
        ["GET", "http://api.test/cases/1"],
        ["GET", "http://api.test/base/cases/1/2"],
    ]
    sampled = {"risk_score": 1, "title": "string"}
    expected = [[201, {"risk_score": 3, "title": "ring"}], [200, sampled], [204, None], [200, sampled]]
    files = front_end(document, toolchain).files
    for base in ("http://api.test/base/", "/base"):
        found = node(ANSWER % (json.dumps(calls), json.dumps(base)), files)
        assert found == [*expected, "unhandled", "unhandled"]


def test_an_example_that_is_not_valid_gives_way_to_a_sample(toolchain, node, document):
    content = document["paths"]["/cases"]["post"]["responses"]["201"]["content"]["application/json"]
    content["example"] = {"title": 7}
    made = front_end(document, toolchain)
    found = node(ANSWER % ('[["POST", "http://api.test/cases"]]', '"http://api.test"'), made.files)
    assert found == [[201, {"risk_score": 1, "title": "string"}]]
    assert made.left_out == ()


def test_a_sample_of_a_choice_is_that_of_its_branch(toolchain, node):
    """The branch describes the discriminator as any text, and its own example lacks it."""
    cat = {"type": "object", "required": ["kind", "lives"], "example": {"lives": 9},
           "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}}  # fmt: skip
    choice = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}],
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
    }
    files = front_end(with_schema(choice, Cat=cat), toolchain).files
    found = node(ANSWER % ('[["PUT", "http://api.test/x"]]', '"http://api.test"'), files)
    assert found == [[200, {"kind": "cat", "lives": 9}]]


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "string", "pattern": "^[x-z]{3}Q{2}$"}, "must match pattern"),
        ({"type": "object", "required": ["a"], "properties": {"a": False}}, "no sample of its response"),
        ({"$ref": "#/components/schemas/Endless"}, "no sample of its response"),
    ],
)
def test_a_mock_that_would_not_be_valid_is_left_out_and_said(toolchain, schema, reason):
    endless = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Endless"}}}
    made = front_end(with_schema(schema, Endless=endless), toolchain)
    assert [(each.file, each.operation) for each in made.left_out] == [("handlers.ts", "PUT /x")]
    assert reason in made.left_out[0].reason
    assert json.loads(made.files["manifest.json"])["left_out"][0]["reason"] == made.left_out[0].reason


def test_the_same_document_gives_the_same_bytes(toolchain, document):
    turned = {key: document[key] for key in reversed(document)}
    whole, again = (openapi.parse(canonical(each), source="it") for each in (document, turned))
    assert whole.digest == again.digest
    first, second = (make_front_end(each.canonical, digest=each.digest, toolchain=toolchain) for each in (whole, again))
    assert first == second


def test_paths_tell_versions_of_one_document_apart(toolchain, document):
    document["paths"]["/v2/cases"] = document["paths"].pop("/cases")
    document["paths"]["/v1/cases"] = with_schema({"$ref": "#/components/schemas/Old"})["paths"]["/x"]
    document["components"]["schemas"] |= {
        "Old": {"properties": {"tree": {"$ref": "#/components/schemas/Tree"}}},
        **SHARED,
    }
    one = front_end(document, toolchain, globs=["/v1/**"]).files["schema.d.ts"].decode()
    two = front_end(document, toolchain, globs=["/v2/**"]).files["schema.d.ts"].decode()
    assert ("/v1/cases" in one, "/v2/cases" in one, "Old:" in one, "Tree:" in one, "NewCase:" in one) == (
        *(True, False, True, True, False),
    )
    assert ("/v1/cases" in two, "/v2/cases" in two, "Old:" in two, "NewCase:" in two) == (False, True, False, True)
    with pytest.raises(UsageError, match="no path matches /v3") as caught:
        front_end(document, toolchain, globs=["/v3/**"])
    assert "/v1/cases" in caught.value.hint


def test_a_large_document_gets_validators_only_for_named_paths(toolchain, document, monkeypatch):
    monkeypatch.setattr(frontend, "LARGEST_WHOLE", 100)
    made = front_end(document, toolchain)
    assert set(made.files) == {"schema.d.ts", "client.ts", "manifest.json"}
    assert {each.file for each in made.left_out} == {"validators.js", "validators.d.ts", "handlers.ts"}
    assert set(front_end(document, toolchain, globs=["/cases"]).files) == set(FILES)


def test_a_folder_that_holds_it_already_is_known(toolchain, document, tmp_path):
    made = front_end(document, toolchain, globs=["/cases"])
    manifest = json.loads(made.files["manifest.json"])
    assert not unchanged(tmp_path, digest=manifest["digest"], globs=["/cases"])
    write_files(tmp_path, made.files)
    assert unchanged(tmp_path, digest=manifest["digest"], globs=["/cases"])
    assert not unchanged(tmp_path, digest=manifest["digest"], globs=[])
    (tmp_path / "schema.d.ts").write_text("export {};")
    assert not unchanged(tmp_path, digest=manifest["digest"], globs=["/cases"])
