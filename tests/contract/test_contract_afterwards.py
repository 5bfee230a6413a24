"""What is asked after a suite does not depend on what the suite happened to ask."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs

import pytest

from olorin_pipelines.contract.afterwards import plan
from olorin_pipelines.contract.afterwards.spread import AWKWARD, SAMPLED, spread, values_between
from olorin_pipelines.contract.judge import Exchange, Judge
from tests.contract.conftest import DOCUMENT

ITEM = "/items/{item_id}"


def planned(*there: str) -> list[tuple[str, str]]:
    judge = Judge(DOCUMENT)
    seeds = {
        f"{method} {ITEM}": Exchange(operation=f"{method} {ITEM}", method=method, path=path, status=200, valid=True)
        for method, path in (("GET", "/items/1"), ("DELETE", "/items/2"))
    }
    asks = plan(judge.operations, seeds, judge.requests, good={}, expired={}, invalid=False, there=there)
    return [(ask.seed.method, ask.path) for ask in asks if ask.phase == "deleted"]


def test_what_was_made_is_deleted_and_then_read() -> None:
    assert planned("/items/7", "/items/8") == [("DELETE", "/items/7"), ("GET", "/items/7")]


def test_what_other_requests_are_about_is_left_alone() -> None:
    assert planned("/items/1", "/items/8") == [("DELETE", "/items/8"), ("GET", "/items/8")]
    assert planned("/items/1", "/other/8") == []


@pytest.mark.parametrize(
    ("low", "high", "among"),
    [
        (1, 1000, {42, 128, 500, 900}),
        (0, 100_000, {1_000, 50_000, 90_000}),
        (-1000, 1000, {0, 7, 500}),
        (5_000, 9_001, {7_000}),
    ],
)
def test_of_a_large_range_the_numbers_that_people_choose_are_tried(low: int, high: int, among: set[int]) -> None:
    tried = values_between(low, high)
    assert among <= set(tried)
    assert 30 < len(tried) <= SAMPLED
    assert tried == sorted({number for number in tried if low < number < high})
    steps = [later - earlier for earlier, later in pairwise(tried)]
    assert max(steps) < (high - low) / 10, "and the rest evenly"


def test_a_small_range_is_tried_out() -> None:
    assert values_between(1, 100) == list(range(2, 100))


@pytest.mark.parametrize(
    ("limits", "awkward"),
    [
        ({}, AWKWARD[:1]),
        ({"maxLength": 5}, AWKWARD[1:2]),
        ({"maxLength": 2}, AWKWARD[2:]),
        ({"minLength": 500}, ()),
        ({"pattern": "^a"}, ()),
        ({"format": "uuid"}, ()),
        ({"enum": ["a"]}, ()),
    ],
)
def test_of_a_free_text_one_that_means_something_elsewhere_is_tried(limits: Any, awkward: Any) -> None:
    parameter = {"name": "q", "in": "query", "schema": {"type": "string", **limits}}
    operation = {"parameters": [parameter], "responses": {"200": {"description": "OK"}}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/s": {"get": operation}}}
    judge = Judge(document)
    seed = Exchange(operation="GET /s", method="GET", path="/s", query="q=b", status=200, valid=True)
    tried = [parse_qs(query)["q"][0] for _, query, _ in spread(judge.operations["GET /s"], seed, judge.requests)]
    assert [text for text in tried if set(text) != {"a"}] == list(awkward)
