"""Which operations does a document describe?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.openapi.refs import Pointer, join, resolve_at

__all__ = ["METHODS", "Operation", "methods_of", "operations"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_SAFE = frozenset({"get", "head", "options", "trace", "query"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. `item` is the operation object, `path_item` the resolved one around it."""

    method: str
    path: str
    pointer: Pointer
    item: Mapping[str, Any] = field(repr=False)
    path_item: Mapping[str, Any] = field(repr=False)

    @property
    def key(self) -> str:
        """The name used everywhere: "POST /api/v1/x"."""
        return f"{self.method} {self.path}"

    @property
    def operation_id(self) -> str:
        """`operationId`, empty when it is missing."""
        return str(self.item.get("operationId") or "")

    @property
    def safe(self) -> bool:
        """Whether the method is defined to change nothing (RFC 9110, section 9.2.1; QUERY by its own draft)."""
        return self.method.lower() in _SAFE

    @property
    def deprecated(self) -> bool:
        """Whether the operation is marked deprecated."""
        return self.item.get("deprecated") is True


def methods_of(path_item: Any, pointer: Pointer) -> Iterator[tuple[str, Pointer, Mapping[str, Any]]]:
    """Yield (METHOD, pointer, operation object) of a resolved path item, 3.2's additional methods included."""
    if not isinstance(path_item, Mapping):
        return
    for method in METHODS:
        if isinstance(item := path_item.get(method), Mapping):
            yield method.upper(), join(pointer, method), item
    more = path_item.get("additionalOperations")
    for method, item in more.items() if isinstance(more, Mapping) else ():
        if isinstance(item, Mapping):
            yield str(method), join(pointer, "additionalOperations", method), item


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield each operation below `paths`, in the order of the document; unreadable path items are left out."""
    paths = document.get("paths")
    for path, raw in paths.items() if isinstance(paths, Mapping) else ():
        try:
            path_item, at = resolve_at(document, raw, join("/paths", path))
        except DocumentInvalid:
            continue
        for method, pointer, item in methods_of(path_item, at):
            yield Operation(method=method, path=path, pointer=pointer, item=item, path_item=path_item)
