"""How is a value written, compared and shown? JSON text, in which 1 and 1.0 are one number and true is another."""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["kind_of", "short", "text_of"]

_LONGEST = 120


def text_of(value: Any) -> str:
    """Return canonical JSON: keys sorted, whole floats as integers."""
    return orjson.dumps(_plain(value), option=orjson.OPT_SORT_KEYS).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def short(value: Any) -> str:
    """Return a value for people: its JSON text, cut in the middle when it is long."""
    text = value if isinstance(value, str) else text_of(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"


def kind_of(value: Any) -> str:
    """Return the JSON Schema type of a value; a whole number is an integer."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "integer" if float(value).is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"
