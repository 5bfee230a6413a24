"""What does one schema of a document say by itself? Its JSON Schema 2020-12, with all that it refers to inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import unquote

from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.openapi.refs import Pointer, find, join, resolve_at

__all__ = ["LARGEST", "standalone"]

LARGEST = 4_000
"""How many objects and lists a schema and all that it refers to may have together."""

_SCHEMAS = frozenset(
    {
        *("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"),
        *("unevaluatedItems", "unevaluatedProperties"),
    }
)
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAPS = frozenset({"dependentSchemas", "patternProperties", "properties"})
_NOT_SAID = frozenset({"$comment", "$schema", "discriminator", "externalDocs", "nullable", "xml"})
_ELSEWHERE = frozenset({"$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveRef", "id"})


class _TooMuch(Exception):
    """More than is worth reading, or nothing that can be read alone."""


def standalone(document: Mapping[str, Any], pointer: Pointer, *, way: Literal["request", "response"]) -> Any | None:
    """Return the schema at `pointer` as one JSON Schema, None when it is too large or cannot stand alone.

    OpenAPI 3.0's own spellings (`nullable`, boolean exclusive bounds, a `$ref` that hides its siblings) become those of
    2020-12. A read-only property is no part of a request, a write-only one no part of a response (OpenAPI 3.1, 4.8.24).
    """
    try:
        made = _Copy(document, way)
        whole = made.schema(find(document, pointer), pointer)
    except (_TooMuch, DocumentInvalid, AttributeError, KeyError, TypeError, ValueError):
        return None
    return {**whole, "$defs": made.definitions} if made.definitions and isinstance(whole, dict) else whole


class _Copy:
    def __init__(self, document: Mapping[str, Any], way: str) -> None:
        self._document = document
        self._old = str(document.get("openapi", "")).startswith("3.0") or "swagger" in document
        self._hidden = "readOnly" if way == "request" else "writeOnly"
        self._names: dict[Pointer, str] = {}
        self._left = LARGEST
        self.definitions: dict[str, Any] = {}

    def schema(self, node: Any, pointer: Pointer) -> Any:
        self._left -= 1
        if self._left < 0:
            raise _TooMuch
        if isinstance(node, bool):
            return node
        if _ELSEWHERE & node.keys():
            raise _TooMuch
        made: dict[str, Any] = {}
        for keyword, value in node.items():
            if keyword in _NOT_SAID or keyword.startswith("x-"):
                continue
            here = join(pointer, keyword)
            if keyword == "$ref":
                made["$ref"] = self._reference(node, pointer)
            elif keyword in _SCHEMAS:
                made[keyword] = self.schema(value, here)
            elif keyword in _LISTS:
                made[keyword] = [self.schema(each, join(here, i)) for i, each in enumerate(value)]
            elif keyword in _MAPS:
                made[keyword] = {name: self.schema(each, join(here, name)) for name, each in value.items()}
            else:
                made[keyword] = value
        if self._old:
            made = _modern(node, made)
        return self._visible(node, made)

    def _reference(self, node: Mapping[str, Any], pointer: Pointer) -> str:
        resolve_at(self._document, {"$ref": node["$ref"]}, pointer)  # one that leads out or only to itself is refused
        at = unquote(node["$ref"].removeprefix("#"))
        if at not in self._names:
            name = self._names[at] = str(len(self._names))
            self.definitions[name] = self.schema(find(self._document, at), at)
        return f"#/$defs/{self._names[at]}"

    def _visible(self, node: Mapping[str, Any], made: dict[str, Any]) -> dict[str, Any]:
        properties = node.get("properties")
        if not isinstance(properties, Mapping):
            return made
        hidden = {n for n, each in properties.items() if isinstance(each, Mapping) and each.get(self._hidden) is True}
        if hidden:
            made["properties"] = {name: each for name, each in made["properties"].items() if name not in hidden}
            made["required"] = [name for name in made.get("required") or () if name not in hidden]
        return made


def _modern(node: Mapping[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """Write a schema of OpenAPI 3.0 as 2020-12 has it."""
    if "$ref" in made:
        return {"$ref": made["$ref"]}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if made.get(exclusive) is True and bound in made:
            made[exclusive] = made.pop(bound)
        elif isinstance(made.get(exclusive), bool):
            del made[exclusive]
    if node.get("nullable") is True and "type" in made:
        return {"anyOf": [made, {"type": "null"}]}
    return made
