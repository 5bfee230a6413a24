"""What would a value of this schema look like? The same one each time: examples first, then the smallest plain value.

A sample is a proposal: whoever uses it asks a validator, because `not`, `oneOf` or a pattern can refuse what was built.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from olorin_pipelines.typegen.schemas import Schemas, text_key

__all__ = ["GUESSES", "Unsampled", "sample"]

MAX_NODES = 5_000
"""Values in one sample; past it only required properties are filled."""

_DEEPEST_OPTIONAL = 5
_FORMATS = {
    "date": "2025-01-31",
    "time": "12:00:00Z",
    "iso-time": "12:00:00Z",
    "date-time": "2025-01-31T12:00:00Z",
    "iso-date-time": "2025-01-31T12:00:00Z",
    "duration": "P1D",
    "uri": "https://example.org/",
    "url": "https://example.org/",
    "uri-reference": "/example",
    "uri-template": "/example/{id}",
    "email": "someone@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "regex": ".*",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "json-pointer": "/example",
    "json-pointer-uri-fragment": "#/example",
    "relative-json-pointer": "0",
    "byte": "b2xvcmlu",
}
GUESSES = (
    *("string", "a", "A", "0", "1", "a1", "aa", "AA", "AAA", "abc", "ABC", "example", "Example", "a-b", "a_b", "a/b"),
    *("id_1", "2025-01-31", "12:00", "10.00", "1.0", "1.0.0", "00000000", "0000000000", "a" * 8, "0" * 12, "a" * 24),
    *("+15551234567", "a@b.co", "https://example.org", "/example", "#ffffff", "en", "en-US", "USD", "0" * 24, "0" * 40),
    *(
        "0" * 64,
        "a" * 32,
        "x-example",
        "sha256:" + "0" * 64,
        "2025-01-31T12:00:00Z",
        "AAAA0000",
        "0x0",
        "key=value",
        "",
    ),
)
"""Texts to try against a pattern, plain ones first."""


class Unsampled(Exception):
    """There is no finite value, or none was found."""


def sample(schemas: Schemas, name: str, *, examples: bool = True) -> Any:
    """Return a value of the definition `name`; without `examples` those of the document are not used.

    Raise Unsampled when the schema allows no value or requires itself without end.
    """
    try:
        return _Sampler(schemas, examples=examples).value({"$ref": name}, ())
    except RecursionError as error:
        raise Unsampled("the schema is too deep") from error


class _Sampler:
    def __init__(self, schemas: Schemas, *, examples: bool) -> None:
        self._definitions = schemas.definitions
        self._examples = schemas.examples if examples else {}
        self._texts = schemas.texts
        self._left = MAX_NODES

    def value(self, schema: Any, seen: tuple[str, ...]) -> Any:
        """Return a value; `seen` are the definitions around it."""
        self._left -= 1
        if schema is False:
            raise Unsampled("no value is allowed")
        if not isinstance(schema, Mapping):
            return "anything"
        if id(schema) in self._examples:
            return self._examples[id(schema)]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return next((each for each in schema["enum"] if each is not None), None)
        parts = [self._own(schema, seen)] if self._says_something(schema) else []
        parts += self._referred(schema, seen)
        parts += self._all(schema, seen, parts)
        parts += self._one(schema, seen)
        return _merged(parts) if parts else "anything"

    def _says_something(self, schema: Mapping[str, Any]) -> bool:
        return "type" in schema or not schema.keys().isdisjoint({"properties", "items", "prefixItems", "required"})

    def _referred(self, schema: Mapping[str, Any], seen: tuple[str, ...]) -> list[Any]:
        name = schema.get("$ref")
        if name is None:
            return []
        if name in seen:
            raise Unsampled("the schema requires itself")
        return [self.value(self._definitions[name], (*seen, name))]

    def _all(self, schema: Mapping[str, Any], seen: tuple[str, ...], before: list[Any]) -> list[Any]:
        found: list[Any] = []
        for branch in schema.get("allOf", ()):
            condition = branch.get("if") if isinstance(branch, Mapping) else None
            if condition is None:
                found.append(self.value(branch, seen))
            elif _holds(condition, _merged([*before, *found])):
                chosen = {name: rule["const"] for name, rule in condition["properties"].items()}
                found += [self.value(branch.get("then", {}), seen), chosen]
        return found

    def _one(self, schema: Mapping[str, Any], seen: tuple[str, ...]) -> list[Any]:
        branches = schema.get("oneOf") or schema.get("anyOf") or []
        for branch in branches:
            if isinstance(branch, Mapping) and branch.get("type") == "null" and len(branches) > 1:
                continue
            try:
                return [self.value(branch, seen)]
            except Unsampled:
                continue
        if branches and {"type": "null"} in branches:
            return [None]
        if branches:
            raise Unsampled("no branch has a value")
        return []

    def _own(self, schema: Mapping[str, Any], seen: tuple[str, ...]) -> Any:
        listed = schema.get("type")
        kinds = listed if isinstance(listed, list) else [listed] if listed else []
        kind = next((each for each in kinds if each != "null"), "null" if kinds else None)
        if kind is None:
            kind = "array" if not schema.keys().isdisjoint({"items", "prefixItems"}) else "object"
        if kind == "object":
            return self._object(schema, seen, nullable="null" in kinds)
        if kind == "array":
            return self._array(schema, seen)
        if kind == "string":
            return _string(schema, self._texts)
        if kind == "boolean":
            return True
        return None if kind == "null" else _number(schema, whole=kind == "integer")

    def _object(self, schema: Mapping[str, Any], seen: tuple[str, ...], *, nullable: bool) -> Any:
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        made: dict[str, Any] = {}
        for name in [*properties, *(name for name in required if name not in properties)]:
            if name not in required and (self._left < 0 or len(seen) > _DEEPEST_OPTIONAL):
                continue
            try:
                made[name] = self.value(properties.get(name, schema.get("additionalProperties", {})), seen)
            except Unsampled:
                if name in required:
                    if nullable:
                        return None
                    raise
        extra = schema.get("additionalProperties", {})
        while len(made) < min(schema.get("minProperties", 0), MAX_NODES):
            made[f"key{len(made) + 1}"] = self.value(extra, seen)
        return made

    def _array(self, schema: Mapping[str, Any], seen: tuple[str, ...]) -> list[Any]:
        made = [self.value(each, seen) for each in schema.get("prefixItems", ())]
        least = int(schema.get("minItems", 0))
        wanted = min(max(least, 1), int(schema.get("maxItems", max(least, 1))), MAX_NODES)
        while len(made) < wanted:
            try:
                item = self.value(schema.get("contains", schema.get("items", {})), seen)
            except Unsampled:
                if len(made) >= least:
                    break
                raise
            made.append(_other(item, len(made)) if schema.get("uniqueItems") else item)
        return made


def _other(item: Any, number: int) -> Any:
    if number and isinstance(item, str):
        return f"{item}{number}"
    if number and isinstance(item, int | float) and not isinstance(item, bool):
        return item + number
    return item


def _holds(condition: Mapping[str, Any], value: Any) -> bool:
    properties = condition.get("properties", {})
    return isinstance(value, dict) and all(
        isinstance(rule, Mapping) and "const" in rule and value.get(name) == rule["const"]
        for name, rule in properties.items()
    )


def _merged(parts: list[Any]) -> Any:
    if not parts:
        return None
    if all(isinstance(part, dict) for part in parts):
        return {name: value for part in parts for name, value in part.items()}
    return parts[-1]


def _string(schema: Mapping[str, Any], texts: Mapping[tuple[str, int, int], str | None]) -> str:
    least, most = int(schema.get("minLength", 0)), int(schema.get("maxLength", MAX_NODES))
    if least > MAX_NODES:
        raise Unsampled("the text is too long")
    if "format" in schema and schema["format"] in _FORMATS:
        return _FORMATS[schema["format"]]
    known = texts.get(text_key(schema)) if "pattern" in schema else None
    return "string"[:most].ljust(least, "-") if known is None else known


def _number(schema: Mapping[str, Any], *, whole: bool) -> int | float:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    step = schema.get("multipleOf", 1 if whole else None)
    value: int | float = 1
    if low is not None and (value < low or ("exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"])):
        value = low + (step or 1) if "exclusiveMinimum" in schema else low
    if high is not None and (value > high or ("exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"])):
        value = (low + high) / 2 if low is not None else high - (step or 1) if "exclusiveMaximum" in schema else high
    if step:
        value = math.ceil(value / step) * step
    return int(value) if whole and math.isfinite(value) else value
