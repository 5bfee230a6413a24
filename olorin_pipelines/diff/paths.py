"""Which paths and operations came, went or stayed? A path template is the same whatever its parameters are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from olorin_pipelines.diff.change import Change
from olorin_pipelines.diff.lifecycle import removal_kind
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.openapi import Operation, Pointer, join, methods_of

__all__ = ["Pair", "PathItem", "match_paths", "match_webhooks", "path_item", "presence"]

_VARIABLE = re.compile(r"\{([^{}]*)\}")


class PathItem(NamedTuple):
    """A path, its resolved path item, and its operations by method."""

    path: str
    pointer: Pointer
    operations: Mapping[str, Operation]

    @property
    def variables(self) -> list[str]:
        """The names in the template, in order."""
        return _VARIABLE.findall(self.path)


class Pair(NamedTuple):
    """A path on both sides; None where it does not exist."""

    old: PathItem | None
    new: PathItem | None


def match_paths(old: Reader, new: Reader) -> Iterator[Pair]:
    """Yield every path once: matched by its text first, then by its template."""
    before, after = _paths(old), _paths(new)
    templates = {_template(path): path for path in after if path not in before}
    matched = set()
    for path, item in before.items():
        other = path if path in after else templates.pop(_template(path), None)
        matched.add(other)
        yield Pair(item, after[other] if other is not None else None)
    for path, item in after.items():
        if path not in matched:
            yield Pair(None, item)


def _template(path: str) -> str:
    return _VARIABLE.sub("{}", path)


def match_webhooks(old: Reader, new: Reader) -> Iterator[Pair]:
    """Yield every webhook once, matched by its name."""
    before, after = _paths(old, "webhooks"), _paths(new, "webhooks")
    for name in before | after:
        yield Pair(before.get(name), after.get(name))


def _paths(reader: Reader, field: str = "paths") -> dict[str, PathItem]:
    listed = reader.document.get(field)
    label = "" if field == "paths" else "webhook "
    return {
        name: path_item(reader, label + name, raw, join(f"/{field}", name))
        for name, raw in (listed.items() if isinstance(listed, Mapping) else ())
        if not name.startswith("x-")
    }


def path_item(reader: Reader, path: str, raw: Any, at: Pointer) -> PathItem:
    """Read one path item; `path` is what its operations are called by."""
    item, pointer = reader.resolve(raw, at)
    return PathItem(path, at, _operations(item, path, pointer))


def _operations(item: Any, path: str, pointer: Pointer) -> dict[str, Operation]:
    return {
        method: Operation(method=method, path=path, pointer=at, item=operation, path_item=item)
        for method, at, operation in methods_of(item, pointer)
    }


def presence(pair: Pair, today: date | None = None) -> Iterator[tuple[Change, tuple[str, ...]]]:
    """Yield what came and went, each with the operations it reaches; a path that went is one change."""
    old = pair.old.operations if pair.old else {}
    new = pair.new.operations if pair.new else {}
    kinds = {method: removal_kind(operation, today) for method, operation in old.items() if method not in new}
    if pair.old and not new and len(old) > 1 and len(set(kinds.values())) == 1:
        kind = next(iter(kinds.values())).replace("api-", "api-path-")
        subject = f"path `{pair.old.path}`"
        methods = ", ".join(old)
        yield Change(kind, pair.old.pointer, None, methods, "", subject), tuple(op.key for op in old.values())
        return
    for method, kind in kinds.items():
        operation = old[method]
        subject = f"operation `{operation.key}`"
        yield Change(kind, operation.pointer, None, operation.key, "", subject), (operation.key,)
    for method, operation in new.items():
        if method not in old:
            subject = f"operation `{operation.key}`"
            yield Change("endpoint-added", None, operation.pointer, "", operation.key, subject), (operation.key,)
