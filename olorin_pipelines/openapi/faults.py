"""Is the document valid OpenAPI? The Initiative's own meta-schemas, and what a meta-schema cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from olorin_pipelines import yaml12
from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.openapi.metaschema import validator
from olorin_pipelines.openapi.operations import Operation, operations
from olorin_pipelines.openapi.parse import beside
from olorin_pipelines.openapi.refs import FILES, Pointer, join, path_of, resolve, walk_refs
from olorin_pipelines.openapi.snapshot import Snapshot
from olorin_pipelines.openapi.swagger_problems import swagger_problems

__all__ = ["Problem", "problems"]

_MOST = 100
_SEARCHED = 50_000
_TEMPLATE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of the document at `pointer`; line and column (1-based) are None when they could not be found."""

    pointer: Pointer
    message: str
    line: int | None = None
    column: int | None = None
    file: str = ""
    """The file it stands in, where that is not the document's own."""

    def __str__(self) -> str:
        told = [self.file] * bool(self.file) + [f"line {self.line}"] * bool(self.line)
        place = f" ({', '.join(told)})" if told else ""
        return f"{self.pointer or '/'}{place}: {self.message}"


def problems(snapshot: Snapshot) -> tuple[Problem, ...]:
    """Return the faults, at most a hundred; empty means valid.

    Checked: the meta-schema of the dialect (2.0, 3.0, 3.1, 3.2), dangling references, path parameters against the
    template, repeated parameters, repeated operation ids. Not checked: examples against their schemas.
    """
    found: dict[tuple[str, str], None] = {}
    for pointer, message in _all(snapshot):
        found.setdefault((pointer, message))
        if len(found) >= _MOST:
            break
    return tuple(_placed(snapshot, pointer, message) for pointer, message in found)


def _all(snapshot: Snapshot) -> Iterator[tuple[Pointer, str]]:
    document = _written(snapshot)
    for error in validator("2.0" if snapshot.written else snapshot.dialect).iter_errors(document):
        yield join("", *error.instance_path), _shortened(error.message)
    yield from _references(document)
    listed = list(operations(document))
    yield from _operation_ids(listed)
    for operation in listed:
        yield from _parameters(document, operation)
    if snapshot.written:
        yield from swagger_problems(document, listed)


def _written(snapshot: Snapshot) -> Mapping[str, Any]:
    return snapshot.document if snapshot.written is None else snapshot.written


def _shortened(message: str) -> str:
    return message if len(message) <= 300 else f"{message[:140]} … {message[-140:]}"


def _references(document: Mapping[str, Any]) -> Iterator[tuple[Pointer, str]]:
    known: dict[str, str] = {}
    for pointer, ref in walk_refs(document):
        if not isinstance(ref, str):
            yield pointer, "a reference must be a text"
            continue
        if ref not in known:
            known[ref] = _fault(document, ref)
        if known[ref]:
            yield pointer, known[ref]


def _fault(document: Mapping[str, Any], ref: str) -> str:
    if re.fullmatch(r"#[A-Za-z_][\w.-]*", ref):
        return ""  # an $anchor: legal from 3.1 on, judged by nobody here
    try:
        resolve(document, {"$ref": ref})
    except DocumentInvalid as error:
        return error.message.partition(": ")[2]
    return ""


def _operation_ids(listed: list[Operation]) -> Iterator[tuple[Pointer, str]]:
    first: dict[str, Operation] = {}
    for operation in listed:
        name = operation.operation_id
        if name and first.setdefault(name, operation) is not operation:
            message = f"the operationId {name!r} is also that of {first[name].key}"
            yield join(operation.pointer, "operationId"), message


def _parameters(document: Mapping[str, Any], operation: Operation) -> Iterator[tuple[Pointer, str]]:
    in_path: set[str] = set()
    for owner in (operation.path_item, operation.item):
        listed = owner.get("parameters")
        seen: set[tuple[str, str]] = set()
        for raw in listed if isinstance(listed, list) else ():
            try:
                parameter = resolve(document, raw)
            except DocumentInvalid:
                continue  # told by the check of references
            if not isinstance(parameter, Mapping):
                continue
            key = (str(parameter.get("in")), str(parameter.get("name")))
            if key in seen:
                yield operation.pointer, f"the {key[0]} parameter {key[1]!r} is given twice"
            seen.add(key)
        in_path |= {name for place, name in seen if place == "path"}
    names = _TEMPLATE.findall(operation.path)
    template = set(names)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield operation.pointer, f"the path parameter {name!r} stands twice in {operation.path}"
    for name in sorted(template - in_path):
        yield operation.pointer, f"the path parameter {name!r} is not declared"
    for name in sorted(in_path - template):
        yield operation.pointer, f"the path parameter {name!r} is not in the path {operation.path}"


def _placed(snapshot: Snapshot, pointer: Pointer, message: str) -> Problem:
    """Only small documents are searched for the line: the YAML reader needs about half a second for a megabyte."""
    raw, path, file = snapshot.raw, path_of(_written(snapshot), pointer), ""
    if path and path[0] == FILES:
        name = str(path[1]) if len(path) > 1 else ""
        raw, path, file = snapshot.files.get(name, b""), path[2:], beside(snapshot.source, name)
    place = None
    if len(raw) <= _SEARCHED:
        place = yaml12.locate(raw, path, source=file or snapshot.source)
    line, column = place or (None, None)
    return Problem(pointer, message, line, column, file)
