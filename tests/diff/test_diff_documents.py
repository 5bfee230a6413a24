"""Whole documents: dialects, references, reach, cycles, paths, security."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines import openapi
from olorin_pipelines.diff import Finding, Severity, compare, diff, judge

SPECS = Path(__file__).parents[2].parent / "shared" / "specs"


def document(*, version: str = "3.1.0", paths: Any = None, **components: Any) -> dict[str, Any]:
    return {
        "openapi": version,
        "info": {"title": "example", "version": "1"},
        "paths": paths if paths is not None else {},
        "components": components,
    }


def operation(*, request: Any = None, response: Any = None, **fields: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "done"}
    if response is not None:
        answer["content"] = {"application/json": {"schema": response}}
    if request is not None:
        fields["requestBody"] = {"content": {"application/json": {"schema": request}}}
    return {"responses": {"200": answer}, **fields}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def found(old: Any, new: Any) -> list[tuple[str, str]]:
    return [(finding.id, finding.operation) for finding in judge(compare(old, new))]


def one(old: Any, new: Any) -> Finding:
    (finding,) = judge(compare(old, new))
    return finding


def answering(schema: Any, version: str = "3.1.0", **schemas: Any) -> dict[str, Any]:
    paths = {"/orders": {"post": operation(request=schema, response=schema)}}
    return document(version=version, paths=paths, schemas=schemas)


@pytest.mark.parametrize(
    ("written_30", "written_31"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": True}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"type": "string", "nullable": True, "enum": ["a", None]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, {"type": "number", "exclusiveMinimum": 0}),
        ({"type": "number", "maximum": 9, "exclusiveMaximum": True}, {"type": "number", "exclusiveMaximum": 9.0}),
        ({"type": "number", "minimum": 1, "exclusiveMinimum": False}, {"type": "number", "minimum": 1}),
        ({"type": "string", "enum": ["a"]}, {"type": "string", "const": "a"}),
        ({"type": "string", "enum": ["a"]}, {"const": "a"}),
        ({"oneOf": [{"type": "string"}]}, {"type": "string"}),
        ({"allOf": [{"$ref": "#/components/schemas/Order"}]}, {"$ref": "#/components/schemas/Order"}),
        ({"$ref": "#/components/schemas/Order"}, {"type": "object", "properties": {"id": {"type": "string"}}}),
        ({"$ref": "#/components/schemas/Order", "required": ["id"]}, {"$ref": "#/components/schemas/Order"}),
        ({"type": "string", "enum": ["a", "b"]}, {"oneOf": [{"const": "a"}, {"const": "b"}]}),
        ({"type": "object", "additionalProperties": True}, {"type": "object"}),
        ({"type": "array", "items": {}, "minItems": 0}, {"type": "array"}),
    ],
)
def test_the_same_api_in_two_dialects_does_not_differ(written_30: Any, written_31: Any) -> None:
    order = {"type": "object", "properties": {"id": {"type": "string"}}}
    old = answering(written_30, version="3.0.3", Order=order)
    new = answering(written_31, version="3.1.0", Order=order)
    assert found(old, new) == []
    assert found(new, old) == []


def test_equal_text_in_two_dialects_can_mean_two_things() -> None:
    schema = {"type": "string", "nullable": True}
    finding = one(
        document(version="3.0.3", paths={"/a": {"post": operation(request=schema)}}),
        document(version="3.1.0", paths={"/a": {"post": operation(request=schema)}}),
    )
    assert finding.id in ("request-body-became-not-nullable", "cannot-be-shown-compatible")


def test_one_and_true_are_two_values() -> None:
    """Python's == holds them for equal."""
    ids = {finding.id for finding in judge(compare(answering({"enum": [1, 2]}), answering({"enum": [True, 2]})))}
    assert "request-body-enum-value-removed" in ids


def test_one_edit_in_a_shared_schema_is_one_finding_that_names_all_operations() -> None:
    paths = {f"/p{i}": {"get": operation(response=ref("Order"))} for i in range(30)}

    def api(kind: str) -> Any:
        order = {"type": "object", "properties": {"price": {"type": kind}}}
        return document(paths=paths, schemas={"Order": order})

    finding = one(api("number"), api("string"))
    assert finding.id == "response-property-type-changed"
    assert len(finding.reachable_from) == 30
    assert finding.operation == "GET /p0"
    assert finding.old_pointer == "/components/schemas/Order/properties/price"
    assert "`Order.price`" in finding.message


def test_a_change_deep_below_equal_text_is_seen_through_its_references() -> None:
    paths = {"/a": {"get": operation(response=ref("A"))}, "/b": {"get": operation(response=ref("Other"))}}

    def api(leaf: Any) -> Any:
        schemas = {"A": {"properties": {"b": ref("B")}}, "B": {"properties": {"c": ref("C")}}, "C": leaf}
        return document(paths=paths, schemas={**schemas, "Other": {"type": "string"}})

    assert found(api({"type": "string"}), api({"type": "integer"})) == [("response-property-type-changed", "GET /a")]


def test_a_chain_of_schemas_naming_the_next_twice_gives_one_finding_soon() -> None:
    """Walking per path would give 2^20 findings."""

    def api(kind: str) -> Any:
        schemas = {f"S{i}": {"properties": {"a": ref(f"S{i + 1}"), "b": ref(f"S{i + 1}")}} for i in range(20)}
        return answering(ref("S0"), **schemas, S20={"properties": {"x": {"type": kind}}})

    started = time.process_time()
    findings = judge(compare(api("string"), api("integer")))
    assert [finding.id for finding in findings] == ["request-property-type-changed"]
    assert time.process_time() - started < 1


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_cycles_end(keyword: str) -> None:
    def api(kind: str) -> Any:
        node = {
            "properties": {"next": ref("Node"), "value": {"type": kind}},
            keyword: [ref("Node"), {"type": "object"}],
        }
        return answering(ref("Node"), Node=node)

    assert "request-property-type-changed" in {id_ for id_, _ in found(api("string"), api("integer"))}


def test_a_reference_that_only_names_itself_is_compared_as_text() -> None:
    assert found(answering(ref("A"), A=ref("B"), B=ref("A")), answering(ref("A"), A=ref("B"), B=ref("A"))) == []
    changed = found(answering(ref("A"), A=ref("B"), B=ref("A")), answering(ref("A"), A={"type": "string"}))
    assert {id_ for id_, _ in changed} >= {"cannot-be-shown-compatible"}


def test_path_templates_match_whatever_their_parameters_are_called() -> None:
    def api(name: str, kind: str) -> Any:
        parameter = {"name": name, "in": "path", "required": True, "schema": {"type": kind}}
        return document(paths={f"/orders/{{{name}}}": {"get": {**operation(), "parameters": [parameter]}}})

    assert found(api("id", "string"), api("order_id", "string")) == []
    assert found(api("id", "string"), api("order_id", "integer")) == [
        ("request-parameter-type-changed", "GET /orders/{id}")
    ]


def test_parameters_of_the_path_and_of_the_operation_are_the_same_to_a_consumer() -> None:
    parameter = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
    above = {"/orders": {"get": operation(), "parameters": [parameter]}}
    inside = {"/orders": {"get": operation(parameters=[parameter])}}
    assert found(document(paths=above), document(paths=inside)) == []


def test_annotations_are_no_change() -> None:
    schema = {"type": "string"}
    told = {**schema, "title": "a", "description": "b", "examples": ["c"], "x-note": 1, "$comment": "d"}
    new = answering(told)
    new["paths"]["/orders"]["post"] |= {"summary": "s", "description": "d", "tags": ["t"], "x-thing": {}}
    new["info"]["description"] = "changed"
    assert found(answering(schema), new) == []


@pytest.mark.parametrize(
    ("keyword", "one_value", "other"),
    [
        ("contentEncoding", "base64", "base32"),
        ("$dynamicRef", "#one", "#two"),
        ("a-keyword-of-tomorrow", 1, 2),
        ("xml", {"name": "a"}, {"name": "b"}),
    ],
)
def test_what_is_not_understood_is_never_compatible(keyword: str, one_value: Any, other: Any) -> None:
    for old, new in (
        ({keyword: one_value}, {keyword: other}),
        ({}, {keyword: other}),
        ({keyword: one_value}, {}),
    ):
        findings = judge(compare(answering(old), answering(new)))
        assert findings, (old, new)
        assert {finding.id for finding in findings} == {"cannot-be-shown-compatible"}
        assert {finding.severity for finding in findings} == {Severity.BREAKING}


def test_a_description_below_a_keyword_that_is_not_understood_is_no_change() -> None:
    old, new = ({"not": {"type": "string", "description": text}} for text in ("a", "b"))
    assert found(answering(old), answering(new)) == []


def test_callbacks_and_webhooks_are_judged() -> None:
    def api(kind: str, description: str = "") -> Any:
        item = {"post": {**operation(request={"type": kind}), "description": description}}
        paths = {"/orders": {"post": operation(callbacks={"paid": {"{$request.body#/url}": item}})}}
        return {**document(paths=paths), "webhooks": {"shipped": copy.deepcopy(item)}}

    assert found(api("string", "a"), api("string", "b")) == []
    assert found(api("string"), api("integer")) == [
        ("response-body-type-changed", "POST /orders"),
        ("response-body-type-changed", "POST webhook shipped"),
    ]


def test_read_only_properties_are_no_part_of_a_request() -> None:
    old, new = (
        {"type": "object", "properties": {"id": {"type": kind, "readOnly": True}}, "required": ["id"]}
        for kind in ("string", "integer")
    )
    assert [id_ for id_, _ in found(answering(old), answering(new))] == ["response-property-type-changed"]


def test_one_change_of_the_global_security_is_one_finding() -> None:
    paths = {f"/p{i}": {"get": operation()} for i in range(3)}
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    old = document(paths=paths, securitySchemes=schemes)
    finding = one(old, {**old, "security": [{"key": []}]})
    assert (finding.id, finding.severity, len(finding.reachable_from)) == ("api-security-added", "breaking", 3)


def test_a_schema_that_became_a_branch_of_a_union_widens() -> None:
    order, cart = ({"type": "object", "required": [name]} for name in ("a", "b"))
    old = answering(ref("Order"), Order=order, Cart=cart)
    new = answering({"oneOf": [ref("Order"), ref("Cart")]}, Order=order, Cart=cart)
    assert [id_ for id_, _ in found(old, new)] == ["response-body-one-of-added"]


def test_fingerprints_outlive_new_operations_and_other_words() -> None:
    def api(kind: str, *paths: str) -> Any:
        items = {path: {"get": operation(response=ref("A"))} for path in paths}
        return document(paths=items, schemas={"A": {"properties": {"x": {"type": kind}}}})

    few = one(api("string", "/b"), api("integer", "/b"))
    more = one(api("string", "/a", "/b"), api("integer", "/a", "/b"))
    other = one(api("string", "/b"), api("boolean", "/b"))
    assert few.fingerprint == more.fingerprint != other.fingerprint
    assert few.operation != more.operation


def test_breaking_findings_come_first() -> None:
    old = answering({"type": "string", "maxLength": 5})
    new = answering({"type": "string", "maxLength": 4})
    new["paths"]["/a-new-one"] = new["paths"]["/orders"]
    assert [f.severity for f in judge(compare(old, new))] == [Severity.BREAKING, Severity.INFO]


def test_an_edit_met_from_both_sides_is_one_finding_and_the_worst_side_decides() -> None:
    old, new = answering({"type": "string", "maxLength": 5}), answering({"type": "string", "maxLength": 4})
    (finding,) = judge(compare(old, new))
    assert (finding.id, finding.severity) == ("request-body-max-length-decreased", Severity.BREAKING)
    assert {use.way for use in finding.uses} == {"request", "response"}
    assert finding.reachable_from == ("POST /orders",)


def test_equal_snapshots_have_no_findings() -> None:
    snapshot = openapi.parse(json.dumps(answering({"type": "string"})).encode(), source="test")
    assert diff(snapshot, snapshot) == ()


needs_specs = pytest.mark.skipif(
    not SPECS.is_dir(), reason="the collection of real documents is not beside the project"
)


@needs_specs
@pytest.mark.parametrize("name", ["own-nullable", "own-exclusive"])
def test_real_pairs_of_two_dialects_do_not_differ(name: str) -> None:
    old, new = (openapi.load(str(SPECS / "awkward" / f"{name}-{version}.yaml")) for version in ("30", "31"))
    assert diff(old, new) == diff(new, old) == ()


@needs_specs
def test_a_megabyte_is_read_named_and_compared_soon() -> None:
    started = time.process_time()
    findings = diff(*(openapi.load(str(SPECS / "discord" / f"{side}.json")) for side in ("old", "new")))
    assert len(findings) > 100
    assert time.process_time() - started < 3  # 0.3 s on a quiet machine; `bench` measures it


@needs_specs
def test_every_awkward_document_is_equal_to_itself_and_comparable_to_nothing() -> None:
    for path in sorted((SPECS / "awkward").glob("own-*")):
        snapshot = openapi.load(str(path))
        assert judge(compare(snapshot.document, snapshot.document)) == ()
        judge(compare(document(), snapshot.document))
        judge(compare(snapshot.document, document()))


def called(schema: Any, way: str, *, answer: Any = None) -> dict[str, Any]:
    """An API that calls its consumer with a body, and reads what the consumer answers."""
    content = {"content": {"application/json": {"schema": schema}}}
    answered = {"content": {"application/json": {"schema": answer}}} if answer else {}
    item = {"post": {"requestBody": content, "responses": {"200": {"description": "done", **answered}}}}
    base = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}}
    if way == "webhook":
        return {**base, "paths": {}, "webhooks": {"paid": item}}
    own = {"responses": {"200": {"description": "done"}}, "callbacks": {"paid": {"{$request.body#/url}": item}}}
    return {**base, "paths": {"/orders": {"post": own}}}


@pytest.mark.parametrize("way", ["webhook", "callback"])
def test_where_the_consumer_answers_the_directions_are_exchanged(way: str) -> None:
    small, large = {"type": "string", "maxLength": 4}, {"type": "string", "maxLength": 5}
    for old, new, severity in ((small, large, Severity.BREAKING), (large, small, Severity.INFO)):
        (finding,) = judge(compare(called(old, way), called(new, way)))
        assert (finding.severity, {use.way for use in finding.uses}) == (severity, {way})
        (finding,) = judge(compare(called({}, way, answer=new), called({}, way, answer=old)))
        assert finding.severity is severity


def in_32(path_item: Any, **fields: Any) -> dict[str, Any]:
    return {**document(version="3.2.0", paths={"/orders": path_item}), **fields}


def test_operations_of_32_come_and_go() -> None:
    get = {"get": operation()}
    assert found(in_32(get), in_32({**get, "query": operation()})) == [("endpoint-added", "QUERY /orders")]
    more = {**get, "additionalOperations": {"COPY": operation()}}
    assert found(in_32(more), in_32(get)) == [("api-removed-without-deprecation", "COPY /orders")]


@pytest.mark.parametrize(
    ("old", "new", "ids"),
    [
        ({"tags": [{"name": "a"}]}, {"tags": [{"name": "a", "parent": "b", "kind": "nav"}, {"name": "b"}]}, []),
        ({}, {"$self": "https://example.org/api.yaml"}, []),
        ({"servers": [{"url": "/"}]}, {"servers": [{"url": "/", "name": "main"}]}, ["api-servers-changed"]),
    ],
)
def test_what_32_says_about_the_document_changes_no_call(old: Any, new: Any, ids: list[str]) -> None:
    item = {"get": operation()}
    assert [id_ for id_, _ in found(in_32(item, **old), in_32(item, **new))] == ids


def test_items_of_a_stream_are_judged_as_items_are() -> None:
    def api(schema: Any, *, shared: bool = False) -> Any:
        media = {"itemSchema": schema}
        content = {"application/jsonl": {"$ref": "#/components/mediaTypes/Lines"} if shared else media}
        item = {"get": {"responses": {"200": {"description": "d", "content": content}}}}
        return {**in_32(item), "components": {"mediaTypes": {"Lines": media}, "schemas": {"A": {"type": "string"}}}}

    for shared in (False, True):
        assert found(api({"type": "string"}, shared=shared), api({"type": "integer"}, shared=shared)) == [
            ("response-property-type-changed", "GET /orders")
        ]
        old, new = api(ref("A"), shared=shared), api(ref("A"), shared=shared)
        new["components"]["schemas"]["A"] = {"type": "integer"}
        assert found(old, new) == [("response-property-type-changed", "GET /orders")]


@pytest.mark.parametrize(
    ("old", "new", "ids"),
    [
        ({"style": "form"}, {}, []),
        ({}, {"explode": True, "allowReserved": False}, []),
        ({"contentType": "image/png, image/jpeg"}, {"contentType": "image/jpeg,image/png"}, []),
        ({"contentType": "image/png"}, {"contentType": "image/*"}, ["cannot-be-shown-compatible"]),
        ({}, {"contentType": "image/png"}, ["cannot-be-shown-compatible"]),
        ({"style": "form"}, {"style": "spaceDelimited"}, ["cannot-be-shown-compatible"]),
        ({}, {"headers": {"X-A": {"schema": {}}}}, ["cannot-be-shown-compatible"]),
    ],
)
def test_encodings_are_compared_with_their_defaults(old: Any, new: Any, ids: list[str]) -> None:
    def api(part: Any) -> Any:
        body = {"content": {"multipart/form-data": {"encoding": {"photo": part}}}}
        return document(paths={"/photos": {"post": {**operation(), "requestBody": body}}})

    assert [id_ for id_, _ in found(api(old), api(new))] == ids
