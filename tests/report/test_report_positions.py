"""One pass finds what the strict reader finds by looking for one place at a time."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from olorin_pipelines import yaml12
from olorin_pipelines.openapi import join
from olorin_pipelines.report.positions import positions

words = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc"], exclude_characters="\xa0"),
    max_size=6,
)
keys = st.one_of(st.sampled_from(["a", "b/c", "d~e", "200", 'q"', "\\", "[x]", "{y}", "é", "#", "- z"]), words)
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | words | st.sampled_from(["}", "]", '"', "{[", ": ", "# no", "\\"]),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(keys, below, max_size=4),
    max_leaves=25,
)


def paths(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(found for step, child in below for found in paths(child, (*path, step)))]


def check(text: str, document: Any) -> None:
    wanted = {join("", *path): path for path in paths(document)}
    found = positions(text.encode(), wanted)
    for pointer, path in wanted.items():
        assert found[pointer] == yaml12.locate(text, path, source="s"), (pointer, text)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(keys, documents, min_size=1, max_size=4), st.sampled_from([None, 0, 2, 4]), st.booleans())
def test_json(document, indent, ascii_only):
    check(json.dumps(document, indent=indent, ensure_ascii=ascii_only), document)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(keys, documents, min_size=1, max_size=4), st.lists(st.integers(0, 3), min_size=1, max_size=9))
def test_json_whose_indentation_says_nothing(document, depths):
    """A bracket in line with the first one does not end a value for that."""
    turn = itertools.cycle(depths)
    text = re.sub(r"\n *", lambda _: "\n" + " " * next(turn), json.dumps(document, indent=1))
    check(text, document)


def test_brackets_in_texts_do_not_end_a_value():
    document = {"a": {"b": {"c": "}" * 600, "d": ["["] * 90}, "e": {"f": 1}}, "g": {"h": 2}}
    check(json.dumps(document, indent=2), document)
    check(json.dumps(document, indent=2).replace("\n", "\r\n"), document)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(keys, documents, min_size=1, max_size=4), st.sampled_from([None, True, False]))
def test_yaml(document, flow):
    check(yaml.safe_dump(document, default_flow_style=flow, allow_unicode=True), document)


@pytest.mark.parametrize(
    "text", ['{"a": \'}\', "b": 1}', '{"a": [ # }]\n], "b": 1}', '{"a": x y, "b": 1}', '{"\\x41": 1, "b": 2}']
)
def test_yaml_that_begins_like_json(text):
    check(text, yaml.safe_load(text))
