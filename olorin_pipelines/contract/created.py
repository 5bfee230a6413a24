"""Which resources did a run create that are still there? Learnt from the recorded exchanges alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import orjson

from olorin_pipelines.contract.judge import Exchange
from olorin_pipelines.contract.judge.inputs import path_values
from olorin_pipelines.contract.judge.operations import Operation

__all__ = ["Created", "Resource"]

MOST = 20_000
_NAMES = ("id", "uuid", "key", "name", "slug")
_PARAMETER = re.compile(r"\{([^{}]+)\}")


class Resource(NamedTuple):
    """A resource by the operation that created it; `path` is empty when it cannot be deleted, and `why` says why."""

    operation: str
    path: str
    why: str = ""


class Created:
    """Takes exchanges in their order and remembers what was created (201) and not deleted since."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations
        self._deletable = [each.path for each in operations.values() if each.method == "DELETE"]
        self._there: dict[str, str] = {}
        self._lost: dict[tuple[str, str], int] = {}

    def take(self, exchange: Exchange) -> None:
        """Take the next exchange."""
        if not exchange.good:
            return
        if exchange.method == "DELETE":
            below = exchange.path.rstrip("/") + "/"
            self._there = {
                path: key for path, key in self._there.items() if path != exchange.path and not path.startswith(below)
            }
        elif exchange.status == 201 and exchange.method in ("POST", "PUT") and len(self._there) < MOST:
            self._made(exchange)

    def deletable(self) -> list[Resource]:
        """Return what a documented DELETE can take away, the newest first: it may stand below what is older."""
        return [Resource(key, path) for path, key in reversed(self._there.items())]

    def lost(self) -> dict[tuple[str, str], int]:
        """Return how many resources of an operation cannot be deleted, by operation and reason."""
        return dict(self._lost)

    def _made(self, exchange: Exchange) -> None:
        operation = self._operations.get(exchange.operation)
        if operation is None or exchange.method != operation.method:
            return
        templates = [path for path in self._deletable if _is_of(path, operation.path)]
        if not templates:
            self._count(exchange, "the document has no DELETE for what it creates")
            return
        path = next((path for template in templates for path in _paths(template, operation, exchange)), None)
        if path is None:
            self._count(exchange, "its answer does not say where the resource is")
        else:
            self._there[path] = exchange.operation

    def _count(self, exchange: Exchange, why: str) -> None:
        self._lost[exchange.operation, why] = self._lost.get((exchange.operation, why), 0) + 1


def _is_of(template: str, path: str) -> bool:
    """Whether a DELETE on `template` takes away what `path` creates: itself, or one of its members."""
    rest = template.removeprefix(path.rstrip("/"))
    return template == path or (rest != template and bool(re.fullmatch(r"/\{[^{}/]+\}/?", rest)))


def _paths(template: str, operation: Operation, exchange: Exchange) -> Iterator[str]:
    if template == operation.path:
        yield exchange.path
        return
    located = urlsplit(exchange.answer_headers.get("location", "")).path
    shape = re.compile(_PARAMETER.sub("[^/]+", re.escape(template).replace(r"\{", "{").replace(r"\}", "}")) + "$")
    if located and (match := shape.search(located)):
        yield match[0]
    name = _PARAMETER.findall(template)[-1]
    value = _identity(exchange.answer, name) if exchange.whole else None
    if value is not None:
        filled = {**path_values(operation.path, exchange.path), name: value}
        if set(_PARAMETER.findall(template)) <= filled.keys():
            yield _PARAMETER.sub(lambda match: quote(filled[match[1]], safe=""), template)


def _identity(answer: bytes, parameter: str) -> str | None:
    """The value of an answer that names the resource: under the parameter's own name, else under a usual one."""
    try:
        value: Any = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return None
    for holder in (value, value.get("data") if isinstance(value, dict) else None):
        if not isinstance(holder, dict):
            continue
        plain = {_plain(key): each for key, each in holder.items()}
        for name in (_plain(parameter), *_NAMES):
            found = plain.get(name)
            if isinstance(found, str | int) and not isinstance(found, bool) and str(found):
                return str(found)
    return None


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
