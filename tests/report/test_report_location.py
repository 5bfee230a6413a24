"""Lines and columns are those of the text, whatever its dialect, size and syntax."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
import yaml
from test_report_formats import documents

from olorin_pipelines import openapi, report
from olorin_pipelines.diff import diff
from olorin_pipelines.report.location import file_of
from olorin_pipelines.report.positions import positions

DOCUMENT = {
    "openapi": "3.1.0",
    "a/b": {"c~d": [{"x": 1}, {"é": '} ] \\" {'}, [1, 2]], 'q"uote': None},
    "deep": {"list": [[{"end": True}]]},
}
POINTERS = [
    "/openapi",
    "/a~1b",
    "/a~1b/c~0d/0",
    "/a~1b/c~0d/1/é",
    "/a~1b/c~0d/2/1",
    "/deep/list/0/0/end",
    '/a~1b/q"uote',
]


def texts():
    yield "indented", json.dumps(DOCUMENT, indent=2, ensure_ascii=False)
    yield "one line", json.dumps(DOCUMENT)
    yield "spaced", json.dumps(DOCUMENT, indent=1, separators=(" ,\n", " : "))
    yield "block", yaml.safe_dump(DOCUMENT, allow_unicode=True)
    yield "flow", yaml.safe_dump(DOCUMENT, default_flow_style=True, allow_unicode=True)


@pytest.mark.parametrize(("text"), [text for _, text in texts()], ids=[name for name, _ in texts()])
def test_a_position_is_where_the_key_or_the_value_begins(text):
    found = positions(text.encode(), POINTERS)
    lines = text.splitlines()
    for pointer in POINTERS:
        line, column = found[pointer]
        step = pointer.rsplit("/", 1)[1].replace("~1", "/").replace("~0", "~")
        rest = lines[line - 1][column - 1 :]
        if step.isdigit():
            begins = {"/a~1b/c~0d/0": ("{", "x"), "/a~1b/c~0d/2/1": ("2",)}[pointer]
            assert rest.startswith(begins), (pointer, rest)
        else:
            assert rest.lstrip("'\"? ").startswith((step, json.dumps(step)[1:-1], r"\xE9")), (pointer, rest)


def test_what_is_not_there_is_placed_at_the_nearest_parent():
    raw = b'{"a": 1,\n "paths": {\n  "/x": {}}}'
    assert positions(raw, ["/paths/~1x/get/responses", "/none", ""]) == {
        "/paths/~1x/get/responses": (3, 3),
        "/none": (1, 1),
        "": (1, 1),
    }


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[", b'{"a": [', b"a: [\n", b'{"a" 1}', b"\xff\xfe", b"&a [*a]", b'{"a": "']
)
def test_a_text_that_is_broken_gives_what_can_be_found(raw):
    for place in positions(raw, ["/a/0/b", "/b"]).values():
        assert place >= (1, 1)


def test_a_key_under_an_alias_is_placed_at_the_alias():
    raw = b"base: &b\n  x: 1\nuse: *b\nmore:\n  ? [complex, key]\n  : 1\n  y: 2\n"
    assert positions(raw, ["/use/x", "/more/y"]) == {"/use/x": (3, 1), "/more/y": (7, 3)}


def test_megabytes_are_read_once_for_all_pointers():
    many = {"paths": {f"/p{i}": {"get": {"description": "{" * 50, "tags": ["a"] * 20}} for i in range(20_000)}}
    raw = json.dumps(many, indent=1).encode()
    assert len(raw) > 4_000_000
    wanted = [f"/paths/~1p{i}/get/tags/3" for i in range(0, 20_000, 20)]
    begin = time.process_time()
    found = positions(raw, wanted)
    assert time.process_time() - begin < 5
    assert len(found) == 1_000
    assert found[wanted[1]][0] > found[wanted[0]][0]


def test_a_finding_has_its_place_on_both_sides_and_what_was_removed_a_place_to_look_at():
    old, new = documents()
    found = diff(old, new)
    locate = report.locator(old, new, found)
    removed = next(finding for finding in found if finding.new_pointer is None)
    places = locate(removed)
    assert places.new is None
    assert places.old is not None
    assert old.raw.decode().splitlines()[places.old.line - 1].strip() == '"b": {'
    assert new.raw.decode().splitlines()[places.shown.line - 1].strip() == '"properties": {'


def test_a_swagger_document_is_placed_as_it_was_written():
    def swagger(kind):
        schema = {"type": "object", "properties": {"n": {"type": kind}}}
        body = {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Order"}}
        paths = {"/a": {"post": {"parameters": [body], "responses": {"200": {"description": "d"}}}}}
        document = {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": paths}
        return openapi.parse(json.dumps({**document, "definitions": {"Order": schema}}, indent=1).encode(), source="s")

    old, new = swagger("string"), swagger("integer")
    found = diff(old, new)
    line = report.locator(old, new, found)(found[0]).shown.line
    assert (
        '"n"' in new.raw.decode().splitlines()[line - 1]
        or '"type": "integer"' in new.raw.decode().splitlines()[line - 1]
    )


def test_another_file_is_read_beside_the_document():
    old, new = documents()
    (finding, *_) = diff(old, new)
    elsewhere = replace(finding, new_pointer="/x-olorin-files/sub~1orders.yaml/Order/type")
    whole = replace(new, files={"sub/orders.yaml": b"Order:\n  type: integer\n"})
    place = report.locator(old, whole, [elsewhere])(elsewhere).shown
    assert (place.file, place.line, place.column) == ("sub/orders.yaml", 2, 3)
    unread = report.locator(old, new, [elsewhere])(elsewhere).shown
    assert (unread.file, unread.line) == ("sub/orders.yaml", None)


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("api.yaml", "api.yaml"),
        ("/x/api.json", "/x/api.json"),
        ("main:openapi.yaml", "openapi.yaml"),
        ("HEAD~1:docs/api.json", "docs/api.json"),
        ("https://x.example/openapi.json", None),
        ("standard input", None),
        ("shop.main:app", None),
    ],
)
def test_only_some_sources_are_files(source, file):
    assert file_of(source) == file
