"""Does a list keep to the page that was asked for? Only where the document and the answer leave no doubt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from olorin_pipelines.contract.judge.exchange import Exchange, Violation
from olorin_pipelines.contract.judge.inputs import query_values
from olorin_pipelines.contract.judge.operations import Operation

__all__ = ["OFFSETS", "Pagination", "limit_of", "named"]

LIMITS = ("limit", "page_size", "pagesize", "per_page", "perpage", "max_results", "maxresults", "page[size]", "top")
LIMITS_BESIDE_AN_OFFSET = ("size", "count", "first", "take")
"""Names that say how many only where another parameter says from where on."""
OFFSETS = ("offset", "skip", "page", "page_number", "pagenumber", "page[number]", "page[offset]")
_ITEMS = ("items", "data", "results", "records")
_TOTALS = ("total", "total_count", "totalcount", "count", "total_items", "totalitems", "x-total-count")


def limit_of(operation: Operation) -> str | None:
    """Return the name of the parameter that says how many items are wanted."""
    sure = named(operation, LIMITS)
    return sure or (named(operation, LIMITS_BESIDE_AN_OFFSET) if named(operation, OFFSETS) else None)


def named(operation: Operation, names: tuple[str, ...]) -> str | None:
    """Return the name of the operation's query parameter that is called like one of `names` and is an integer."""
    return next(
        (
            each.name
            for each in operation.parameters
            if each.place == "query" and each.name.lower() in names and _integer(each.node.get("schema") or {})
        ),
        None,
    )


def _integer(schema: Mapping[str, Any]) -> bool:
    kinds = [schema.get("type"), *(each.get("type") for each in schema.get("anyOf") or () if isinstance(each, Mapping))]
    return "integer" in kinds or any(isinstance(kind, list) and "integer" in kind for kind in kinds)


class Pagination:
    """Compares an answer with the limit sent, and with the last page of the same list."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._parameters = {
            key: (limit_of(each), named(each, OFFSETS)) for key, each in operations.items() if each.method == "GET"
        }
        self._last: dict[str, tuple[dict[str, list[str]], int, list[Any]]] = {}
        self._longest: dict[str, int] = {}

    def concerns(self, exchange: Exchange) -> bool:
        """Whether there is a page to look at."""
        return exchange.good and exchange.method == "GET" and any(self._parameters.get(exchange.operation, ()))

    def take(self, exchange: Exchange) -> Violation | None:
        """Take the next exchange, and return what is wrong with its page."""
        if exchange.method not in ("GET", "HEAD") and exchange.good:
            self._last.clear()
            self._longest.clear()
        limit, offset = self._parameters.get(exchange.operation, (None, None))
        if not exchange.whole or not self.concerns(exchange):
            return None
        items, total = _page(exchange)
        query = query_values(exchange.query)
        asked = _number(query, limit)
        if items and not set(query) - {limit, offset}:
            self._longest[exchange.operation] = max(len(items), self._longest.get(exchange.operation, 0))
        if total is None and not set(query) - {limit, offset}:
            total = self._longest.get(exchange.operation)
        if items is not None and asked is not None and asked >= 1 and len(items) > asked:
            said = f"{len(items)} items were answered where {limit}={asked} was asked for"
            return Violation(check="pagination_honoured", message=said, place="limit")
        return self._turned(exchange.operation, query, offset, items, total) if offset and items is not None else None

    def _turned(
        self, key: str, query: dict[str, list[str]], name: str, items: list[Any], total: int | None
    ) -> Violation | None:
        """Two pages with the same items, though they were asked for at other places, and there were more of them."""
        at = _number(query, name)
        rest = {each: values for each, values in query.items() if each != name}
        before = self._last.get(key)
        if at is None:
            return None
        self._last[key] = (rest, at, items)
        if before is None or before[0] != rest or before[1] == at or before[2] != items or not items:
            return None
        if total is None or total <= len(items) * (1 + (name.lower() not in ("offset", "skip"))):
            return None
        said = f"the same items were answered for {name}={before[1]} and {name}={at}, of {total}"
        return Violation(check="pagination_honoured", message=said, place="offset")


def _page(exchange: Exchange) -> tuple[list[Any] | None, int | None]:
    """The items of an answer, and how many there are in all: None for what cannot be told."""
    try:
        value = orjson.loads(exchange.answer)
    except orjson.JSONDecodeError:
        return None, None
    header = exchange.answer_headers.get("x-total-count", "")
    total = int(header) if header.isascii() and header.isdigit() else None
    if isinstance(value, list):
        return value, total
    if not isinstance(value, dict):
        return None, None
    lists = [value[name] for name in _ITEMS if isinstance(value.get(name), list)]
    lists = lists[:1] or [each for each in value.values() if isinstance(each, list)]
    said = next((each for name, each in value.items() if name.lower() in _TOTALS and type(each) is int), total)
    return (lists[0] if len(lists) == 1 else None), said


def _number(query: Mapping[str, list[str]], name: str | None) -> int | None:
    texts = query.get(name, []) if name else []
    return (
        int(texts[0]) if len(texts) == 1 and texts[0].isascii() and texts[0].isdigit() and len(texts[0]) < 10 else None
    )
