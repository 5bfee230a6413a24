"""YAML is read by the core schema of 1.2, strictly."""

from __future__ import annotations

from typing import Any

import pytest

from olorin_pipelines import yaml12
from olorin_pipelines.errors import DocumentError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("2024-01-01", "2024-01-01"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("-3", -3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("~", None),
        ("", None),
        ("'200'", "200"),
        ("=", "="),
    ],
)
def test_scalars(text: str, value: Any) -> None:
    found = yaml12.load(f"a: {text}", source="t")["a"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_texts() -> None:
    assert yaml12.load("200: a\non: b\nnull: c", source="t") == {"200": "a", "on": "b", "null": "c"}


def test_merge_keys_and_aliases() -> None:
    assert yaml12.load("a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: *a", source="t")["b"] == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("a: 1\nb: 2\na: 3", "given twice, first on line 1", 3),
        ("a: [1", "expected", 1),
        ("? [1]\n: 2", "a key must be a plain value", 1),
        ("a: !!python/object:os.system x", "could not determine a constructor", 1),
        ("a: &a [*a]", "contains itself", 1),
        ("a: " + "[" * 500 + "]" * 500, "nested", 1),
        ("a: b: c", "mapping values are not allowed", 1),
    ],
)
def test_faults_are_placed(text: str, says: str, line: int) -> None:
    with pytest.raises(DocumentError, match=says) as caught:
        yaml12.load(text, source="t.yaml")
    assert caught.value.line in (line, line + 1)
    assert caught.value.message.startswith("t.yaml:")


def test_nothing_is_none() -> None:
    assert yaml12.load("# only a comment", source="t") is None


def test_a_place_is_found_or_its_nearest_parent() -> None:
    text = "a:\n  b:\n    - c\n    - d: 1\n"
    assert yaml12.locate(text, ("a", "b", 1, "d"), source="t") == (4, 7)
    assert yaml12.locate(text, ("a", "nothing"), source="t") == (1, 1)
    assert yaml12.locate("a: [", ("a",), source="t") is None
