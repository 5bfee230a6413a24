"""The same reading requests to candidate and production: what changed is named, what is noise or data is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from olorin_pipelines.contract import TwinResult, behaviour, twin, twin_rows
from olorin_pipelines.contract.corpus import Corpus, Entry, Link
from olorin_pipelines.contract.guard import Limits
from olorin_pipelines.contract.twin.choose import choose
from olorin_pipelines.contract.twin.compare import COUNTS, Difference, Pair, compare, holds_other_data
from olorin_pipelines.contract.wire import Answer
from olorin_pipelines.gate import Outcome
from tests.contract.seeded.running import served
from tests.contract.seeded.twins import CHANGES, create_app

QUICK = ("value",)


def entry(operation: str, path: str = "", query: str = "", **said: Any) -> Entry:
    method, _, template = operation.partition(" ")
    return Entry(operation=operation, method=method, path=path or template, query=query, good=True, **said)


CORPUS = Corpus(
    key="",
    digest="",
    options={},
    created=0.0,
    entries=(
        *(entry("GET /quotes", query=f"quantity={number}") for number in (1, 2, 3)),
        entry("GET /products"),
        entry("GET /products/{sku}", path="/products/ABC-1"),
        entry("GET /health"),
        entry("GET /orders"),
        entry("GET /store"),
        entry("GET /motd"),
    ),
)


@contextmanager
def unguarded(url: str, _limits: Limits) -> Iterator[Any]:
    """In place of the guard, which has tests of its own and takes a while to start."""
    yield SimpleNamespace(url=url)


@pytest.fixture
def twins() -> Callable[..., TwinResult]:
    def _compare(change: str = "", *, guarding: Any = unguarded, **candidate: Any) -> TwinResult:
        new = create_app(change, version="2", **candidate)
        with served(create_app(orders=2)) as production, served(new) as url:
            return twin(
                CORPUS,
                new.openapi(),
                candidate=url,
                production=production,
                headers={"Authorization": "Bearer s3cr3t"},
                versions=("1", "2"),
                guarding=guarding,
            )

    return _compare


def test_a_clean_twin_has_no_difference_whatever_moves_in_it(twins: Any) -> None:
    result = twins(orders=2)
    assert twin_rows(result) == []
    check = behaviour(result, advisory=True)
    assert (check.outcome, check.advisory) == (Outcome.PASS, True)
    assert set(result.compared) == {each.operation for each in CORPUS.entries}
    assert result.to_production == 2 * len(CORPUS.entries)
    assert result.skipped == {}


def test_other_data_is_no_difference_and_is_said(twins: Any) -> None:
    result = twins(orders=5)
    assert twin_rows(result) == []
    assert result.skipped == {"GET /orders": "the data is different: values were not compared", "GET /store": COUNTS}


@pytest.mark.parametrize(
    "change", [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in CHANGES]
)
def test_a_change_that_no_schema_sees_is_named(twins: Any, change: str) -> None:
    result = twins(change, orders=2)
    found = {(row["operation"], row["what"], row["at"]) for row in twin_rows(result)}
    assert found == {CHANGES[change]}
    check = behaviour(result, advisory=False)
    assert check.outcome is Outcome.FAIL
    assert CHANGES[change][0] in check.summary
    assert "EUR" not in json.dumps(twin_rows(result)), "values of production are in no table"


@pytest.mark.slow
def test_production_is_asked_through_the_real_guard(twins: Any) -> None:
    from olorin_pipelines.contract.guard import guarded

    result = twins("value", orders=2, guarding=guarded)
    assert [(row["operation"], row["at"], row["times"]) for row in twin_rows(result)] == [("GET /quotes", "/price", 3)]
    assert result.skipped == {}


def test_production_that_is_not_there_is_no_data() -> None:
    with served(create_app()) as url:
        result = twin(
            CORPUS, {}, candidate=url, production="http://127.0.0.1:1", headers={}, guarding=unguarded, timeout=1
        )
    check = behaviour(result, advisory=True)
    assert check.outcome is Outcome.NO_DATA
    assert check.summary.startswith("production cannot be asked: ")


def test_nothing_to_compare_is_no_data() -> None:
    empty = Corpus(key="", digest="", options={}, created=0.0, entries=(entry("POST /x"),))
    result = twin(empty, {}, candidate="http://127.0.0.1:1", production="http://127.0.0.1:1", headers={})
    assert behaviour(result, advisory=True).outcome is Outcome.NO_DATA


def test_only_reading_requests_with_good_credentials_go_to_production() -> None:
    wanted = entry("GET /a")
    left = (
        entry("POST /a"),
        Entry(operation="GET /a", method="TRACE", path="/a", good=True),
        Entry(operation="GET /a", method="GET", path="/a/refused"),
        entry("GET /a", query="x=1", valid=False),
        entry("GET /a", query="x=2", without=("authorization",)),
        entry("GET /a", query="x=3", bad_token=True),
        entry("GET /a/{id}", path="/a/7", links=(Link("path", "2", 0, "/id"),)),
        entry("GET /a", body=b"{}"),
    )
    assert choose([*left, wanted, wanted]) == [wanted]
    many = [entry(f"GET /{key}", query=f"n={number}") for key in "abc" for number in range(9)]
    assert [each.operation for each in choose(many, each=2, most=5)] == [
        "GET /a",
        "GET /b",
        "GET /c",
        "GET /a",
        "GET /b",
    ]


ANOTHER = "another text of 6"


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    said = {"content-type": "application/json"} | headers
    return Answer(status=status, headers=said, body=orjson.dumps(body))


@pytest.mark.parametrize(
    ("first", "second", "candidate", "wanted"),
    [
        ({"a": 1}, {"a": 2}, {"a": 3}, []),
        ({"a": 2}, {"a": 2}, {"a": 3}, [Difference("value", "/a", "a number", "1.5 times it")]),
        ({"a": True}, {"a": True}, {"a": False}, [Difference("value", "/a", "true", "false")]),
        ({"a": "x"}, {"a": "x"}, {"a": "yy"}, [Difference("value", "/a", "a text of 1", "a text of 2")]),
        ({"id": 1, "a": 1}, {"id": 1, "a": 1}, {"id": 2, "a": 2}, []),
        ([{"a": 1}], [{"a": 1}], [], []),
        ({"a": 1, "b": 1}, {"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1}, {"a": 1, "b": 1}, [Difference("field", "/b", "missing", "number")]),
        ({"a": None}, {"a": None}, {"a": "x"}, [Difference("field", "/a", "null", "text")]),
        ({"at": "2026-01-01T00:00:00Z"}, {"at": "2026-01-01T00:00:00Z"}, {"at": "2026-02-01T00:00:00Z"}, []),
        ({"at": 1_795_560_734}, {"at": 1_795_560_734}, {"at": 1_795_560_999.5}, []),
        ({"v": "1.0"}, {"v": "1.0"}, {"v": "2.0"}, []),
        ({"a": "3 rows"}, {"a": "3 rows"}, {"a": "4 rows"}, [Difference("value", "/a", "a text of 6", ANOTHER)]),
        (["a", "b"], ["b", "a"], ["b", "a"], []),
        (["a", "b"], ["a", "b"], ["b", "a"], [Difference("order", "/", "one order", "another one")]),
    ],
)
def test_what_differs_is_told_from_what_moves(first: Any, second: Any, candidate: Any, wanted: Any) -> None:
    pair = Pair(answer(first), answer(second), answer(candidate), versions=("1.0", "2.0"))
    assert compare(pair)[0] == wanted


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ("3 rows, 1 open", "14 rows, 0 open", True),
        (3, 14, True),
        ("3 rows", "3 rows are open", False),
        ("EUR 3.50", "EUR 4.50", False),
        ("10.0.0.3 answers", "10.0.0.4 answers", False),
        ("12", "13", False),
        (1.5, 2.5, False),
        (True, False, False),
        (-1, 1, False),
    ],
)
def test_a_count_is_state_only_of_sides_that_hold_different_data(before: Any, after: Any, state: bool) -> None:
    """Alone it may be behaviour: that both hold different data has to have shown elsewhere."""
    same, other = answer({"a": before}), answer({"a": after})
    found, why = compare(Pair(same, same, other))
    assert ([each.what for each in found], why) == (["value"], "")
    found, why = compare(Pair(same, same, other, apart=True))
    assert [each.what for each in found] == ([] if state else ["value"])
    assert why == (COUNTS if state else "")


@pytest.mark.parametrize(
    ("first", "candidate", "apart"),
    [
        (answer([1, 2]), answer([1]), True),
        (answer([{"id": 1}]), answer([{"id": 2}]), True),
        (answer({}, status=404), answer({"a": 1}), True),
        (answer({"a": 1}), answer({}, status=404), False),
        (answer({"a": 1}), answer({"a": 2}), False),
        (answer({}, status=429), answer([1]), False),
        (Answer(fault="gone"), answer([1]), False),
    ],
)
def test_what_shows_that_both_sides_hold_different_data(first: Answer, candidate: Answer, apart: bool) -> None:
    assert holds_other_data(Pair(first, first, candidate, named=True)) is apart


def test_a_thing_that_the_candidate_alone_lacks_is_a_difference_unless_the_data_differs() -> None:
    there, gone = answer({"a": 1}), answer({}, status=404)
    assert compare(Pair(there, there, gone, named=True))[0] == [Difference("status", "", "200", "404")]
    assert compare(Pair(there, there, gone, named=True, apart=True)) == ([], "the candidate has no such data")


@pytest.mark.parametrize("limited", [answer({}, status=429), answer({}, status=503, **{"retry-after": "1"})])
def test_a_service_that_refuses_for_now_is_not_compared(limited: Answer) -> None:
    good = answer({"a": 1})
    for pair in (Pair(good, good, limited), Pair(limited, limited, good)):
        assert compare(pair) == ([], "rate limited by the service")


def test_a_new_field_is_expected_where_the_document_grew() -> None:
    same = answer({"a": 1})
    assert compare(Pair(same, same, answer({"a": 1, "b": 1}), grown=True)) == ([], "")


@pytest.mark.parametrize(("first", "second", "why"), [(200, 503, "different statuses"), (None, 200, "did not answer")])
def test_a_production_that_wavers_is_not_compared(first: int | None, second: int, why: str) -> None:
    found, said = compare(Pair(Answer(status=first), Answer(status=second), answer({})))
    assert found == []
    assert why in said
