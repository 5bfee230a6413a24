"""The document of the consumer matrix, and a service that keeps any version of it as hard as it may.

The mock uses every freedom that its document gives: it leaves out what is optional, sends null where it may, prefers
the last value of an enum, and refuses every request that the document does not allow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs

Document = dict[str, Any]


def tickets() -> Document:
    """Return the document of which every change of the matrix is a copy."""
    ticket = _object(
        {
            "id": {"type": "string", "minLength": 1},
            "title": {"type": "string", "minLength": 3, "maxLength": 80},
            "status": {"type": "string", "enum": ["open", "closed"]},
            "priority": {"type": "integer", "minimum": 1, "maximum": 5},
            "owner": {"$ref": "#/components/schemas/Owner"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "size": {"type": "number"},
            "note": {"type": "string"},
        },
        optional=("note",),
    )
    new = _object(
        {
            "title": {"type": "string"},
            "owner_email": {"type": "string"},
            "kind": {"type": "string", "enum": ["bug", "task"]},
        },
        optional=("owner_email", "kind"),
    )
    schemas = {
        "Ticket": ticket,
        "NewTicket": new,
        "Owner": _object({"name": {"type": "string"}, "email": {"type": "string"}}),
        "TicketList": _object({"items": {"type": "array", "items": _ref("Ticket")}, "total": {"type": "integer"}}),
        "Comment": _object({"text": {"type": "string"}}),
        "Report": _object({"open": {"type": "integer"}, "closed": {"type": "integer"}}),
    }
    identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    paths = {
        "/tickets": {
            "get": {
                "operationId": "listTickets",
                "parameters": [
                    {"name": "status", "in": "query", "schema": {"type": "string", "enum": ["open", "closed"]}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                ],
                "responses": {"200": _answer("TicketList")},
            },
            "post": {
                "operationId": "createTicket",
                "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("NewTicket")}}},
                "responses": {"201": _answer("Ticket")},
            },
        },
        "/tickets/{id}": {
            "get": {"operationId": "readTicket", "parameters": [identity], "responses": {"200": _answer("Ticket")}},
            "delete": {
                "operationId": "deleteTicket",
                "parameters": [identity],
                "responses": {"204": {"description": "gone"}},
            },
        },
        "/tickets/{id}/comments": {
            "get": {"operationId": "listComments", "parameters": [identity], "responses": {"200": _answer("Comment")}}
        },
        "/reports": {"get": {"operationId": "report", "responses": {"200": _answer("Report")}}},
    }
    info = {"title": "Tickets", "version": "1"}
    return json.loads(
        json.dumps({"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}})
    )


def _object(properties: Document, *, optional: tuple[str, ...] = ()) -> Document:
    return {"type": "object", "required": [one for one in properties if one not in optional], "properties": properties}


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(name: str) -> Document:
    headers = {"X-Trace": {"required": True, "schema": {"type": "string"}}}
    return {"description": name, "headers": headers, "content": {"application/json": {"schema": _ref(name)}}}


def sample(document: Document, schema: Document) -> Any:
    """Return the most inconvenient value that a schema allows."""
    if "$ref" in schema:
        return sample(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    if "enum" in schema:
        return schema["enum"][-1]
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return None if "null" in kinds else sample(document, {**schema, "type": kinds[-1]})
    match kinds:
        case "object":
            required = schema.get("required", [])
            return {
                name: sample(document, one) for name, one in schema.get("properties", {}).items() if name in required
            }
        case "array":
            return [sample(document, schema["items"])]
        case "integer":
            return schema.get("maximum", 1)
        case "number":
            return 1.5
        case "boolean":
            return True
    return "x" * schema.get("minLength", 0)


@contextmanager
def serving(document: Document) -> Iterator[str]:
    """Serve a document on a free port of the loopback; yields the URL."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            status, body = _judged(document, self.command, self.path, self.headers, self.rfile.read(length))
            data = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _any  # noqa: N815 - names of the standard library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _judged(document: Document, method: str, target: str, headers: Any, body: bytes) -> tuple[int, Any]:
    address = urlsplit(target)
    for path, item in document["paths"].items():
        pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path))
        if method.lower() in item and re.fullmatch(pattern, address.path):
            return _called(document, item[method.lower()], parse_qs(address.query), headers, body)
    return 404, {}


def _called(document: Document, operation: Document, query: Any, headers: Any, body: bytes) -> tuple[int, Any]:
    if operation.get("security") and not headers.get("authorization"):
        return 401, {}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] != "query":
            continue
        given = query.get(parameter["name"])
        if given is None and parameter.get("required"):
            return 422, {}
        number = parameter["schema"].get("type") == "integer"
        if given and not jsonschema_rs.is_valid(parameter["schema"], int(given[0]) if number else given[0]):
            return 422, {}
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        if "application/json" not in content:
            return 415, {}
        schema = {**content["application/json"]["schema"], "components": document["components"]}
        if not body or not jsonschema_rs.is_valid(schema, json.loads(body)):
            return 422, {}
    status, response = next(iter(operation["responses"].items()))
    content = next(iter(response.get("content", {}).values()), None)
    return int(status), sample(document, content["schema"]) if content else None
