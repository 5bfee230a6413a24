"""What does the document expose that it should not? Internal endpoints and sensitive properties."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.openapi.operations import Operation, operations
from olorin_pipelines.openapi.refs import Pointer, join, resolve_at
from olorin_pipelines.openapi.snapshot import Snapshot

__all__ = ["AuditFinding", "audit"]

_INTERNAL = frozenset({"internal", "_internal", "admin", "debug", "metrics", "actuator", "_debug", "__debug__"})
_SENSITIVE = (
    ("password",),
    ("passwd",),
    ("passphrase",),
    ("secret",),
    ("token",),
    ("api", "key"),
    ("apikey",),
    ("private", "key"),
    ("ssn",),
    ("social", "security", "number"),
    ("card", "number"),
    ("cvv",),
    ("cvc",),
    ("credential",),
    ("credentials",),
)
"""A property is sensitive when the words of its name end with one of these: `access_token`, never `token_type`."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CHILDREN = ("items", "additionalProperties", "not", "contains", "unevaluatedProperties", "if", "then", "else")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """Something exposed: `id` is "internal-endpoint" or "sensitive-property"; `operation` is the first to expose it."""

    id: str
    pointer: Pointer
    message: str
    operation: str


def audit(snapshot: Snapshot, *, allow: Collection[str] = ()) -> tuple[AuditFinding, ...]:
    """Return what is exposed, in the order of the document.

    `allow` holds what is exposed on purpose: an operation ("GET /metrics"), a path, a property name, or a pointer.
    Sensitive properties are looked for in responses and their headers, below schemas that are not write-only.
    """
    document, found = snapshot.document, list[AuditFinding]()
    seen: set[int] = set()
    for operation in operations(document):
        if word := _internal(operation):
            message = f"{operation.key} is served in the public schema ({word})"
            found.append(AuditFinding("internal-endpoint", operation.pointer, message, operation.key))
        for pointer, name in _exposed(document, operation, seen):
            message = f"the response of {operation.key} holds the property {name!r}"
            found.append(AuditFinding("sensitive-property", pointer, message, operation.key))
    return tuple(finding for finding in found if not _allowed(finding, frozenset(allow)))


def _allowed(finding: AuditFinding, allow: frozenset[str]) -> bool:
    names = {finding.pointer}
    if finding.id == "internal-endpoint":
        names |= {finding.operation, finding.operation.partition(" ")[2]}
    else:
        names.add(finding.pointer.rpartition("/")[2])
    return not names.isdisjoint(allow)


def _internal(operation: Operation) -> str:
    """Return why the operation counts as internal, empty when it does not."""
    if True in (operation.item.get("x-internal"), operation.path_item.get("x-internal")):
        return "x-internal"
    return next((f"/{part}" for part in operation.path.lower().split("/") if part in _INTERNAL), "")


def sensitive(name: str) -> bool:
    """Whether the words of a snake_case, kebab-case or camelCase name end with a sensitive one."""
    words = tuple(word.lower() for word in _WORD.findall(name))
    singular = (*words[:-1], words[-1].removesuffix("s")) if words else words
    return any(ending in (words[-len(ending) :], singular[-len(ending) :]) for ending in _SENSITIVE)


def _exposed(document: Mapping[str, Any], operation: Operation, seen: set[int]) -> Iterator[tuple[Pointer, str]]:
    """Walk the response schemas; a schema that was already walked exposes nothing new."""
    stack = list(_response_schemas(document, operation))
    while stack:
        raw, at = stack.pop()
        schema, pointer = _resolved(document, raw, at)
        if not isinstance(schema, Mapping) or id(schema) in seen or schema.get("writeOnly") is True:
            continue
        seen.add(id(schema))
        properties = schema.get("properties")
        for name, child in properties.items() if isinstance(properties, Mapping) else ():
            where = join(pointer, "properties", name)
            shown = not (isinstance(child, Mapping) and child.get("writeOnly") is True)
            if shown and sensitive(name):
                yield where, name
            if shown:
                stack.append((child, where))
        stack.extend((schema[key], join(pointer, key)) for key in _CHILDREN if key in schema)
        for key in _LISTS:
            branches = schema.get(key)
            for i, branch in enumerate(branches if isinstance(branches, list) else ()):
                stack.append((branch, join(pointer, key, i)))


def _response_schemas(document: Mapping[str, Any], operation: Operation) -> Iterator[tuple[Any, Pointer]]:
    for raw, at in _entries(operation.item.get("responses"), join(operation.pointer, "responses")):
        response, pointer = _resolved(document, raw, at)
        if not isinstance(response, Mapping):
            continue
        for media, media_at in _entries(response.get("content"), join(pointer, "content")):
            if isinstance(media, Mapping) and "schema" in media:
                yield media["schema"], join(media_at, "schema")


def _entries(node: Any, pointer: Pointer) -> Iterator[tuple[Any, Pointer]]:
    for key, value in node.items() if isinstance(node, Mapping) else ():
        yield value, join(pointer, key)


def _resolved(document: Mapping[str, Any], node: Any, pointer: Pointer) -> tuple[Any, Pointer]:
    try:
        return resolve_at(document, node, pointer)
    except DocumentInvalid:
        return None, pointer
