"""How do the parameters of an operation differ? Those of the path and of the operation together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from olorin_pipelines.diff.change import UNSHOWN, Change, Place
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.schemas import Part
from olorin_pipelines.diff.shape import Node
from olorin_pipelines.openapi import Operation, Pointer, join

__all__ = ["IGNORED_HEADERS", "Parameter", "effective", "parameter_changes"]

IGNORED_HEADERS = frozenset({"accept", "authorization", "content-type"})
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


class Parameter(NamedTuple):
    """One resolved parameter."""

    name: str
    place: str
    item: Mapping[str, Any]
    pointer: Pointer

    @property
    def required(self) -> bool:
        """Whether every request has to carry it."""
        return self.place == "path" or self.item.get("required") is True

    @property
    def subject(self) -> str:
        """Its name for people."""
        return f"{self.place} parameter `{self.name}`"

    @property
    def serialization(self) -> str:
        """How its value is written, with the defaults filled in (OpenAPI, Parameter Object)."""
        style = self.item.get("style", _STYLES.get(self.place, "form"))
        explode = self.item.get("explode", style == "form")
        extras = [key for key in ("allowReserved", "allowEmptyValue") if self.item.get(key) is True]
        return " ".join([str(style), "exploded" if explode else "not exploded", *extras])

    @property
    def schema(self) -> Node:
        """Its schema, also when it is given as content."""
        if media := self.media_type:
            content = self.item["content"][media]
            schema = content.get("schema", True) if isinstance(content, Mapping) else True
            return Node(schema, join(self.pointer, "content", media, "schema"))
        return Node(self.item.get("schema", True), join(self.pointer, "schema"))

    @property
    def media_type(self) -> str:
        """The media type when it is given as content."""
        content = self.item.get("content")
        return next(iter(content), "") if isinstance(content, Mapping) else ""


def effective(reader: Reader, operation: Operation, variables: list[str]) -> dict[tuple[str, str], Parameter]:
    """Return the parameters by (place, name); a path parameter goes by its position in the template."""
    found: dict[tuple[str, str], Parameter] = {}
    parent = operation.pointer.rpartition("/")[0]
    for owner, base in ((operation.path_item, parent), (operation.item, operation.pointer)):
        listed = owner.get("parameters")
        for i, raw in enumerate(listed if isinstance(listed, list) else ()):
            item, pointer = reader.resolve(raw, join(base, "parameters", i))
            if isinstance(item, Mapping) and isinstance(item.get("name"), str):
                parameter = Parameter(item["name"], str(item.get("in")), item, pointer)
                found[_key(parameter, variables)] = parameter
    return {key: p for key, p in found.items() if p.place != "header" or key[1] not in IGNORED_HEADERS}


def _key(parameter: Parameter, variables: list[str]) -> tuple[str, str]:
    name = parameter.name
    if parameter.place == "path" and name in variables:
        name = f"{{{variables.index(name)}}}"
    return parameter.place, name.lower() if parameter.place == "header" else name


def parameter_changes(
    old: Mapping[tuple[str, str], Parameter], new: Mapping[tuple[str, str], Parameter]
) -> Iterator[Change | Part]:
    """Yield the changes of the parameters, and their schemas where both sides have them."""
    gone = {key: parameter for key, parameter in old.items() if key not in new}
    come = {key: parameter for key, parameter in new.items() if key not in old}
    for key, one in list(gone.items()):
        moved = [k for k, p in come.items() if p.name == one.name]
        if len(moved) == 1:
            two = come.pop(moved[0])
            del gone[key]
            kind = "request-parameter-location-changed"
            yield Change(kind, one.pointer, two.pointer, one.place, two.place, one.subject)
    for one in gone.values():
        need = "required" if one.required else "optional"
        yield Change("request-parameter-removed", one.pointer, None, need, "", one.subject)
    for two in come.values():
        yield _added(two)
    for key in old.keys() & new.keys():
        yield from _kept(old[key], new[key])


def _added(parameter: Parameter) -> Change:
    need = "required" if parameter.required else "optional"
    kind = "new-request-path-parameter" if parameter.place == "path" else f"new-{need}-request-parameter"
    return Change(kind, None, parameter.pointer, "", need, parameter.subject)


def _kept(old: Parameter, new: Parameter) -> Iterator[Change | Part]:
    at, subject = (old.pointer, new.pointer), old.subject
    if old.required != new.required:
        before, after = ("required", "optional") if old.required else ("optional", "required")
        yield Change(f"request-parameter-became-{after}", *at, before, after, subject)
    if (old.item.get("deprecated") is True) != (new.item.get("deprecated") is True):
        step = "deprecated" if new.item.get("deprecated") is True else "reactivated"
        yield Change(f"request-parameter-{step}", *at, "", "", subject)
    if old.media_type != new.media_type:
        yield Change(UNSHOWN, *at, old.media_type, new.media_type, f"`content` of the {subject}")
        return
    if old.serialization != new.serialization:
        kind = "request-parameter-serialization-changed"
        yield Change(kind, *at, old.serialization, new.serialization, subject)
    yield Part(old.schema, new.schema, Place.REQUEST_PARAMETER, subject)
