"""How is a schema of a document asked about a value? Validators, each made when it is first needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

import jsonschema_rs

__all__ = ["Schemas", "Side", "Validator", "is_lenient"]

Side = Literal["answer", "request"]
Validator: TypeAlias = jsonschema_rs.Draft4Validator | jsonschema_rs.Draft202012Validator

_NAMES_AS_KEYS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_VERBATIM = ("enum", "const", "default", "example", "examples")
_LEFT_OUT: dict[Side, str] = {"answer": "writeOnly", "request": "readOnly"}
_DOCUMENT = "urn:document"
_WITHOUT_OFFSET = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
)
_UNTRUSTED = (
    *("duration", "hostname", "idn-email", "idn-hostname", "iri", "iri-reference", "json-pointer", "regex"),
    *("relative-json-pointer", "time", "uri", "uri-reference", "uri-template"),
)
"""Formats on which correct services and correct validators disagree."""
_FORMATS: dict[str, Any] = dict.fromkeys(_UNTRUSTED, lambda _: True)


class Schemas:
    """The schemas of one document. It is prepared once for each side, when something of that side is first asked."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._old = str(document.get("openapi", "")).startswith("3.0")
        self._registries: dict[Side, jsonschema_rs.Registry] = {}
        self._made: dict[tuple[str, Side], Validator] = {}

    def validator(self, pointer: str, side: Side) -> Validator:
        """Return the validator of the schema at `pointer` (`/components/schemas/X`).

        It leaves values out of its messages: they may be production data. Formats are judged in answers alone, and
        only those that can be trusted. Raises ValueError when the schema cannot be used.
        """
        made = self._made.get((pointer, side))
        if made is None:
            kind = jsonschema_rs.Draft4Validator if self._old else jsonschema_rs.Draft202012Validator
            made = self._made[pointer, side] = kind(
                {"$ref": f"{_DOCUMENT}#{quote(pointer, safe='/~')}"},
                registry=self._registry(side),
                retriever=_refuse,
                mask="[value]",
                formats=_FORMATS,
                validate_formats=side == "answer",
            )
        return made

    def _registry(self, side: Side) -> jsonschema_rs.Registry:
        if side not in self._registries:
            draft = jsonschema_rs.Draft4 if self._old else jsonschema_rs.Draft202012
            parts = {key: self._document[key] for key in ("paths",) if key in self._document}
            whole = {**parts, "components": self._document.get("components") or {}}
            prepared = _prepare(whole, nullable=self._old, left_out=_LEFT_OUT[side])
            self._registries[side] = jsonschema_rs.Registry([(_DOCUMENT, prepared)], draft=draft, retriever=_refuse)
        return self._registries[side]


def is_lenient(error: Any) -> bool:
    """Whether an answer is wrong only for a time without offset: common serialisers write those, RFC 3339 does not."""
    if error.kind.name == "format":
        value = error.instance
        return error.kind.format == "date-time" and isinstance(value, str) and bool(_WITHOUT_OFFSET.fullmatch(value))
    branches = getattr(error.kind, "context", ())
    return any(branch and all(is_lenient(each) for each in branch) for branch in branches)


def _prepare(node: Any, *, nullable: bool, left_out: str) -> Any:
    """Make OpenAPI's schemas those of JSON Schema: 3.0's `nullable`, and what a side leaves out is not required there.

    The whole document is walked alike; what is no schema has none of these keywords.
    """
    if isinstance(node, list):
        return [_prepare(each, nullable=nullable, left_out=left_out) for each in node]
    if not isinstance(node, Mapping):
        return node
    made: dict[str, Any] = {}
    for key, value in node.items():
        if key in _NAMES_AS_KEYS and isinstance(value, Mapping):
            made[key] = {name: _prepare(each, nullable=nullable, left_out=left_out) for name, each in value.items()}
        else:
            made[key] = value if key in _VERBATIM else _prepare(value, nullable=nullable, left_out=left_out)
    properties, required = node.get("properties"), node.get("required")
    if isinstance(properties, Mapping) and isinstance(required, list):
        made["required"] = [name for name in required if not _marked(properties.get(name), left_out)]
        if not made["required"]:
            del made["required"]  # draft 4 forbids an empty list
    return _nullable(made) if nullable and node.get("nullable") is True and "type" in node else made


def _marked(schema: Any, keyword: str) -> bool:
    return isinstance(schema, Mapping) and schema.get(keyword) is True


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"enum": [None]}, {key: value for key, value in schema.items() if key != "nullable"}]}


def _refuse(address: str) -> Any:
    raise ValueError(f"{address} is outside the document and is not fetched")
