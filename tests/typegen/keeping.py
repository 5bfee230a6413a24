"""A service that keeps any document as hard as it may.

It uses every freedom that its document gives: it leaves out what is optional, sends null where it may, prefers the last
value of an enum and the last alternative, and refuses every request that the document does not allow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs

Document = dict[str, Any]
Answer = tuple[int, Any, str | None]
"""Status, what is answered, and its media type, None without a body."""

_JSON = "application/json"
_DATES = {"date": "2026-01-31", "date-time": "2026-01-31T10:00:00Z"}


def sample(document: Document, schema: Document) -> Any:
    """Return the most inconvenient value that a schema allows; its example where it has one."""
    if "$ref" in schema:
        return sample(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][-1]
    for alternatives in ("oneOf", "anyOf"):
        if alternatives in schema:
            return sample(document, schema[alternatives][-1])
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return None if "null" in kinds else sample(document, {**schema, "type": kinds[-1]})
    match kinds:
        case "object":
            return _object(document, schema)
        case "array":
            return [sample(document, schema["items"])] * schema.get("minItems", 1)
        case "integer":
            return schema.get("maximum", 1)
        case "number":
            return 1.5
        case "boolean":
            return True
        case "null":
            return None
    return _DATES.get(schema.get("format", ""), "x" * schema.get("minLength", 0))


def _object(document: Document, schema: Document) -> Document:
    required = schema.get("required", [])
    made = {
        name: sample(document, one)
        for name, one in schema.get("properties", {}).items()
        if name in required and not one.get("writeOnly")
    }
    if isinstance(schema.get("additionalProperties"), dict):
        made["one"] = sample(document, schema["additionalProperties"])
    return made


@contextmanager
def serving(document: Document) -> Iterator[str]:
    """Serve a document on a free port of the loopback; yields the URL."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            status, body, media = _judged(document, self.command, self.path, self.headers, self.rfile.read(length))
            data = b"" if media is None else json.dumps(body).encode() if "json" in media else b"a,b\n"
            self.send_response(status)
            if media:
                self.send_header("content-type", media)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 - names of the standard library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _judged(document: Document, method: str, target: str, headers: Any, body: bytes) -> Answer:
    address = urlsplit(target)
    for path, item in document["paths"].items():
        pattern = re.sub(r"\\{[^}]*\\}", "([^/]+)", re.escape(path))
        found = re.fullmatch(pattern, address.path)
        if method.lower() in item and found:
            given = {
                "path": dict(zip(re.findall(r"{([^}]*)}", path), found.groups(), strict=True)),
                "query": {name: values[0] for name, values in parse_qs(address.query).items()},
                "header": headers,
                "cookie": {name: one.value for name, one in SimpleCookie(headers.get("cookie") or "").items()},
            }
            return _called(document, item[method.lower()], given, headers, body)
    return 404, {}, _JSON


def _called(document: Document, operation: Document, given: Mapping[str, Any], headers: Any, body: bytes) -> Answer:
    if operation.get("security") and not headers.get("authorization"):
        return 401, {}, _JSON
    for parameter in operation.get("parameters", ()):
        value = given[parameter["in"]].get(parameter["name"])
        if not (_allowed(parameter["schema"], value) if value is not None else not parameter.get("required")):
            return 422, {}, _JSON
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]
        if _JSON not in content or not headers.get("content-type", _JSON).startswith(_JSON):
            return 415, {}, _JSON
        schema = {**content[_JSON]["schema"], "components": document["components"]}
        if not body or not jsonschema_rs.is_valid(schema, json.loads(body)):
            return _refused(document, operation)
    return _answered(document, *next(iter(operation["responses"].items())))


def _allowed(schema: Document, value: str) -> bool:
    if schema.get("type") != "integer":
        return jsonschema_rs.is_valid(schema, value)
    return re.fullmatch(r"-?\d+", value) is not None and jsonschema_rs.is_valid(schema, int(value))


def _refused(document: Document, operation: Document) -> Answer:
    said = [one for one in operation["responses"].items() if one[0].startswith("4")]
    return _answered(document, *said[0]) if said else (422, {}, _JSON)


def _answered(document: Document, status: str, response: Document) -> Answer:
    media, content = next(iter(response.get("content", {}).items()), (None, {}))
    return int(status), sample(document, content["schema"]) if "schema" in content else None, media
