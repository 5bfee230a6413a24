"""Schemas like those of real documents, and small edits of them, for the tests of soundness."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

from olorin_pipelines import openapi
from olorin_pipelines.errors import OlorinError

SPECS = Path(__file__).parents[2].parent / "shared" / "specs"
"""A collection of real documents, beside the project where there is one."""

MONEY = {
    "type": "object",
    "required": ["amount", "currency"],
    "properties": {
        "amount": {"type": "integer", "minimum": 0},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "minLength": 3, "maxLength": 3},
    },
    "additionalProperties": False,
}
ORDER = {
    "type": "object",
    "required": ["id", "status", "lines"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "status": {"type": "string", "enum": ["open", "paid", "shipped"], "default": "open"},
        "total": MONEY,
        "note": {"type": ["string", "null"], "maxLength": 500},
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {"sku": {"type": "string", "minLength": 1}, "count": {"type": "integer", "minimum": 1}},
            },
        },
        "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 40}},
    },
}
PAYMENT = {
    "oneOf": [
        {
            "type": "object",
            "required": ["kind", "number"],
            "properties": {"kind": {"const": "card"}, "number": {"type": "string", "pattern": "^[0-9]+$"}},
        },
        {
            "type": "object",
            "required": ["kind", "iban"],
            "properties": {"kind": {"const": "transfer"}, "iban": {"type": "string", "maxLength": 34}},
        },
    ],
    "discriminator": {"propertyName": "kind"},
}
CUSTOMER = {
    "allOf": [
        {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}},
        {
            "type": "object",
            "properties": {
                "email": {"type": "string", "format": "email"},
                "age": {"type": "integer", "minimum": 0, "exclusiveMaximum": 150},
                "address": {
                    "anyOf": [{"type": "null"}, {"type": "object", "properties": {"city": {"type": "string"}}}]
                },
            },
            "dependentRequired": {"address": ["email"]},
        },
    ]
}
SETTINGS = {
    "type": "object",
    "patternProperties": {"^x-": {"type": "string"}, "^n[0-9]$": {"type": "number"}},
    "properties": {"theme": {"enum": ["light", "dark", None]}, "x-id": {"type": "string", "maxLength": 8}},
    "additionalProperties": {"type": "boolean"},
    "propertyNames": {"maxLength": 12},
    "maxProperties": 5,
}
SHIPMENT = {
    "type": "object",
    "properties": {
        "way": {"type": "string", "enum": ["post", "courier"]},
        "weight": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5},
        "phone": {"type": "string"},
        "route": {
            "type": "array",
            "prefixItems": [{"type": "string"}, {"type": "integer"}],
            "items": {"type": "string"},
        },
        "tags": {"type": "array", "contains": {"const": "a"}, "uniqueItems": True},
    },
    "if": {"properties": {"way": {"const": "courier"}}, "required": ["way"]},
    "then": {"required": ["phone"]},
    "not": {"required": ["phone", "tags"]},
}
OWN: tuple[Any, ...] = (MONEY, ORDER, PAYMENT, CUSTOMER, SETTINGS, SHIPMENT)

_ADDED: tuple[Any, ...] = (
    {"not": {"const": "a"}},
    {"not": {"type": "string", "maxLength": 2}},
    {"if": {"type": "string"}, "then": {"minLength": 2}},
    {"contains": {"type": "integer"}},
    {"prefixItems": [{"type": "integer"}]},
    {"patternProperties": {"^[xn]": {"type": "integer"}}},
    {"propertyNames": {"maxLength": 4}},
    {"dependentRequired": {"x": ["y"]}},
    {"dependentSchemas": {"x": {"maxProperties": 1}}},
    {"unevaluatedProperties": False},
    {"minLength": 2},
    {"maximum": 3},
    {"nothing": "at all"},
)
_LISTS, _MAPS = ("allOf", "anyOf", "oneOf", "prefixItems"), ("properties", "patternProperties", "dependentSchemas")
_SINGLE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")


def real_schemas(most: int = 400) -> list[Any]:
    """Return small schemas of real documents as JSON Schema, those that refer to nothing."""
    found: dict[str, Any] = {}
    for path in sorted(SPECS.glob("*/*.json")):
        try:
            document = openapi.load(str(path)).document
        except OlorinError:
            continue
        named = (document.get("components") or {}).get("schemas") or {}
        for name in sorted(named)[:60]:
            schema = openapi.standalone(document, openapi.join("/components/schemas", name), way="request")
            text = json.dumps(schema, sort_keys=True)
            small = 40 < len(text) < 1500 and not any(word in text for word in ("$ref", "Only"))
            if isinstance(schema, dict) and small and jsonschema_rs.meta.is_valid(schema):
                found.setdefault(text, schema)
    return list(found.values())[:most]


def edited_anywhere(schema: Any, seed: random.Random) -> Any:
    """Return a copy with one small edit of one of the schemas in it."""
    made = copy.deepcopy(schema)
    node = seed.choice([each for each in _nodes(made) if isinstance(each, dict)])
    kind = seed.choice(("drop", "move", "type", "property", "without", "require", "values", "add", "wrap"))
    properties = node.get("properties")
    limits = [key for key, value in node.items() if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if kind == "drop" and node:
        del node[seed.choice(sorted(node))]
    elif kind == "move" and limits:
        key = seed.choice(limits)
        node[key] = max(1, node[key] + seed.choice((-1, 1)))
    elif kind == "type":
        node["type"] = seed.choice(("string", "integer", "number", ["string", "null"], "object"))
    elif kind == "property" and isinstance(properties, dict):
        properties["extra"] = seed.choice(({}, {"type": "string"}, {"type": "integer", "default": 1}))
    elif kind == "without" and properties:
        del properties[seed.choice(sorted(properties))]
    elif kind == "require" and properties:
        node["required"] = seed.sample(sorted(properties), seed.randint(0, min(3, len(properties))))
    elif kind == "values" and isinstance(node.get("enum"), list):
        node["enum"] = node["enum"][1:] if seed.random() < 0.5 and len(node["enum"]) > 1 else [*node["enum"], "new"]
    elif kind == "wrap":
        inner = dict(node)
        node.clear()
        node[seed.choice(("allOf", "anyOf", "oneOf"))] = [inner]
    elif kind == "add":
        node.update(copy.deepcopy(seed.choice(_ADDED)))
    else:
        node["description"] = "said otherwise"
    return made


def property_names(schema: Any) -> set[str]:
    """Return the names of all properties that a schema describes, at any depth."""
    return {name for node in _nodes(schema) if isinstance(node, dict) for name in node.get("properties") or ()}


def _nodes(schema: Any) -> Iterator[Any]:
    yield schema
    if not isinstance(schema, dict):
        return
    for key in _LISTS:
        for each in schema.get(key) or ():
            yield from _nodes(each)
    for key in _MAPS:
        for each in (schema.get(key) or {}).values():
            yield from _nodes(each)
    for key in _SINGLE:
        if key in schema:
            yield from _nodes(schema[key])
