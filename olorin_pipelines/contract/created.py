"""Which resources did a run create that are still there? Learnt from the recorded exchanges alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import orjson

from olorin_pipelines.contract.judge import Exchange
from olorin_pipelines.contract.judge.inputs import path_values
from olorin_pipelines.contract.judge.operations import Operation

__all__ = ["Created", "Resource"]

MOST = 20_000
_MAKING = {201: ("POST", "PUT"), 200: ("POST",), 202: ("POST",)}
"""What may have created something, by status. A PUT answered 200 has changed what was there."""
_NAMES = ("id", "uuid", "key", "name", "slug")
_LINKS = ("self", "href", "url", "location")
_PARAMETER = re.compile(r"\{([^{}]+)\}")


class Resource(NamedTuple):
    """A resource by the operation that created it; `path` is empty when it cannot be deleted, and `why` says why."""

    operation: str
    path: str
    why: str = ""


class Created:
    """Takes exchanges in their order and remembers what was created and not deleted since.

    A 201 says so itself. A 200 or 202 to a POST may be anything: it counts where the answer says where a resource is,
    by Location, by a link or by its id, the request did not name it, and the document has a DELETE for it.
    """

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
        elif exchange.method in _MAKING.get(exchange.status or 0, ()) and len(self._there) < MOST:
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
        path = next((path for template in templates for path in _paths(template, operation, exchange)), None)
        if exchange.status != 201:
            if path is not None and path not in self._there and _is_new(path, exchange):
                self._there[path] = exchange.operation
        elif not templates:
            self._count(exchange, "the document has no DELETE for what it creates")
        elif path is None:
            self._count(exchange, "its answer does not say where the resource is")
        else:
            self._there[path] = exchange.operation

    def _count(self, exchange: Exchange, why: str) -> None:
        self._lost[exchange.operation, why] = self._lost.get((exchange.operation, why), 0) + 1


def _is_new(path: str, exchange: Exchange) -> bool:
    """Whether an answer that does not say "created" is about something that the request itself did not name."""
    name = unquote(path.rpartition("/")[2])
    return path != exchange.path and name.encode() not in exchange.body


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
    answer = _read(exchange.answer) if exchange.whole else None
    for address in _links(answer):
        if match := shape.search(urlsplit(address).path):
            yield match[0]
    value = _identity(answer, name)
    if value is not None:
        filled = {**path_values(operation.path, exchange.path), name: value}
        if set(_PARAMETER.findall(template)) <= filled.keys():
            yield _PARAMETER.sub(lambda match: quote(filled[match[1]], safe=""), template)


def _read(answer: bytes) -> Any:
    try:
        return orjson.loads(answer)
    except orjson.JSONDecodeError:
        return None


def _links(value: Any) -> Iterator[str]:
    """The addresses that an answer gives of what it is about: `self`, `href` and the like, also below `links`."""
    if not isinstance(value, dict):
        return
    for holder in (value, value.get("links"), value.get("_links")):
        for name, each in holder.items() if isinstance(holder, dict) else ():
            address = each.get("href") if isinstance(each, dict) else each
            if name in _LINKS and isinstance(address, str):
                yield address


def _identity(value: Any, parameter: str) -> str | None:
    """The value of an answer that names the resource: under the parameter's own name, else under a usual one."""
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
