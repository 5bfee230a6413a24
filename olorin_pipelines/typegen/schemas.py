"""What does a schema of OpenAPI say as plain JSON Schema 2020-12? Known keywords with values of the right kind only.

What a document calls a thing never becomes a name here: each target of a reference is a definition called by a number.
So neither a name nor a keyword that a validator might take for an instruction gets any further.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import unquote

from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.openapi import Pointer, resolve_at

__all__ = ["FORMATS", "Schemas", "Way", "text_key"]

Way = Literal["request", "response"]

FORMATS = frozenset(
    {
        *("date", "time", "date-time", "iso-time", "iso-date-time", "duration", "uri", "uri-reference", "uri-template"),
        *("url", "email", "hostname", "ipv4", "ipv6", "regex", "uuid", "json-pointer", "json-pointer-uri-fragment"),
        *("relative-json-pointer", "byte", "int32", "int64", "float", "double"),
    }
)
"""The formats that validators check; any other is a word for people."""

_LONGEST = 1 << 20
_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_SCHEMAS = frozenset(
    {
        *("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"),
        *("unevaluatedItems", "unevaluatedProperties"),
    }
)
_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_MAPS = frozenset({"dependentSchemas", "patternProperties", "properties"})
_NUMBERS = frozenset({"exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"})
_COUNTS = frozenset(
    {
        *("maxContains", "maxItems", "maxLength", "maxProperties"),
        *("minContains", "minItems", "minLength", "minProperties"),
    }
)


class Schemas:
    """Schemas of one document as 2020-12; `definitions` grows with what they refer to.

    `unevaluated` tells whether one of them asks what no other keyword looked at. `texts` has a key for each pattern and
    its lengths; whoever knows a text that matches puts it there.
    A schema with an example keeps it in `examples`, by the identity of the copy. The two ways differ only in what they
    require: a read-only property of no request, a write-only one of no response (OpenAPI 3.1, 4.8.24).
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._old = str(document.get("openapi", "")).startswith("3.0")
        self._names: dict[tuple[Pointer, Way], str] = {}
        self._waiting: list[tuple[str, Any, Way]] = []
        self.definitions: dict[str, Any] = {}
        self.examples: dict[int, Any] = {}
        self.unevaluated = False
        self.texts: dict[tuple[str, int, int], str | None] = {}

    def root(self, schema: Any, way: Way, pointer: Pointer) -> str:
        """Return the name of the definition of the schema at `pointer`, made at the first call."""
        name = self._name(pointer, schema, way)
        while self._waiting:
            waiting, node, its_way = self._waiting.pop()
            self.definitions[waiting] = self._schema(node, its_way)
        return name

    def _name(self, pointer: Pointer, node: Any, way: Way) -> str:
        key = (pointer, way)
        if key not in self._names:
            self._names[key] = f"s{len(self._names)}"
            self._waiting.append((self._names[key], node, way))
        return self._names[key]

    def _schema(self, node: Any, way: Way) -> Any:
        if not isinstance(node, Mapping):
            return node if isinstance(node, bool) else {}
        made: dict[str, Any] = {}
        reference = self._reference(node, way)
        if reference:
            made["$ref"] = reference
            if self._old:
                return made
        for keyword, value in node.items():
            if keyword in _SCHEMAS and isinstance(value, Mapping | bool):
                made[keyword] = self._schema(value, way)
                self.unevaluated = self.unevaluated or keyword.startswith("unevaluated")
            elif keyword in _LISTS and isinstance(value, list) and value:
                made[keyword] = [self._schema(each, way) for each in value]
            elif keyword in _MAPS and isinstance(value, Mapping):
                made[keyword] = {name: self._schema(each, way) for name, each in value.items()}
            elif keyword in _PLAIN and _PLAIN[keyword](value):
                made[keyword] = value
        if "pattern" in made:
            self.texts[text_key(made)] = None
        self._types(node, made)
        _bounds(made, node)
        self._required(node, made, way)
        self._choice(node, made, way)
        return self._with_example(node, _nullable(node, made))

    def _reference(self, node: Mapping[str, Any], way: Way) -> str:
        """Return the name of what a schema refers to, empty for nothing; one that dangles allows any value."""
        ref = node.get("$ref")
        if not isinstance(ref, str):
            return ""
        try:
            found, pointer = resolve_at(self._document, {"$ref": ref}, "")
        except DocumentInvalid:
            return ""
        return self._name(pointer or unquote(ref[1:]), found, way)

    def _types(self, node: Mapping[str, Any], made: dict[str, Any]) -> None:
        listed = node.get("type")
        every = listed if isinstance(listed, list) else [listed]
        names = [each for each in every if isinstance(each, str) and each in _TYPES]
        if names:
            made["type"] = names[0] if len(names) == 1 else list(dict.fromkeys(names))

    def _required(self, node: Mapping[str, Any], made: dict[str, Any], way: Way) -> None:
        required = node.get("required")
        if not isinstance(required, list):
            return
        hidden = "readOnly" if way == "request" else "writeOnly"
        properties = node.get("properties")
        known = properties if isinstance(properties, Mapping) else {}
        names = [name for name in required if isinstance(name, str) and not self._flag(known.get(name), hidden)]
        if names:
            made["required"] = list(dict.fromkeys(names))

    def _flag(self, schema: Any, flag: str) -> bool:
        try:
            return any(
                isinstance(each, Mapping) and each.get(flag) is True
                for each in (schema, resolve_at(self._document, schema, "")[0])
            )
        except DocumentInvalid:
            return False

    def _choice(self, node: Mapping[str, Any], made: dict[str, Any], way: Way) -> None:
        """A discriminator between references becomes a question of its own, whose answer says more than `oneOf`."""
        discriminator = node.get("discriminator")
        name = discriminator.get("propertyName") if isinstance(discriminator, Mapping) else None
        keyword = next((each for each in ("oneOf", "anyOf") if each in made), None)
        if not isinstance(discriminator, Mapping) or not isinstance(name, str) or keyword is None:
            return
        refs = [str(branch.get("$ref")) for branch in node[keyword] if isinstance(branch, Mapping)]
        if len(refs) < len(node[keyword]) or not all(ref.startswith("#/components/schemas/") for ref in refs):
            return
        cases = _cases(discriminator.get("mapping"), refs)
        del made[keyword]
        made["allOf"] = [
            *made.get("allOf", []),
            {"type": "object", "required": [name], "properties": {name: {"enum": list(cases)}}},
            *(
                {
                    "if": {"required": [name], "properties": {name: {"const": value}}},
                    "then": {"$ref": self._reference({"$ref": ref}, way)}
                    if self._reference({"$ref": ref}, way)
                    else {},
                }
                for value, ref in cases.items()
            ),
        ]

    def _with_example(self, node: Mapping[str, Any], made: dict[str, Any]) -> dict[str, Any]:
        listed = node.get("examples")
        if "example" in node:
            self.examples[id(made)] = node["example"]
        elif isinstance(listed, list) and listed:
            self.examples[id(made)] = listed[0]
        return made


def _cases(mapping: Any, refs: Sequence[str]) -> dict[str, str]:
    """Value of the discriminator -> reference: the mapping's entries, then the names of what it leaves out."""
    cases: dict[str, str] = {}
    for value, target in mapping.items() if isinstance(mapping, Mapping) else ():
        ref = target if isinstance(target, str) and "/" in target else f"#/components/schemas/{target}"
        if ref in refs:
            cases[value] = ref
    for ref in refs:
        if ref not in cases.values():
            cases.setdefault(ref.rpartition("/")[2], ref)
    return cases


def _bounds(made: dict[str, Any], node: Mapping[str, Any]) -> None:
    """OpenAPI 3.0 says with a boolean that a bound is exclusive."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if node.get(exclusive) is True and bound in made:
            made[exclusive] = made.pop(bound)


def _nullable(node: Mapping[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    if node.get("nullable") is not True:
        return made
    if set(made) <= {"type", "format", "pattern", *_COUNTS, *_NUMBERS} and isinstance(made.get("type"), str):
        return {**made, "type": [made["type"], "null"]}
    return {"anyOf": [made, {"type": "null"}]} if made else made


def text_key(schema: Mapping[str, Any]) -> tuple[str, int, int]:
    """Return what a text of this schema has to match: its pattern, its least and its greatest length."""
    return schema["pattern"], int(schema.get("minLength", 0)), int(schema.get("maxLength", _LONGEST))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _count(value: Any) -> bool:
    return _number(value) and value >= 0 and value == int(value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


_PLAIN: dict[str, Any] = {
    **dict.fromkeys(_NUMBERS - {"multipleOf"}, _number),
    **dict.fromkeys(_COUNTS, _count),
    "multipleOf": lambda value: _number(value) and value > 0,
    "const": lambda _: True,
    "enum": lambda value: isinstance(value, list) and bool(value),
    "format": lambda value: isinstance(value, str) and value in FORMATS,
    "pattern": _text,
    "uniqueItems": lambda value: isinstance(value, bool),
    "dependentRequired": lambda value: (
        isinstance(value, Mapping)
        and all(isinstance(names, list) and all(map(_text, names)) for names in value.values())
    ),
}
