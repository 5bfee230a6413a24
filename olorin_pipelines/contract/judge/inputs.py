"""Which value does the text of a parameter stand for? None when that cannot be told for certain."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from olorin_pipelines.contract.judge.exchange import FILTERED
from olorin_pipelines.contract.samples import resolve

__all__ = ["ABSENT", "parameter_value", "path_values", "query_values", "scalar_kind", "text_value"]

ABSENT = object()
"""The parameter was not sent."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,40})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_DEPTH = 8
_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def text_value(document: Mapping[str, Any], schema: Any, text: str) -> Any:
    """Return the scalar that `text` is by the type of the schema, or None: several types, no such value, no scalar."""
    kind = scalar_kind(document, schema)
    return _scalar(kind, text) if kind else None


def scalar_kind(document: Mapping[str, Any], schema: Any) -> str | None:
    """Return the one scalar type that a schema speaks of, null aside; `string` when it says none; None for several."""
    kinds = _kinds(document, schema, _DEPTH) - {"null"}
    if not kinds:
        return "string"
    return next(iter(kinds)) if len(kinds) == 1 and kinds <= {"string", "integer", "number", "boolean"} else None


def query_values(query: str) -> dict[str, list[str]]:
    """Return the values of each name of a query, in the order they were sent."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def path_values(template: str, path: str) -> dict[str, str]:
    """Return the parameters of a path by its template; empty when it does not fit."""
    wanted, sent = template.strip("/").split("/"), path.strip("/").split("/")
    if len(wanted) != len(sent):
        return {}
    found: dict[str, str] = {}
    for part, text in zip(wanted, sent, strict=True):
        if part.startswith("{") and part.endswith("}") and part.count("{") == 1:
            found[part[1:-1]] = unquote(text)
        elif "{" in part or unquote(text) != part:
            return {}
    return found


def parameter_value(document: Mapping[str, Any], parameter: Mapping[str, Any], sent: Sequence[str] | None) -> Any:
    """Return the value of a parameter that was sent as these texts; ABSENT, or None when it cannot be told.

    A repeated scalar is read differently by every framework, and an empty text is nothing to some of them.
    """
    if sent is None:
        return ABSENT
    schema = parameter.get("schema")
    if schema is None or FILTERED in sent:
        return None
    if _kinds(document, schema, _DEPTH) - {"null"} == {"array"}:
        return _array(document, parameter, schema, sent)
    return text_value(document, schema, sent[0]) if len(sent) == 1 and sent[0] else None


def _array(document: Mapping[str, Any], parameter: Mapping[str, Any], schema: Any, sent: Sequence[str]) -> Any:
    exploded = parameter.get("in") == "query" and parameter.get("style", "form") == "form"
    if not exploded or parameter.get("explode") is False:
        return None
    items = (resolve(document, schema) or {}).get("items")
    values = [text_value(document, items, text) for text in sent] if items is not None else list(sent)
    return None if None in values or "" in sent else values


def _scalar(kind: str, text: str) -> Any:
    if kind == "string":
        return text
    if kind == "integer":
        return int(text) if _INTEGER.fullmatch(text) else None
    if kind == "number" and _NUMBER.fullmatch(text):
        number = int(text) if _INTEGER.fullmatch(text) else float(text)
        return number if math.isfinite(number) else None
    if kind == "boolean":
        return {"true": True, "false": False}.get(text)
    return None


def _kinds(document: Mapping[str, Any], schema: Any, depth: int) -> set[str]:
    """The types a schema speaks of; empty when it says none."""
    node = resolve(document, schema)
    if not isinstance(node, Mapping) or not depth:
        return set()
    said = node.get("type")
    if said is not None:
        return {said} if isinstance(said, str) else set(said)
    if "const" in node or "enum" in node:
        return {_TYPES.get(type(each), "object") for each in node.get("enum") or [node.get("const")]}
    branches = [each for key in ("anyOf", "oneOf", "allOf") for each in node.get(key) or ()]
    return set().union(*(_kinds(document, each, depth - 1) for each in branches)) if branches else set()
