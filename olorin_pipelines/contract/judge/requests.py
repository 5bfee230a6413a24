"""Does a request keep what the document says of its parameters and its body?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import orjson

from olorin_pipelines.contract.judge.answers import is_json, media_of
from olorin_pipelines.contract.judge.constraints import Broken, broken
from olorin_pipelines.contract.judge.exchange import Exchange
from olorin_pipelines.contract.judge.inputs import ABSENT, Kinds, parameter_value, path_values, query_values
from olorin_pipelines.contract.judge.operations import Operation
from olorin_pipelines.contract.judge.schemas import Schemas
from olorin_pipelines.contract.samples import resolve

__all__ = ["Requests", "without_credentials"]


class Requests:
    """Reads requests against one document."""

    def __init__(self, document: Mapping[str, Any], schemas: Schemas) -> None:
        self._document = document
        self._schemas, self._kinds = schemas, Kinds(document)
        self._last: tuple[Exchange | None, list[tuple[str, str, Any]]] = None, []

    def broken(self, operation: Operation, exchange: Exchange) -> Broken | None:
        """Return the first constraint that the request certainly violates. Raises ValueError for an unusable schema."""
        sent = self.values(operation, exchange)
        found = list(self._parameters(operation, sent))
        body = self._body(operation, exchange, sent)
        return min([*found, body] if body else found, key=lambda each: each.lenient, default=None)

    def values(self, operation: Operation, exchange: Exchange) -> list[tuple[str, str, Any]]:
        """Return place and name, pointer of the schema, and value of what was sent and can be read.

        Several judges ask for those of one exchange, one after the other: it is read once.
        """
        if self._last[0] is not exchange:
            self._last = exchange, list(self._values(operation, exchange))
        return self._last[1]

    def _values(self, operation: Operation, exchange: Exchange) -> Iterator[tuple[str, str, Any]]:
        query, path = query_values(exchange.query), path_values(operation.path, exchange.path)
        for parameter in operation.parameters:
            sent: list[str] | None = None
            if parameter.place == "query":
                sent = query.get(parameter.name)
            elif parameter.place == "path":
                sent = [path[parameter.name]] if parameter.name in path else [""]
            elif parameter.place == "header":
                header = exchange.headers.get(parameter.name.lower())
                sent = None if header is None else [header]
            else:
                continue
            value = parameter_value(self._kinds, parameter.node, sent)
            if value is not None:
                yield f"{parameter.place} {parameter.name}", parameter.pointer, value
        body = self.body(operation, exchange)
        if body is not None:
            yield "body", body[0], body[1]

    def body(self, operation: Operation, exchange: Exchange) -> tuple[str, Any] | None:
        """Return the pointer of the schema of a JSON body, and its value; None when it is none or cannot be read."""
        kind = exchange.headers.get("content-type", "").partition(";")[0].strip().lower()
        media = media_of(operation.bodies, kind)
        if media is None or not is_json(kind) or not exchange.body:
            return None
        try:
            return operation.bodies[media], orjson.loads(exchange.body)
        except orjson.JSONDecodeError:
            return None

    def resolved(self, schema: Any) -> Mapping[str, Any]:
        """Return a schema with its reference followed; of one or null, the one."""
        node = resolve(self._document, schema)
        if not isinstance(node, Mapping):
            return {}
        branches = [resolve(self._document, each) for each in node.get("anyOf") or ()]
        real = [each for each in branches if isinstance(each, Mapping) and each.get("type") != "null"]
        return real[0] if len(real) == 1 else node

    def schema_at(self, pointer: str) -> Mapping[str, Any]:
        """Return the schema at a pointer."""
        return self.resolved({"$ref": f"#{quote(pointer, safe='/~')}"})

    def _parameters(self, operation: Operation, sent: list[tuple[str, str, Any]]) -> Iterator[Broken]:
        for name, pointer, value in sent:
            if name == "body":
                continue
            if value is ABSENT:
                if name in operation.required:
                    yield Broken("required", name, pointer=pointer.removesuffix("/schema"))
                continue
            found = broken(self._schemas.validator(pointer, "request"), value)
            if found is not None:
                yield found._replace(at=f"{name}{found.at.rstrip('/')}")

    def _body(self, operation: Operation, exchange: Exchange, sent: list[tuple[str, str, Any]]) -> Broken | None:
        if not exchange.body:
            return Broken("required", "body", pointer=_of_body(operation)) if operation.body_required else None
        read = next((each for each in sent if each[0] == "body"), None)
        if read is None:
            return self._unreadable(operation, exchange)
        found = broken(self._schemas.validator(read[1], "request"), read[2])
        return found._replace(at=f"body{found.at.rstrip('/')}") if found else None

    def _unreadable(self, operation: Operation, exchange: Exchange) -> Broken | None:
        kind = exchange.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not operation.body_required or not is_json(kind) or media_of(operation.bodies, kind) is None:
            return None
        try:
            json.loads(exchange.body)  # lenient: it reads NaN, and every encoding of Unicode
        except ValueError:
            return Broken("JSON", "body", pointer=_of_body(operation))
        return None


def _of_body(operation: Operation) -> str:
    return f"{operation.pointer}/requestBody"


def without_credentials(operation: Operation, exchange: Exchange) -> bool:
    """Whether a secured operation was asked with none of the credentials that it knows."""
    if not operation.credentials:
        return False
    query = query_values(exchange.query)
    sent = {"header": exchange.headers.keys(), "query": query.keys(), "cookie": exchange.headers.get("cookie", "")}
    return not any(
        (each.name.lower() if each.place == "header" else each.name) in sent.get(each.place, ())
        for each in operation.credentials
    )
