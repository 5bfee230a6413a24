"""Where are the schemas of an operation that is written the same on both sides? What differs lies behind references."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from olorin_pipelines.diff.change import Place
from olorin_pipelines.diff.operation import Side
from olorin_pipelines.diff.parameters import IGNORED_HEADERS, Parameter
from olorin_pipelines.diff.schemas import Part
from olorin_pipelines.diff.shape import Node
from olorin_pipelines.openapi import Pointer, join

__all__ = ["sites"]


Leads: TypeAlias = Callable[[Any], bool]


def sites(old: Side, new: Side, leads: Leads) -> list[Part] | None:
    """Return the pairs of schemas that lead to what differs.

    None when anything but a schema is a reference: then all has to be looked at.
    """
    one, two = old.operation, new.operation
    if (one.path_item.get("parameters") and one.item.get("parameters")) or "callbacks" in one.item:
        return None
    parts: list[Part] = []
    pairs = ((one.path_item, _parent(one.pointer), _parent(two.pointer)), (one.item, one.pointer, two.pointer))
    for owner, at, to in pairs:
        for i, item in enumerate(owner.get("parameters") or ()):
            if "$ref" in item or "content" in item:
                return None
            if leads(item):
                parameter = Parameter(str(item.get("name")), str(item.get("in")), item, join(at, "parameters", i))
                if parameter.place != "header" or parameter.name.lower() not in IGNORED_HEADERS:
                    pointers = parameter.pointer, join(to, "parameters", i)
                    parts += _schema(item, pointers, Place.REQUEST_PARAMETER, parameter.subject)
    body, responses = one.item.get("requestBody") or {}, one.item.get("responses") or {}
    answers = [response for response in responses.values() if isinstance(response, Mapping)]
    if "$ref" in body or any("$ref" in response for response in answers) or _shared_media(body, *answers):
        return None
    at, to = (join(side.pointer, "requestBody") for side in (one, two))
    parts += _content(body, (at, to), Place.REQUEST_BODY, "request body", leads)
    for status, response in responses.items():
        if not isinstance(response, Mapping) or status.startswith("x-"):
            continue
        here = join(one.pointer, "responses", status), join(two.pointer, "responses", status)
        parts += _content(response, here, Place.RESPONSE_BODY, f"body of response {status}", leads)
        for name, header in (response.get("headers") or {}).items():
            if "$ref" in header or name.lower() == "content-type":
                return None
            if leads(header):
                there = join(here[0], "headers", name), join(here[1], "headers", name)
                parts += _schema(header, there, Place.RESPONSE_HEADER, f"header `{name}` of response {status}")
    return parts


def _parent(pointer: Pointer) -> Pointer:
    return pointer.rpartition("/")[0]


def _shared_media(*owners: Mapping[str, Any]) -> bool:
    return any("$ref" in media for owner in owners for media in (owner.get("content") or {}).values())


def _content(
    owner: Mapping[str, Any], at: tuple[Pointer, Pointer], place: Place, label: str, leads: Leads
) -> Iterator[Part]:
    for name, media in (owner.get("content") or {}).items():
        for keyword, where in (("schema", place), ("itemSchema", place.below)):
            if keyword in media and leads(media[keyword]):
                said = label if keyword == "schema" else f"items of the {label}"
                steps = ("content", name, keyword)
                one, two = Node(media[keyword], join(at[0], *steps)), Node(media[keyword], join(at[1], *steps))
                yield Part(one, two, where, said)


def _schema(owner: Mapping[str, Any], at: tuple[Pointer, Pointer], place: Place, label: str) -> Iterator[Part]:
    if "schema" in owner:
        schema = owner["schema"]
        yield Part(Node(schema, join(at[0], "schema")), Node(schema, join(at[1], "schema")), place, label)
