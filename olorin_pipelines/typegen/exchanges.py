"""What do the operations of a document send and receive? JSON bodies by operation and status, as schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.openapi import Operation, Pointer, join, operations, resolve_at
from olorin_pipelines.typegen.schemas import Schemas

__all__ = ["Body", "Exchange", "exchanges"]

_STATUS = re.compile(r"[1-5](\d\d|XX)|default")
_JSON = re.compile(r"application/(json|[\w.!#$&^+-]+\+json)(\s*;.*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """A body: `schema` names its definition, "" when it is not JSON or has no schema; `examples` are values."""

    schema: str
    media_type: str
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One operation. `responses` maps "200", "4XX" or "default" to a body, None where none is documented."""

    key: str
    method: str
    path: str
    request: Body | None
    required: bool
    responses: Mapping[str, Body | None]


def exchanges(document: Mapping[str, Any], schemas: Schemas) -> Iterator[Exchange]:
    """Yield each operation of a document; their schemas are added to `schemas`."""
    reader = _Reader(document, schemas)
    for operation in operations(document):
        yield reader.exchange(operation)


class _Reader:
    def __init__(self, document: Mapping[str, Any], schemas: Schemas) -> None:
        self._document = document
        self._schemas = schemas

    def exchange(self, operation: Operation) -> Exchange:
        request, at = self._resolved(operation.item.get("requestBody"), join(operation.pointer, "requestBody"))
        responses: dict[str, Body | None] = {}
        listed = operation.item.get("responses")
        for status, raw in listed.items() if isinstance(listed, Mapping) else ():
            name = str(status) if status == "default" else str(status).upper()
            if _STATUS.fullmatch(name):
                response, place = self._resolved(raw, join(operation.pointer, "responses", status))
                responses[name] = self._body(response, place, answer=True)
        return Exchange(
            key=operation.key,
            method=operation.method,
            path=operation.path,
            request=self._body(request, at, answer=False),
            required=isinstance(request, Mapping) and request.get("required") is True,
            responses=responses,
        )

    def _body(self, holder: Any, pointer: Pointer, *, answer: bool) -> Body | None:
        content = holder.get("content") if isinstance(holder, Mapping) else None
        if not isinstance(content, Mapping) or not content:
            return None
        found = sorted((name for name in content if _JSON.fullmatch(name)), key=lambda name: name != "application/json")
        if not found:
            return Body("", next(iter(content)))
        media, at = self._resolved(content[found[0]], join(pointer, "content", found[0]))
        if not isinstance(media, Mapping):
            return Body("", found[0])
        schema = ""
        if "schema" in media:
            schema = self._schemas.root(media["schema"], "response" if answer else "request", join(at, "schema"))
        return Body(schema, found[0], tuple(self._examples(media)))

    def _examples(self, media: Mapping[str, Any]) -> Iterator[Any]:
        if "example" in media:
            yield media["example"]
        listed = media.get("examples")
        for raw in listed.values() if isinstance(listed, Mapping) else ():
            example, _ = self._resolved(raw, "")
            if isinstance(example, Mapping) and ("value" in example or "dataValue" in example):
                yield example.get("dataValue", example.get("value"))

    def _resolved(self, node: Any, pointer: Pointer) -> tuple[Any, Pointer]:
        try:
            return resolve_at(self._document, node, pointer)
        except DocumentInvalid:
            return None, pointer
