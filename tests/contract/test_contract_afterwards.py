"""What is asked after a suite does not depend on what the suite happened to ask."""

from __future__ import annotations

from olorin_pipelines.contract.afterwards import plan
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
