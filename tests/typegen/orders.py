"""The document of the consumers' habits, and the changes that each of them is tried with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from test_typegen_matrix import (
    added,
    both,
    closed,
    gone,
    optional,
    path_renamed,
    prop,
    removed,
    renamed,
    required,
    schema,
)
from tickets import _answer, _object, _ref

Document = dict[str, Any]
Change = Callable[[Document], object]


def orders() -> Document:
    """Return the document that every habit was written for."""
    order = _object(
        {
            "id": {"type": "string", "minLength": 1},
            "number": {"type": "integer", "minimum": 1},
            "state": {"type": "string", "enum": ["new", "paid", "sent"]},
            "total": {"type": "number"},
            "placed": {"type": "string", "format": "date"},
            "customer": _ref("Customer"),
            "lines": {"type": "array", "minItems": 1, "items": _ref("Line")},
            "note": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "meta": {"examples": [{"theme": "dark"}]},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        optional=("note",),
    )
    new = _object(
        {
            "reference": {"type": "string"},
            "channel": {"type": "string", "enum": ["web", "shop"]},
            "comment": {"type": "string"},
            "count": {"type": "integer"},
        },
        optional=("channel", "comment", "count"),
    )
    text = {"type": "string"}
    contact = {"name": {**text, "minLength": 1}, "email": text, "phone": text}
    page = {"items": {"type": "array", "minItems": 1, "items": _ref("Order")}, "next": {"type": ["string", "null"]}}
    counts = {"type": "object", "additionalProperties": {"type": "integer"}}
    schemas = {
        "Order": order,
        "NewOrder": new,
        "Customer": _object(contact, optional=("phone",)),
        "Line": _object({"sku": text, "quantity": {"type": "integer"}}),
        "Page": _object(page),
        "Change": {**_object({"id": text, "name": text}), "additionalProperties": False},
        "Profile": _object({"id": text, "name": text}),
        "Card": _object({"kind": {**text, "enum": ["card"]}, "last4": {**text, "minLength": 4}}),
        "Transfer": _object({"kind": {**text, "enum": ["transfer"]}, "iban": {**text, "minLength": 4}}),
        "Voucher": _object({"kind": {**text, "enum": ["voucher"]}, "code": text}),
        "Problem": _object({"code": {**text, "enum": ["duplicate", "invalid"]}, "message": text}),
        "Stats": _object({"counts": counts, "size": {"type": "integer"}}),
    }
    document = {"openapi": "3.1.0", "info": {"title": "Orders", "version": "1"}, "paths": _paths()}
    return json.loads(json.dumps({**document, "components": {"schemas": schemas}}))


def _paths() -> Document:
    identity = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    mapping = {name.lower(): f"#/components/schemas/{name}" for name in ("Card", "Transfer")}
    payment = {
        "oneOf": [_ref("Card"), _ref("Transfer")],
        "discriminator": {"propertyName": "kind", "mapping": mapping},
    }
    return {
        "/orders": {
            "get": {
                "operationId": "listOrders",
                "parameters": [
                    {"name": "state", "in": "query", "schema": {"type": "string", "enum": ["new", "paid", "sent"]}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                    {"name": "X-Tenant", "in": "header", "schema": {"type": "string"}},
                    {"name": "session", "in": "cookie", "schema": {"type": "string"}},
                ],
                "responses": {"200": _answer("Page")},
            },
            "post": {
                "operationId": "createOrder",
                "requestBody": _body("NewOrder"),
                "responses": {"201": _answer("Order"), "422": {"description": "refused", **_json(_ref("Problem"))}},
            },
        },
        "/orders/{id}": {
            "get": {"operationId": "readOrder", "parameters": [identity], "responses": {"200": _answer("Order")}},
            "delete": {
                "operationId": "deleteOrder",
                "parameters": [identity],
                "responses": {"204": {"description": "gone"}},
            },
        },
        "/orders/{id}/payment": {
            "get": {
                "operationId": "payment",
                "parameters": [identity],
                "responses": {"200": {"description": "payment", **_json(payment)}},
            }
        },
        "/profile": {
            "get": {"operationId": "readProfile", "responses": {"200": _answer("Profile")}},
            "put": {
                "operationId": "changeProfile",
                "requestBody": _body("Change"),
                "responses": {"200": _answer("Profile")},
            },
        },
        "/stats": {"get": {"operationId": "stats", "responses": {"200": _answer("Stats")}}},
    }


def _json(found: Document) -> Document:
    return {"content": {"application/json": {"schema": found}}}


def _body(name: str) -> Document:
    return {"required": True, **_json(_ref(name))}


def replaced(name: str, of: str, new: Document) -> Change:
    return lambda document: schema(document, of)["properties"].update({name: new})


def nullable(name: str, of: str) -> Change:
    def change(document: Document) -> None:
        found = schema(document, of)["properties"][name]
        found["type"] = [found["type"], "null"]
        if "enum" in found:
            found["enum"].append(None)

    return change


def parameter(name: str, *, needed: bool | None = None, **keywords: Any) -> Change:
    def change(document: Document) -> None:
        found = next(one for one in document["paths"]["/orders"]["get"]["parameters"] if one["name"] == name)
        found["schema"].update(keywords)
        found["required"] = found.get("required", False) if needed is None else needed

    return change


def asked(where: str, name: str) -> Change:
    new = {"name": name, "in": where, "required": True, "schema": {"type": "string"}}
    return lambda document: document["paths"]["/orders"]["get"]["parameters"].append(new)


def status(path: str, method: str, old: str, new: str) -> Change:
    def change(document: Document) -> None:
        responses = document["paths"][path][method]["responses"]
        document["paths"][path][method]["responses"] = {
            new if one == old else one: response for one, response in responses.items()
        }

    return change


def media(path: str, method: str, name: str) -> Change:
    def change(document: Document) -> None:
        for response in document["paths"][path][method]["responses"].values():
            response["content"] = {name: response["content"]["application/json"]}

    return change


def sent_as(name: str) -> Change:
    def change(document: Document) -> None:
        body = document["paths"]["/orders"]["post"]["requestBody"]
        body["content"] = {name: body["content"]["application/json"]}

    return change


def secured(path: str, method: str) -> Change:
    def change(document: Document) -> None:
        document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        document["paths"][path][method]["security"] = [{"key": []}]

    return change


def identity_renamed(document: Document) -> None:
    for path in ("/orders/{id}", "/orders/{id}/payment"):
        text = json.dumps(document["paths"].pop(path)).replace(
            '"name": "id", "in": "path"', '"name": "key", "in": "path"'
        )
        document["paths"][path.replace("{id}", "{key}")] = json.loads(text)


def voucher_added(document: Document) -> None:
    content = document["paths"]["/orders/{id}/payment"]["get"]["responses"]["200"]["content"]["application/json"]
    content["schema"]["oneOf"].append(_ref("Voucher"))
    content["schema"]["discriminator"]["mapping"]["voucher"] = "#/components/schemas/Voucher"


_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
CHANGES: dict[str, Change] = {
    "state removed": removed("state", "Order"),
    "state optional": optional("state", "Order"),
    "state nullable": nullable("state", "Order"),
    "state value added": prop("state", "Order", enum=["new", "paid", "sent", "lost"]),
    "state renamed": renamed("state", "status", "Order"),
    "state number": replaced("state", "Order", {"type": "integer"}),
    "total removed": removed("total", "Order"),
    "total optional": optional("total", "Order"),
    "total nullable": nullable("total", "Order"),
    "total text": replaced("total", "Order", {"type": "string"}),
    "total object": replaced("total", "Order", _object({"amount": {"type": "number"}})),
    "email removed": removed("email", "Customer"),
    "email optional": optional("email", "Customer"),
    "email nullable": nullable("email", "Customer"),
    "customer optional": optional("customer", "Order"),
    "customer nullable": replaced("customer", "Order", {"anyOf": [_ref("Customer"), {"type": "null"}]}),
    "id number": replaced("id", "Order", {"type": "integer"}),
    "placed date-time": prop("placed", "Order", format="date-time"),
    "placed optional": optional("placed", "Order"),
    "number float": replaced("number", "Order", {"type": "number"}),
    "quantity float": replaced("quantity", "Line", {"type": "number"}),
    "lines empty": prop("lines", "Order", minItems=0),
    "items empty": prop("items", "Page", minItems=0),
    "tags object": replaced("tags", "Order", _TEXTS),
    "tags of null": replaced("tags", "Order", {"type": "array", "items": {"type": ["string", "null"]}}),
    "note removed": removed("note", "Order"),
    "note nullable required": both(nullable("note", "Order"), required("note", "Order")),
    "meta text": replaced("meta", "Order", {"type": "string"}),
    "labels of numbers": replaced("labels", "Order", {"type": "object", "additionalProperties": {"type": "integer"}}),
    "counts text": replaced("counts", "Stats", _TEXTS),
    "state write only": prop("state", "Order", writeOnly=True),
    "email write only": prop("email", "Customer", writeOnly=True),
    "last4 optional": optional("last4", "Card"),
    "iban optional": optional("iban", "Transfer"),
    "iban renamed": renamed("iban", "number", "Transfer"),
    "voucher added": voucher_added,
    "channel gone": prop("channel", "NewOrder", enum=["shop"]),
    "channel required": required("channel", "NewOrder"),
    "branch required": added("branch", "NewOrder"),
    "comment removed closed": both(removed("comment", "NewOrder"), closed("NewOrder")),
    "new order closed": closed("NewOrder"),
    "reference limited": prop("reference", "NewOrder", minLength=9),
    "reference pattern": prop("reference", "NewOrder", pattern="^[A-Z]{9}$"),
    "reference number": replaced("reference", "NewOrder", {"type": "integer"}),
    "count limited": prop("count", "NewOrder", maximum=0),
    "profile answer grows": added("since", "Profile"),
    "status limit": parameter("limit", maximum=10),
    "state query value gone": parameter("state", enum=["paid", "sent"]),
    "required query": asked("query", "team"),
    "required header": asked("header", "X-Team"),
    "required cookie": asked("cookie", "key"),
    "tenant required": parameter("X-Tenant", needed=True),
    "session required": parameter("session", needed=True),
    "path parameter renamed": identity_renamed,
    "path renamed": path_renamed("/orders", "/purchases"),
    "item path renamed": path_renamed("/orders/{id}", "/order/{id}"),
    "201 to 200": status("/orders", "post", "201", "200"),
    "204 to 200": status("/orders/{id}", "delete", "204", "200"),
    "list as csv": media("/orders", "get", "text/csv"),
    "item as problem": media("/orders/{id}", "get", "application/vnd.order+json"),
    "form instead of json": sent_as("application/x-www-form-urlencoded"),
    "get secured": both(secured("/orders", "get"), secured("/orders/{id}", "get")),
    "post secured": secured("/orders", "post"),
    "post gone": gone("/orders", "post"),
    "delete gone": gone("/orders/{id}", "delete"),
    "problem code added": prop("code", "Problem", enum=["duplicate", "invalid", "closed"]),
    "problem message removed": removed("message", "Problem"),
    "problem message optional": optional("message", "Problem"),
    "422 to 400": status("/orders", "post", "422", "400"),
    "size zero": prop("size", "Stats", minimum=0, maximum=0),
}
