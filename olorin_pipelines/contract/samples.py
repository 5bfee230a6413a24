"""Which request can be made of an operation without inventing anything? Parameters from the document's own examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

__all__ = ["Call", "Skip", "call_of", "resolve"]

_ABSENT = object()
_SET_BY_US = {"accept", "content-type", "authorization"}
"""Header parameters that OpenAPI says to ignore."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A GET request: path, query pairs and headers."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Skip:
    """Why an operation cannot be called."""

    reason: str


def call_of(
    document: Mapping[str, Any],
    path: str,
    item: Mapping[str, Any],
    operation: Mapping[str, Any],
    *,
    pinned: Mapping[str, str] | None = None,
) -> Call | Skip:
    """Return the request for a GET operation with its required parameters filled, or why there is none.

    `pinned` are values of path and query parameters that are known to exist: they come before any example, and an
    optional parameter that has one is sent too.
    """
    known = pinned or {}
    if (resolve(document, operation.get("requestBody")) or {}).get("required"):
        return Skip("its request body is required")
    query: list[tuple[str, str]] = []
    headers: list[tuple[str, str]] = []
    for parameter in _parameters(document, item, operation):
        name, where = str(parameter.get("name")), parameter.get("in")
        if where == "header" and name.lower() in _SET_BY_US:
            continue
        mine = known.get(name, _ABSENT) if where in ("path", "query") else _ABSENT
        if mine is _ABSENT and not (parameter.get("required") or where == "path"):
            continue
        value = mine if mine is not _ABSENT else _sample(document, parameter)
        if value is _ABSENT:
            return Skip(f"required {where} parameter {name!r} has no example: give a real value as `http.values`")
        if where == "cookie" or isinstance(value, Mapping) or "content" in parameter:
            return Skip(f"required {where} parameter {name!r} is of a kind that is not filled")
        if where == "path":
            path = path.replace("{" + name + "}", ",".join(quote(text, safe="") for text in _texts(value)))
        elif where == "query":
            query += _pairs(name, value, parameter)
        else:
            headers.append((name, ",".join(_texts(value))))
    if "{" in path:
        return Skip("a parameter of its path is not declared")
    return Call(path=path, query=tuple(query), headers=tuple(headers))


def resolve(document: Mapping[str, Any], node: Any) -> Any:
    """Return what `node` is, references inside the document followed; None for others and for circles."""
    if type(node) is dict and "$ref" not in node:  # nearly always
        return node
    for _ in range(32):
        if not isinstance(node, Mapping) or not isinstance(node.get("$ref"), str):
            return node
        node = _at(document, node["$ref"])
    return None


def _at(document: Mapping[str, Any], reference: str) -> Any:
    if not reference.startswith("#/"):
        return None
    node: Any = document
    for part in reference[2:].split("/"):
        key = unquote(part).replace("~1", "/").replace("~0", "~")
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _parameters(
    document: Mapping[str, Any], item: Mapping[str, Any], operation: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """Parameters of the path item, then of the operation, which win."""
    declared = [*(item.get("parameters") or ()), *(operation.get("parameters") or ())]
    resolved = [resolve(document, parameter) for parameter in declared]
    found = [parameter for parameter in resolved if isinstance(parameter, Mapping)]
    return list({(parameter.get("name"), parameter.get("in")): parameter for parameter in found}.values())


def _sample(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Any:
    schema = resolve(document, parameter.get("schema")) or {}
    examples = parameter.get("examples")
    named: Any = next(iter(examples.values()), {}) if isinstance(examples, Mapping) else {}
    schema = schema if isinstance(schema, Mapping) else {}
    candidates = (
        parameter.get("example", _ABSENT),
        (resolve(document, named) or {}).get("value", _ABSENT),
        schema.get("example", _ABSENT),
        _head(schema.get("examples")),
        schema.get("default", _ABSENT),
        schema.get("const", _ABSENT),
        _head(schema.get("enum")),
    )
    return next((value for value in candidates if value is not _ABSENT and value is not None), _ABSENT)


def _head(values: Any) -> Any:
    return values[0] if isinstance(values, Sequence) and not isinstance(values, str) and values else _ABSENT


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in values]


def _pairs(name: str, value: Any, parameter: Mapping[str, Any]) -> list[tuple[str, str]]:
    texts = _texts(value)
    return [(name, text) for text in texts] if parameter.get("explode", True) else [(name, ",".join(texts))]
