"""Is an answer one that the document allows? Status, content type and body of a single response, judged purely."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs
import orjson

from olorin_pipelines.contract.samples import resolve

__all__ = ["Answers"]

_NAMES_AS_KEYS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_VERBATIM = ("enum", "const", "default", "example", "examples")
_DOCUMENT = "urn:document"


class Answers:
    """Judges answers against one document. The document is prepared once; each schema when first needed."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._old = str(document.get("openapi", "")).startswith("3.0")
        draft = jsonschema_rs.Draft4 if self._old else jsonschema_rs.Draft202012
        prepared = {
            **{key: document[key] for key in ("paths",) if key in document},
            "components": document.get("components") or {},
        }
        self._registry = jsonschema_rs.Registry(
            [(_DOCUMENT, _prepare(prepared, nullable=self._old))], draft=draft, retriever=_refuse
        )

    def fault(
        self, operation: Mapping[str, Any], pointer: str, status: int, content_type: str, body: bytes
    ) -> str | None:
        """Return what is wrong with an answer to `operation` at `pointer` (`/paths/~1x/get`), None when nothing is.

        Values of the answer are left out of the text: they are production data.
        """
        responses = operation.get("responses") or {}
        name = _documented(responses, status)
        if status >= 500:
            return f"answered {status}"
        if name is None:
            return f"status {status} is not documented ({', '.join(map(str, responses))} are)"
        response, pointer = self._follow(responses[name], f"{pointer}/responses/{name}")
        content = response.get("content") or {}
        if not content or status in (204, 205, 304):
            return None
        kind = content_type.partition(";")[0].strip().lower()
        media = _media(content, kind)
        if media is None:
            return f"content type {kind or 'missing'} is not documented for {status} ({', '.join(content)} is)"
        if not _is_json(kind) or "schema" not in content[media]:
            return None
        return self._body_fault(f"{pointer}/content/{_escape(media)}/schema", body)

    def _follow(self, node: Any, pointer: str) -> tuple[Mapping[str, Any], str]:
        """A response may be a reference: return it and its own place."""
        for _ in range(32):
            if not isinstance(node, Mapping) or "$ref" not in node:
                break
            pointer = unquote(str(node["$ref"])).removeprefix("#")
            node = resolve(self._document, {"$ref": node["$ref"]})
        return (node if isinstance(node, Mapping) else {}), pointer

    def _body_fault(self, pointer: str, body: bytes) -> str | None:
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            return "the body is not JSON"
        kind = jsonschema_rs.Draft4Validator if self._old else jsonschema_rs.Draft202012Validator
        reference = {"$ref": f"{_DOCUMENT}#{quote(pointer, safe='/~')}"}
        validator = kind(reference, registry=self._registry, retriever=_refuse, mask="[value]", validate_formats=False)
        found = next(iter(validator.iter_errors(value)), None)
        if found is None:
            return None
        place = "".join(f"/{part}" for part in found.instance_path) or "/"
        return f"the body violates its schema at {place}: {found.message}"


def _documented(responses: Mapping[str, Any], status: int) -> str | None:
    names = {str(name).lower(): str(name) for name in responses}
    wanted = (str(status), f"{status // 100}xx", "default")
    return next((names[name] for name in wanted if name in names), None)


def _media(content: Mapping[str, Any], kind: str) -> str | None:
    """The documented media type that covers `kind`, the most exact first."""
    plain = {str(name).partition(";")[0].strip().lower(): str(name) for name in content}
    wanted = (kind, f"{kind.partition('/')[0]}/*", "*/*")
    return next((plain[name] for name in wanted if name in plain), None)


def _is_json(kind: str) -> bool:
    return kind in ("application/json", "text/json") or kind.endswith("+json")


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _prepare(node: Any, *, nullable: bool) -> Any:
    """Make OpenAPI's schemas those of JSON Schema: 3.0's `nullable`, and `writeOnly`, which an answer leaves out.

    The whole document is walked alike; what is no schema has none of these keywords.
    """
    if isinstance(node, list):
        return [_prepare(each, nullable=nullable) for each in node]
    if not isinstance(node, Mapping):
        return node
    made: dict[str, Any] = {}
    for key, value in node.items():
        if key in _NAMES_AS_KEYS and isinstance(value, Mapping):
            made[key] = {name: _prepare(each, nullable=nullable) for name, each in value.items()}
        else:
            made[key] = value if key in _VERBATIM else _prepare(value, nullable=nullable)
    properties, required = node.get("properties"), node.get("required")
    if isinstance(properties, Mapping) and isinstance(required, list):
        made["required"] = [name for name in required if not _write_only(properties.get(name))]
        if not made["required"]:
            del made["required"]  # draft 4 forbids an empty list
    return _nullable(made) if nullable and node.get("nullable") is True and "type" in node else made


def _write_only(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("writeOnly") is True


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [{"enum": [None]}, {key: value for key, value in schema.items() if key != "nullable"}]}


def _refuse(address: str) -> Any:
    raise ValueError(f"{address} is outside the document and is not fetched")
