"""How are the parts of a body written, before and after? The encodings of multipart bodies and forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from olorin_pipelines.diff.change import UNSHOWN, Change, Place
from olorin_pipelines.diff.values import short, text_of
from olorin_pipelines.openapi import Pointer, join

__all__ = ["encoding_changes"]

_FIELDS = ("encoding", "itemEncoding", "prefixEncoding")


def encoding_changes(
    old: tuple[Mapping[str, Any], Pointer], new: tuple[Mapping[str, Any], Pointer], place: Place, label: str
) -> Iterator[Change]:
    """Yield what became of the encodings of one media type; more content types of a part are wider, fewer narrower."""
    (before, at), (after, to) = old, new
    for field in _FIELDS[1:]:
        if before.get(field) != after.get(field):
            yield _unshown(before.get(field), after.get(field), at, to, f"`{field}` of the {label}")
    parts, others = _parts(before), _parts(after)
    for name in sorted(parts.keys() | others.keys()):
        one, two = parts.get(name, {}), others.get(name, {})
        subject = f"`encoding` of `{name}` of the {label}"
        here = join(at, "encoding", name) if name in parts else at
        there = join(to, "encoding", name) if name in others else to
        if _written(one) != _written(two):
            yield _unshown(one, two, here, there, subject)
            continue
        types, more = _types(one), _types(two)
        if types == more:
            continue
        if types is None or more is None or not (types < more or more < types):
            yield _unshown(one, two, here, there, subject)
            continue
        side = "request-body" if place.request else "response-body"
        kind = f"{side}-encoding-{'widened' if types < more else 'narrowed'}"
        yield Change(kind, here, there, ", ".join(sorted(types)), ", ".join(sorted(more)), subject)


def _parts(media: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    listed = media.get("encoding")
    found = listed.items() if isinstance(listed, Mapping) else ()
    return {name: part for name, part in found if isinstance(part, Mapping)}


def _written(part: Mapping[str, Any]) -> str:
    """Everything but the content type, with the defaults filled in (OpenAPI, Encoding Object)."""
    style = part.get("style", "form")
    filled = {
        "style": style,
        "explode": part.get("explode", style == "form"),
        "allowReserved": part.get("allowReserved", False),
        "headers": part.get("headers") or {},
        **{field: part[field] for field in _FIELDS if field in part},
    }
    return text_of(filled)


def _types(part: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the content types, None for the default, which depends on the schema."""
    listed = part.get("contentType")
    return frozenset(one.strip().lower() for one in listed.split(",")) if isinstance(listed, str) else None


def _unshown(before: Any, after: Any, at: Pointer, to: Pointer, subject: str) -> Change:
    return Change(UNSHOWN, at, to, short(text_of(before)), short(text_of(after)), subject)
