"""Which value does the text of a parameter stand for? None when that cannot be told for certain."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from olorin_pipelines.contract.judge.exchange import FILTERED
from olorin_pipelines.contract.samples import resolve

__all__ = ["ABSENT", "Kinds", "parameter_value", "path_values", "query_values", "text_value"]

ABSENT = object()
"""The parameter was not sent."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,40})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_DEPTH = 8
_SCALARS = {"string", "integer", "number", "boolean"}
_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


class Kinds:
    """The types that the schemas of one document speak of. Each is read once, as it is asked for all the time."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._known: dict[int, tuple[Any, frozenset[str]]] = {}

    def of(self, schema: Any) -> frozenset[str]:
        """Return the types that a schema speaks of, null aside; empty when it says none."""
        known = self._known.get(id(schema))
        if known is None:  # the schema is kept, so that no other one ever has its id
            known = self._known[id(schema)] = schema, frozenset(_kinds(self._document, schema, _DEPTH) - {"null"})
        return known[1]

    def scalar(self, schema: Any) -> str | None:
        """Return the one scalar type of a schema; `string` when it says none; None for several."""
        kinds = self.of(schema)
        if not kinds:
            return "string"
        return next(iter(kinds)) if len(kinds) == 1 and kinds <= _SCALARS else None

    def items(self, schema: Any) -> Any:
        """Return the schema of the items of an array, None when it says nothing of them."""
        return (resolve(self._document, schema) or {}).get("items")


def text_value(kinds: Kinds, schema: Any, text: str) -> Any:
    """Return the scalar that `text` is by the type of the schema, or None: several types, no such value, no scalar."""
    kind = kinds.scalar(schema)
    return _scalar(kind, text) if kind else None


def query_values(query: str) -> dict[str, list[str]]:
    """Return the values of each name of a query, in the order they were sent."""
    found: dict[str, list[str]] = {}
    if not query:
        return found
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def path_values(template: str, path: str) -> dict[str, str]:
    """Return the parameters of a path by its template; empty when it does not fit."""
    if "{" not in template and template == path:
        return {}
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


def parameter_value(kinds: Kinds, parameter: Mapping[str, Any], sent: Sequence[str] | None) -> Any:
    """Return the value of a parameter that was sent as these texts; ABSENT, or None when it cannot be told.

    A repeated scalar is read differently by every framework, and an empty text is nothing to some of them.
    """
    if sent is None:
        return ABSENT
    schema = parameter.get("schema")
    if schema is None or FILTERED in sent:
        return None
    if kinds.of(schema) == {"array"}:
        return _array(kinds, parameter, schema, sent)
    return text_value(kinds, schema, sent[0]) if len(sent) == 1 and sent[0] else None


def _array(kinds: Kinds, parameter: Mapping[str, Any], schema: Any, sent: Sequence[str]) -> Any:
    exploded = parameter.get("in") == "query" and parameter.get("style", "form") == "form"
    if not exploded or parameter.get("explode") is False:
        return None
    items = kinds.items(schema)
    values = [text_value(kinds, items, text) for text in sent] if items is not None else list(sent)
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
