"""How do two versions of one operation differ? Its life, parameters, body, responses and security."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from olorin_pipelines.diff.change import Change, Place
from olorin_pipelines.diff.encodings import encoding_changes
from olorin_pipelines.diff.lifecycle import lifecycle_changes
from olorin_pipelines.diff.parameters import effective, parameter_changes
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.schemas import Part
from olorin_pipelines.diff.shape import Node
from olorin_pipelines.openapi import Operation, Pointer, join

__all__ = ["Side", "operation_changes"]


class Side(NamedTuple):
    """One version of an operation, with the reader of its document."""

    reader: Reader
    operation: Operation
    variables: list[str]

    def child(self, key: str) -> tuple[Any, Pointer]:
        """Return a resolved field of the operation and its pointer; {} when it is missing."""
        return self.reader.resolve(self.operation.item.get(key, {}), join(self.operation.pointer, key))


def operation_changes(old: Side, new: Side) -> Iterator[Change | Part]:
    """Yield the changes of an operation, and the schemas that have to be compared."""
    yield from _life(old.operation, new.operation)
    yield from parameter_changes(
        effective(old.reader, old.operation, old.variables), effective(new.reader, new.operation, new.variables)
    )
    yield from _body(old, new)
    yield from _responses(old, new)


def _life(old: Operation, new: Operation) -> Iterator[Change]:
    at = (old.pointer, new.pointer)
    yield from lifecycle_changes(old, new)
    if old.operation_id != new.operation_id:
        kind = "api-operation-id-removed" if old.operation_id else "api-operation-id-added"
        yield Change(kind, *at, old.operation_id, new.operation_id, f"operation `{old.key}`")


def _body(old: Side, new: Side) -> Iterator[Change | Part]:
    (before, at), (after, to) = old.child("requestBody"), new.child("requestBody")
    if not before and not after:
        return
    needs = ["required" if body.get("required") is True else "optional" for body in (before, after)]
    if not before:
        yield Change(f"request-body-added-{needs[1]}", None, to, "", needs[1], "request body")
    elif not after:
        yield Change("request-body-removed", at, None, needs[0], "", "request body")
    else:
        if needs[0] != needs[1]:
            yield Change(f"request-body-became-{needs[1]}", at, to, needs[0], needs[1], "request body")
        contents = _media_types(old.reader, before, at), _media_types(new.reader, after, to)
        yield from _content(*contents, Place.REQUEST_BODY, "request body")


_Media: TypeAlias = dict[str, tuple[str, Mapping[str, Any], Pointer]]


def _content(before: _Media, after: _Media, place: Place, label: str) -> Iterator[Change | Part]:
    """Compare media types; their names are compared without case and spaces."""
    stem = "request-body" if place.request else "response"
    for name, (written, media, at) in before.items():
        if name not in after:
            yield Change(f"{stem}-media-type-removed", at, None, written, "", f"media type `{written}` of the {label}")
            continue
        _, other, to = after[name]
        if ("schema" in media) != ("schema" in other):
            yield from _schema_presence(media, other, at, to, place, label)
        elif "schema" in media:
            one, two = Node(media["schema"], join(at, "schema")), Node(other["schema"], join(to, "schema"))
            yield Part(one, two, place, label)
        if "itemSchema" in media or "itemSchema" in other:
            items = [Node(side.get("itemSchema", True), join(to, "itemSchema")) for side in (media, other)]
            yield Part(
                items[0]._replace(pointer=join(at, "itemSchema")), items[1], place.below, f"items of the {label}"
            )
        yield from encoding_changes((media, at), (other, to), place, label)
    for name, (written, _, to) in after.items():
        if name not in before:
            yield Change(f"{stem}-media-type-added", None, to, "", written, f"media type `{written}` of the {label}")


def _schema_presence(old: Any, new: Any, at: Pointer, to: Pointer, place: Place, label: str) -> Iterator[Change]:
    kind = f"{place.value}-media-type-schema-{'added' if 'schema' in new else 'removed'}"
    texts = ["schema" if "schema" in side else "none" for side in (old, new)]
    yield Change(kind, at, to, texts[0], texts[1], label)


def _media_types(reader: Reader, owner: Mapping[str, Any], pointer: Pointer) -> _Media:
    content, at = owner.get("content"), join(pointer, "content")
    found: _Media = {}
    for name, raw in content.items() if isinstance(content, Mapping) else ():
        media, there = reader.resolve(raw, join(at, name))
        found[name.replace(" ", "").lower()] = (name, media if isinstance(media, Mapping) else {}, there)
    return found


def _responses(old: Side, new: Side) -> Iterator[Change | Part]:
    (before, at), (after, to) = (_statuses(side) for side in (old, new))
    for status, raw in before.items():
        if status not in after:
            yield Change(_status_kind(status, "removed"), join(at, status), None, status, "", f"response `{status}`")
            continue
        one, two = old.reader.resolve(raw, join(at, status)), new.reader.resolve(after[status], join(to, status))
        if isinstance(one[0], Mapping) and isinstance(two[0], Mapping):
            yield from _response(old, new, one, two, status)
    for status in after:
        if status not in before:
            yield Change(_status_kind(status, "added"), None, join(to, status), "", status, f"response `{status}`")


def _statuses(side: Side) -> tuple[dict[str, Any], Pointer]:
    responses, pointer = side.child("responses")
    return {key: value for key, value in responses.items() if not key.startswith("x-")}, pointer


def _status_kind(status: str, step: str) -> str:
    return f"response-{'success' if status.startswith('2') else 'non-success'}-status-{step}"


def _response(
    old: Side, new: Side, before: tuple[Any, Pointer], after: tuple[Any, Pointer], status: str
) -> Iterator[Change | Part]:
    (one, at), (two, to) = before, after
    contents = _media_types(old.reader, one, at), _media_types(new.reader, two, to)
    yield from _content(*contents, Place.RESPONSE_BODY, f"body of response {status}")
    first, second = _headers(old.reader, one, at), _headers(new.reader, two, to)
    for key in first | second:
        name, header, here = first.get(key) or ("", {}, None)
        other_name, other, there = second.get(key) or ("", {}, None)
        subject = f"header `{name or other_name}` of response {status}"
        need = "required" if header.get("required") is True else "optional"
        other_need = "required" if other.get("required") is True else "optional"
        if there is None:
            yield Change(f"{need}-response-header-removed", here, None, need, "", subject)
        elif here is None:
            yield Change("response-header-added", None, there, "", other_need, subject)
        else:
            if need != other_need:
                yield Change(f"response-header-became-{other_need}", here, there, need, other_need, subject)
            nodes = [Node(h.get("schema", True), join(p, "schema")) for h, p in ((header, here), (other, there))]
            yield Part(nodes[0], nodes[1], Place.RESPONSE_HEADER, subject)


def _headers(
    reader: Reader, response: Mapping[str, Any], pointer: Pointer
) -> dict[str, tuple[str, Mapping[str, Any], Pointer]]:
    """Header names have no case; Content-Type is described by the media types (OpenAPI, Response Object)."""
    found = {}
    listed = response.get("headers")
    for name, raw in listed.items() if isinstance(listed, Mapping) else ():
        header, at = reader.resolve(raw, join(pointer, "headers", name))
        if isinstance(header, Mapping) and name.lower() != "content-type":
            found[name.lower()] = (name, header, at)
    return found
