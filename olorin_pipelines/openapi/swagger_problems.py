"""What does the meta-schema of Swagger 2.0 not say? Bodies, forms, files, and lists without items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.openapi.operations import Operation
from olorin_pipelines.openapi.refs import Pointer, join, resolve

__all__ = ["swagger_problems"]


def swagger_problems(document: Mapping[str, Any], listed: list[Operation]) -> Iterator[tuple[Pointer, str]]:
    """Yield (pointer, message) for each fault of a Swagger 2.0 document that only its text forbids."""
    for operation in listed:
        yield from _sent(document, operation)
    yield from _lists(document)


def _sent(document: Mapping[str, Any], operation: Operation) -> Iterator[tuple[Pointer, str]]:
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for owner in (operation.path_item, operation.item):
        raw = owner.get("parameters")
        for one in raw if isinstance(raw, list) else ():
            try:
                parameter = resolve(document, one)
            except DocumentInvalid:
                continue
            if isinstance(parameter, Mapping):
                found[str(parameter.get("in")), str(parameter.get("name"))] = parameter
    places = [place for place, _ in found]
    if places.count("body") > 1:
        yield operation.pointer, "there is more than one body parameter"
    if "body" in places and "formData" in places:
        yield operation.pointer, "body and formData parameters exclude each other"
    consumes = operation.item.get("consumes") or document.get("consumes")
    forms = [one for one in (consumes if isinstance(consumes, list) else ()) if one in _FORMS]
    if any(one.get("type") == "file" for one in found.values()) and not forms:
        yield operation.pointer, "a file needs `consumes: multipart/form-data` or application/x-www-form-urlencoded"


_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def _lists(document: Mapping[str, Any]) -> Iterator[tuple[Pointer, str]]:
    """A list has to say of what, and what is required has to be described (Swagger 2.0, Schema Object)."""
    waiting: list[tuple[Any, Pointer]] = [(document, "")]
    while waiting:
        node, pointer = waiting.pop()
        if isinstance(node, list):
            waiting += [(one, join(pointer, i)) for i, one in enumerate(node)]
        elif isinstance(node, Mapping):
            yield from ((pointer, message) for message in _schema_faults(node))
            values = _VALUES | ({"default"} if "type" in node else set())
            waiting += [(value, join(pointer, key)) for key, value in node.items() if key not in values]


_VALUES = frozenset({"enum", "example", "examples"})


def _schema_faults(node: Mapping[str, Any]) -> Iterator[str]:
    if node.get("type") == "array" and "items" not in node:
        yield "a list needs `items`"
    required, properties = node.get("required"), node.get("properties")
    if isinstance(required, list) and isinstance(properties, Mapping) and "allOf" not in node:
        names = (name for name in required if isinstance(name, str) and name not in properties)
        yield from (f"{name!r} is required and not described" for name in names)
