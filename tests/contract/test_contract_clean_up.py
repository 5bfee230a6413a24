"""What a run creates is deleted at its end; what cannot be is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines.contract import LeftBehind, Suite, SuiteResult, Trial, run
from olorin_pipelines.contract.clean_up import CleanedUp, clean_up
from olorin_pipelines.contract.created import Created, Resource
from olorin_pipelines.contract.judge import Exchange
from olorin_pipelines.contract.judge.operations import operations
from olorin_pipelines.contract.lanes import Lanes
from olorin_pipelines.contract.wire import Wire


@pytest.fixture
def test_it(service: Any, document: dict[str, Any], headers: dict[str, str], tmp_path: Path, tables: Path) -> Any:
    def _run(*faults: str, **options: Any) -> SuiteResult:
        service.reset(*faults)
        data = json.dumps(document).encode()
        suite = Suite(phases=("coverage",), mode="positive")
        trial = Trial(
            document=data, url=service.url, workdir=tmp_path, suite=suite, headers=headers, cache=tables, **options
        )
        return run(trial)

    return _run


def test_a_run_leaves_nothing_behind(test_it: Callable[..., SuiteResult], service: Any) -> None:
    told: list[Any] = []
    ticks = iter(range(1_000_000))
    result = test_it(progress=told.append, monotonic=lambda: float(next(ticks)) / 10)
    assert service.items == {1: "first"} or service.items == {}, "the first one is the suite's to delete"
    assert result.removed > 0
    assert result.left_behind == ()
    assert told[0].operations == 4
    assert told[-1].cases <= result.cases
    assert [each.seconds for each in told] == sorted(each.seconds for each in told)


def test_what_cannot_be_deleted_is_listed(
    test_it: Callable[..., SuiteResult], service: Any, document: dict[str, Any]
) -> None:
    del document["paths"]["/items/{item_id}"]["delete"]
    del document["paths"]["/items"]["post"]["responses"]["201"]["links"]["remove"]
    result = test_it()
    (left,) = result.left_behind
    assert (left.operation, left.why) == ("POST /items", "the document has no DELETE for what it creates")
    assert left.count == len(service.items.keys() - {1})
    assert result.removed == 0


def created(document: dict[str, Any], *exchanges: dict[str, Any]) -> Created:
    made = Created(operations(document))
    for each in exchanges:
        method = each["operation"].partition(" ")[0]
        made.take(Exchange(method=method, **{"path": "/items", "status": 201, **each}))
    return made


@pytest.mark.parametrize(
    ("answer", "location", "path"),
    [
        ({"id": 7}, "", "/items/7"),
        ({"itemId": "a b"}, "", "/items/a%20b"),
        ({"data": {"uuid": "u"}}, "", "/items/u"),
        ({}, "https://h/base/items/9", "/items/9"),
        ({"id": 7}, "/items/8", "/items/8"),
        ({"links": {"self": "/base/items/9"}}, "", "/items/9"),
        ({"_links": {"self": {"href": "https://h/items/9"}}}, "", "/items/9"),
        ({"url": "https://h/items/9", "id": 7}, "", "/items/9"),
    ],
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_where_a_resource_is_follows_from_the_answer(
    document: dict[str, Any], answer: Any, location: str, path: str, status: int
) -> None:
    said = {"location": location} if location else {}
    body = json.dumps(answer).encode()
    made = created(document, {"operation": "POST /items", "answer": body, "answer_headers": said, "status": status})
    assert [each.path for each in made.deletable()] == [path]


@pytest.mark.parametrize(
    "exchange",
    [
        {"operation": "POST /items", "answer": b"{}"},
        {"operation": "POST /items", "answer": b'[{"id": 7}]'},
        {"operation": "POST /items", "answer": b'{"id": 7777}', "body": b'{"after": 7777}'},
        {"operation": "POST /items/{item_id}", "path": "/items/7", "answer": b'{"id": 7}'},
        {"operation": "PUT /items/{item_id}", "path": "/items/7", "answer": b'{"id": 7}'},
        {"operation": "GET /items", "answer": b'{"id": 7}'},
    ],
)
def test_an_answer_that_does_not_say_created_and_is_of_what_was_there_is_none_of_ours(
    document: dict[str, Any], exchange: dict[str, Any]
) -> None:
    item = document["paths"]["/items/{item_id}"]
    document["paths"]["/items/{item_id}"] = {**item, "post": item["get"], "put": item["get"]}
    made = created(document, {**exchange, "status": 200})
    assert (made.deletable(), made.lost()) == ([], {})


def test_what_was_deleted_already_is_not_deleted_again(document: dict[str, Any]) -> None:
    made = created(
        document,
        {"operation": "POST /items", "answer": b'{"id": 1}'},
        {"operation": "POST /items", "answer": b'{"id": 2}'},
        {"operation": "DELETE /items/{item_id}", "path": "/items/1", "status": 204},
        {"operation": "POST /items", "answer": b'{"title": "no name"}'},
    )
    assert [each.path for each in made.deletable()] == ["/items/2"]
    assert made.lost() == {("POST /items", "its answer does not say where the resource is"): 1}


def cleaned_up(made: Created, url: str, headers: dict[str, str], *, seconds: float = 5.0) -> CleanedUp:
    with closing(Lanes(Wire(url, timeout=5), Wire(url, timeout=5))) as lanes:
        return clean_up(made, lanes, headers, seconds=seconds)


def test_a_refused_delete_is_listed_with_its_status(service: Any, document: dict[str, Any]) -> None:
    made = created(document, {"operation": "POST /items", "answer": b'{"id": 1}'})
    removed, left = cleaned_up(made, service.url, {})
    why = "its DELETE was answered 401"
    assert (removed, left) == (0, (LeftBehind(operation="POST /items", count=1, examples=("/items/1",), why=why),))
    removed, left = cleaned_up(made, "http://127.0.0.1:9", {})
    assert (removed, left[0].why) == (0, "its DELETE was not answered")
    assert cleaned_up(made, service.url, {}, seconds=0).left_behind[0].why == "the time was up"


def test_what_stands_below_another_is_deleted_before_it(
    service: Any, document: dict[str, Any], headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two are deleted at once, but not these two."""
    paths = ["/items/1", "/items/1/parts/2", "/items/3", "/items/4"]
    made = created(document)
    monkeypatch.setattr(made, "deletable", lambda: [Resource("POST /items", path) for path in reversed(paths)])
    beside: list[tuple[str, ...]] = []

    class Watched(Lanes):
        def send(self, *said: Any, **more: Any) -> Any:
            beside.append((said[1], *(each.target for each in self._under_way)))
            return super().send(*said, **more)

    with closing(Watched(Wire(service.url, timeout=5), Wire(service.url, timeout=5))) as lanes:
        clean_up(made, lanes, headers, seconds=5)
    base = "/base/items/"
    assert beside[1] == (f"{base}3", f"{base}4"), "beside the one before"
    assert beside[3] == (f"{base}1",), "after all that stands below it"


def test_a_service_that_answers_no_delete_is_not_asked_for_ever(document: dict[str, Any]) -> None:
    made = created(document, *({"operation": "POST /items", "answer": b'{"id": %d}' % n} for n in range(9)))
    done = cleaned_up(made, "http://127.0.0.1:9", {})
    assert [(each.count, each.why) for each in done.left_behind] == [(9, "its DELETE was not answered")]
