"""Which line of the document did a value break, what does that line want, and what came instead?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

import orjson

from olorin_pipelines.contract.samples import resolve

__all__ = ["Promise", "kind_of", "promise", "schema_text", "shortly", "written"]

_WIDEST = 160
_ABSENT = object()


class Promise(NamedTuple):
    """`pointer` into the document as it is written, `expected` in its words, `got` in ours: no value of an answer.

    `field` tells two breaks of one keyword apart: the property that is missing, or that nobody expected.
    """

    pointer: str
    expected: str
    got: str
    field: str = ""


def promise(document: Mapping[str, Any], error: Any) -> Promise:
    """Return what an error of a validator of `Schemas` is about."""
    pointer = written(document, unquote(str(error.absolute_keyword_location or "").partition("#")[2]))
    keyword, kind = error.kind.name, error.kind
    if keyword == "required":
        return Promise(pointer, f"the property {kind.property!r}", "no such property", str(kind.property))
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        names = ", ".join(map(str, getattr(kind, "unexpected", ())))
        return Promise(pointer, "no further properties", f"also {names}", names)
    value = _at(document, pointer)
    expected = shortly(keyword if value is _ABSENT else f"{keyword}: {orjson.dumps(value).decode()}")
    return Promise(pointer, expected, kind_of(error.instance))


def written(document: Mapping[str, Any], pointer: str) -> str:
    """Return the nearest place that the document itself has: validators see `nullable` rewritten as an `anyOf`."""
    node: Any = document
    there: list[str] = []
    parts = iter(pointer.split("/")[1:])
    for part in parts:
        below = _step(node, part)
        if below is _ABSENT and part == "anyOf" and isinstance(node, Mapping) and "nullable" in node:
            next(parts, None)
            continue
        if below is _ABSENT:
            break
        there.append(part)
        node = below
    return "".join(f"/{part}" for part in there)


def kind_of(value: Any) -> str:
    """Return what kind of JSON a value is, with its size, and never the value."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f"a text of {len(value)} characters"
    if isinstance(value, int | float):
        return "an integer" if isinstance(value, int) or value.is_integer() else "a number"
    return f"an array of {len(value)}" if isinstance(value, list) else f"an object of {len(value)} properties"


def shortly(text: str) -> str:
    """Return a text that fits into a cell of a table."""
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _at(document: Mapping[str, Any], pointer: str) -> Any:
    node: Any = document
    for part in pointer.split("/")[1:]:
        node = _step(node, part)
    return node


def _step(node: Any, part: str) -> Any:
    key = part.replace("~1", "/").replace("~0", "~")
    if isinstance(node, list):
        return node[int(key)] if key.isdigit() and int(key) < len(node) else _ABSENT
    return node.get(key, _ABSENT) if isinstance(node, Mapping) else _ABSENT


def schema_text(document: Mapping[str, Any], schema: Any) -> str:
    """Return a schema as its document writes it, references followed once."""
    return shortly(orjson.dumps(resolve(document, schema)).decode())
