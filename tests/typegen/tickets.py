"""The document of the consumer matrix."""

from __future__ import annotations

import json
from typing import Any

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
