"""What does a body hold, value by value? Its scalars by pointer, and which of them move from moment to moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson

__all__ = [
    "general",
    "is_count",
    "is_identity",
    "is_moving",
    "kind_of",
    "lists",
    "plain_lists",
    "read",
    "scalars",
    "shape",
]

MOST = 5_000
"""Scalars of a body that are compared."""
_NUMBER = re.compile(r"/\d+(?=/|$)")
_WHOLE = re.compile(r"(?<![\d.,])\d+(?![\d.,]*\d)")
"""A whole number in a text, and no part of a decimal one, of an address or of a version."""
_WORD = re.compile(r"[^\W\d_]{2}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?|\d\d:\d\d(:\d\d.*)?")
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_IDENTITY = re.compile(r"(?i)(^|.*[_-])(id|uuid|guid|key|slug)$|.*[a-z](Id|ID|Uuid|Key)$")
_THIS_CENTURY = range(1_000_000_000, 4_000_000_000)


def read(body: bytes) -> Any:
    """Return the JSON of a body, or its text; digits of a text are masked, as counts are."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return re.sub(r"\d+", "0", body.decode(errors="replace"))


def scalars(node: Any) -> dict[str, Any]:
    """Return each scalar by its pointer, at most `MOST`."""
    found: dict[str, Any] = {}
    for pointer, value in _walk(node, ""):
        if not isinstance(value, dict | list):
            found[pointer] = value
            if len(found) >= MOST:
                break
    return found


def lists(node: Any) -> dict[str, int]:
    """Return the length of each list by its pointer."""
    return {pointer: len(value) for pointer, value in _walk(node, "") if isinstance(value, list)}


def plain_lists(node: Any) -> dict[str, list[str]]:
    """Return each list that holds scalars alone by its pointer, every one written as JSON."""
    return {
        pointer: [orjson.dumps(each).decode() for each in value]
        for pointer, value in _walk(node, "")
        if isinstance(value, list) and value and not any(isinstance(each, dict | list) for each in value)
    }


def shape(node: Any) -> dict[str, set[str]]:
    """Return the kinds of value at each place, with `*` for every element of a list."""
    found: dict[str, set[str]] = {}
    for pointer, value in _walk(node, ""):
        found.setdefault(general(pointer), set()).add(kind_of(value))
    return found


def general(pointer: str) -> str:
    """Return a pointer with `*` for every element of a list."""
    return _NUMBER.sub("/*", pointer)


def kind_of(value: Any) -> str:
    """Return the JSON type of a value; whole and other numbers are one kind."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "list" if isinstance(value, list) else "object"


def is_identity(pointer: str) -> bool:
    """Whether the name of a value says that it names a thing."""
    return bool(_IDENTITY.fullmatch(general(pointer).rpartition("/")[2]))


def is_count(first: Any, second: Any) -> bool:
    """Whether two values can be counts of something: whole numbers, or texts that differ in whole numbers alone."""
    if isinstance(first, str) and isinstance(second, str):
        return bool(_WORD.search(first)) and _WHOLE.sub("0", first) == _WHOLE.sub("0", second)
    return all(isinstance(value, int) and not isinstance(value, bool) and value >= 0 for value in (first, second))


def is_moving(first: Any, second: Any) -> bool:
    """Whether two values are of a kind that differs from moment to moment or from process to process: times, UUIDs."""
    if isinstance(first, str) and isinstance(second, str):
        return any(each.fullmatch(first) and each.fullmatch(second) for each in (_TIME, _UUID))
    numbers = [value for value in (first, second) if isinstance(value, int | float) and not isinstance(value, bool)]
    return len(numbers) == 2 and all(int(v) in _THIS_CENTURY or int(v / 1000) in _THIS_CENTURY for v in numbers)


def _walk(node: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    waiting = [(pointer, node)]
    while waiting:
        at, value = waiting.pop()
        yield at, value
        if isinstance(value, dict):
            waiting.extend(
                (f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}", each) for key, each in value.items()
            )
        elif isinstance(value, list):
            waiting.extend((f"{at}/{place}", each) for place, each in enumerate(value))
