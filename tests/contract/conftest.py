"""A small real HTTP service with a document that it keeps, and faults that can be seeded one by one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

TOKEN = "s3cr3t/token+for:tests"

_PROBLEM = {
    "description": "refused",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_ITEM = {"description": "an item", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
_ID = {"name": "item_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}, "example": 1}
_REFUSALS = {"400": _PROBLEM, "401": _PROBLEM, "404": _PROBLEM}

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Items", "version": "1"},
    "servers": [{"url": "http://never.invalid/elsewhere"}],
    "security": [{"bearer": []}],
    "paths": {
        "/items": {
            "get": {
                "operationId": "listItems",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 50}}
                ],
                "responses": {
                    "200": {
                        "description": "items",
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}
                            }
                        },
                    },
                    **_REFUSALS,
                },
            },
            "post": {
                "operationId": "createItem",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewItem"}}},
                },
                "responses": {
                    "201": {
                        **_ITEM,
                        "links": {
                            "read": {"operationId": "readItem", "parameters": {"item_id": "$response.body#/id"}},
                            "remove": {"operationId": "removeItem", "parameters": {"item_id": "$response.body#/id"}},
                        },
                    },
                    **_REFUSALS,
                },
            },
        },
        "/items/{item_id}": {
            "parameters": [_ID],
            "get": {"operationId": "readItem", "responses": {"200": _ITEM, **_REFUSALS}},
            "delete": {"operationId": "removeItem", "responses": {"204": {"description": "gone"}, **_REFUSALS}},
        },
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "NewItem": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 20}},
            },
            "Item": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
            },
            "Problem": {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}},
        },
    },
}


@dataclass
class Service:
    """What the tests see of the running service: its address, its faults, what it was asked."""

    url: str = ""
    faults: set[str] = field(default_factory=set)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    items: dict[int, str] = field(default_factory=dict)
    stop: Any = None

    def reset(self, *faults: str) -> None:
        self.faults, self.items = set(faults), {1: "first"}
        self.requests.clear()

    def methods(self) -> set[str]:
        return {method for method, *_ in self.requests}


class _Refused(Exception):
    def __init__(self, status: int) -> None:
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    service: Service
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.service.requests.append((self.command, self.path, dict(self.headers.items()), body))
        kind = "application/json"
        try:
            status, answer = self._route(body)
        except _Refused as refused:
            status, answer = refused.status, {"error": f"refused with {refused.status}"}
        if "text" in self.service.faults and status == 200:
            kind = "text/plain"
        if "echo" in self.service.faults and status >= 400:
            answer = {"error": f"you sent {self.headers.get('Authorization')}"}
        data = b"" if status == 204 else json.dumps(answer).encode()
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if status == 405:
            self.send_header("Allow", "GET, POST" if self.path.endswith("/items") else "GET, DELETE")
        self.send_header("Set-Cookie", "session=abc")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _route(self, body: bytes) -> tuple[int, Any]:
        address = urlsplit(self.path)
        faults = self.service.faults
        if "hang" in faults:
            self.service.stop.wait(30)
        if not address.path.startswith("/base/items"):
            raise _Refused(404)
        allowed = {"GET", "POST"} if address.path == "/base/items" else {"GET", "DELETE"}
        if self.command not in allowed:
            raise _Refused(405)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}" and "open" not in faults:
            raise _Refused(401)
        if address.path == "/base/items":
            return self._create(body) if self.command == "POST" else self._list(parse_qs(address.query, True))
        return self._one(address.path.removeprefix("/base/items/"))

    def _list(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        text = query.get("limit", ["50"])[-1]
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 50:
            raise _Refused(400)
        if text == "50" and "limit" in query and "boundary" in self.service.faults:
            return 500, {"error": "off by one"}
        return 200, [self._item(key) for key in sorted(self.service.items)[: int(text)]]

    def _create(self, body: bytes) -> tuple[int, Any]:
        try:
            sent = json.loads(body)
        except ValueError:
            raise _Refused(400) from None
        name = sent.get("name") if isinstance(sent, dict) and set(sent) == {"name"} else None
        kind = (self.headers.get("Content-Type") or "").partition(";")[0]
        if not isinstance(name, str) or not 1 <= len(name) <= 20 or kind != "application/json":
            raise _Refused(400)
        if len(name) == 20 and "undocumented" in self.service.faults:
            raise _Refused(418)
        key = max(self.service.items, default=0) + 1
        self.service.items[key] = name
        return 201, self._item(key)

    def _one(self, text: str) -> tuple[int, Any]:
        if not text.isascii() or not text.isdigit() or int(text) < 1:
            raise _Refused(400)
        key = int(text)
        if key not in self.service.items:
            raise _Refused(404)
        if self.command == "DELETE":
            if "undead" not in self.service.faults:
                del self.service.items[key]
            return 204, None
        return 200, self._item(key)

    def _item(self, key: int) -> dict[str, Any]:
        if "schema" in self.service.faults:
            return {"id": str(key), "name": self.service.items[key]}
        if "renamed" in self.service.faults:
            return {"id": key, "title": self.service.items[key]}
        return {"id": key, "name": self.service.items[key]}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up early is no error of a test."""


@pytest.fixture(scope="session")
def _running() -> Iterator[Service]:
    service = Service(stop=threading.Event())
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"service": service}))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}/base"
    yield service
    service.stop.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _second_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a first answer may take seconds; given up, its request would be sent twice."""
    monkeypatch.setattr("olorin_pipelines.contract.lanes.SECOND_SECONDS", 30.0)


@pytest.fixture
def service(_running: Service) -> Service:
    """The running service without faults, its memory empty but for item 1."""
    _running.reset()
    return _running


@pytest.fixture
def document() -> dict[str, Any]:
    """A copy of the document that the service keeps."""
    return deepcopy(DOCUMENT)


@pytest.fixture
def headers() -> dict[str, str]:
    """What the service wants to see."""
    return {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def secret() -> str:
    """The part of the headers that must not be found anywhere."""
    return TOKEN


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The cache that runs of a session share."""
    return tmp_path_factory.mktemp("tables")
