"""Where in the generated types does a place of a document stand? JSON pointers become paths of member names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from olorin_pipelines.diff import Finding
from olorin_pipelines.openapi import Snapshot
from olorin_pipelines.typegen import TypePath

__all__ = ["Components", "anchors_of"]

_SKIP_ONE = {"additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "schema", "then"}
_SKIP_TWO = {"allOf", "anyOf", "oneOf", "patternProperties", "prefixItems"}
_METHODS = {"delete", "get", "head", "options", "patch", "post", "put", "trace"}
_REFERENCE = re.compile(r'"\$ref": ?"#/components/schemas/([^"/]+)')


def anchors_of(finding: Finding, old: Snapshot, new: Snapshot) -> tuple[TypePath, ...]:
    """Return the members of the types that a finding is about; none when the types do not speak of it."""
    sides = ((finding.old_pointer, old), (finding.new_pointer, new))
    found = [path for pointer, side in sides if pointer for path in (_type_path(pointer, side.document),) if path]
    return tuple(dict.fromkeys(found))


def _type_path(pointer: str, document: Mapping[str, Any]) -> TypePath | None:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    match parts:
        case ["components", kind, name, *rest]:
            return ("components", kind, name, *_members(rest))
        case ["paths", path]:
            return ("paths", path)
        case ["paths", path, "parameters", index, *rest]:
            named = _parameter(document, (document.get("paths") or {}).get(path) or {}, index)
            return ("paths", path, "parameters", *named, *_members(rest)) if named else ("paths", path)
        case ["paths", path, method, *rest] if method in _METHODS:
            return _in_operation(document, path, method, rest)
    return None


def _in_operation(document: Mapping[str, Any], path: str, method: str, rest: list[str]) -> TypePath | None:
    item = (document.get("paths") or {}).get(path)
    operation = item.get(method) if isinstance(item, Mapping) else None
    if not isinstance(operation, Mapping):
        return None
    name = operation.get("operationId")
    root: TypePath = ("operations", name) if isinstance(name, str) and name else ("paths", path, method)
    match rest:
        case []:
            return root
        case ["parameters", index, *below]:
            named = _parameter(document, operation, index)
            return (*root, "parameters", *named, *_members(below)) if named else root
        case ["requestBody" | "responses", *_]:
            return (*root, *_members(rest))
    return None


def _parameter(document: Mapping[str, Any], holder: Mapping[str, Any], index: str) -> TypePath:
    listed = holder.get("parameters")
    if not isinstance(listed, list) or not index.isdigit() or int(index) >= len(listed):
        return ()
    found = listed[int(index)]
    if isinstance(found, Mapping) and isinstance(found.get("$ref"), str):
        found = ((document.get("components") or {}).get("parameters") or {}).get(found["$ref"].rsplit("/", 1)[-1])
    if not isinstance(found, Mapping):
        return ()
    return (str(found.get("in")), str(found.get("name")))


def _members(rest: list[str]) -> TypePath:
    """Drop what has no name in the types, and stop at a keyword."""
    found: list[str] = []
    index = 0
    while index < len(rest):
        part = rest[index]
        if part == "properties" and index + 1 < len(rest):
            found.append(rest[index + 1])
            index += 2
        elif part in _SKIP_TWO:
            index += 2
        elif part in _SKIP_ONE:
            index += 1
        elif part in ("content", "headers", "responses") and index + 1 < len(rest):
            found += rest[index : index + 2]
            index += 2
        elif part == "requestBody":
            found.append(part)
            index += 1
        else:
            break
    return tuple(found)


class Components:
    """Which component schemas lie inside which others, in one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        schemas = (document.get("components") or {}).get("schemas") or {}
        self._direct = {name: set(_REFERENCE.findall(json.dumps(schema))) for name, schema in schemas.items()}
        self.inside = lru_cache(maxsize=None)(self._inside)

    def _inside(self, name: str) -> frozenset[str]:
        """Return the schema `name` and all that it refers to."""
        found = {name}
        waiting = [name]
        while waiting:
            fresh = self._direct.get(waiting.pop(), set()) - found
            found |= fresh
            waiting += fresh
        return frozenset(found)

    def holds(self, outer: TypePath, inner: TypePath) -> bool:
        """Whether a value of the member `outer` can contain the member `inner`."""
        if inner[: len(outer)] == outer or outer[: len(inner)] == inner:
            return True
        shared = ("components", "schemas")
        if outer[:2] != shared or inner[:2] != shared or len(outer) < 3 or len(inner) < 3:
            return False
        return outer[2] != inner[2] and inner[2] in self.inside(outer[2])
