"""In what do two shapes differ? One difference per aspect; parts are compared by the walk, not here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from olorin_pipelines.diff.keywords import JUDGED, LISTED, MAPPED, NESTED
from olorin_pipelines.diff.shape import Bound, Shape
from olorin_pipelines.diff.values import short, text_of

__all__ = ["NEUTRAL", "Difference", "comparable", "differences"]

NEUTRAL = frozenset(
    {
        *("default-value-added", "default-value-changed", "default-value-removed"),
        *("x-extensible-enum-value-added", "x-extensible-enum-value-removed"),
    }
)
"""Aspects that do not touch which values are valid."""

_WIDER_FORMATS = frozenset({("int32", "int64"), ("float", "double")})


class Difference(NamedTuple):
    """What differs: the last part of the rule's id, and both sides as short text."""

    aspect: str
    before: str
    after: str
    understood: bool = True
    keyword: str = ""
    """The keyword that differs, where the aspect does not name it."""


def differences(old: Shape, new: Shape) -> Iterator[Difference]:
    """Yield every difference of the two shapes themselves."""
    yield from _type(old, new)
    if old.types is not None and new.types is not None and old.nullable != new.nullable:
        yield Difference(
            "became-nullable" if new.nullable else "became-not-nullable", _null(old.nullable), _null(new.nullable)
        )
    yield from _enum(old, new)
    yield from _bound("min", old.lower, new.lower)
    yield from _bound("max", old.upper, new.upper)
    for name in sorted(old.sizes.keys() | new.sizes.keys()):
        yield from _limit(name, old.sizes.get(name), new.sizes.get(name))
    yield from _pattern(old, new)
    yield from _multiple(old.multiple, new.multiple)
    if old.unique != new.unique:
        yield Difference("unique-items-set" if new.unique else "unique-items-unset", _yes(old.unique), _yes(new.unique))
    if old.closed != new.closed:
        aspect = "additional-properties-disallowed" if new.closed else "additional-properties-allowed"
        yield Difference(aspect, _yes(not old.closed), _yes(not new.closed))
    yield from _default(old.default, new.default)
    if old.extensible is not None and new.extensible is not None:
        for text in sorted(old.extensible ^ new.extensible):
            step, texts = ("removed", (text, "")) if text in old.extensible else ("added", ("", text))
            yield Difference(f"x-extensible-enum-value-{step}", *texts)
    yield from _exact(old, new)


def _null(value: bool) -> str:
    return "null" if value else "not null"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _type(old: Shape, new: Shape) -> Iterator[Difference]:
    """Type and format together: a change of both is one edit."""
    if old.enum is not None and new.enum is not None:
        return
    steps = {_type_step(old.types, new.types), _format_step(old, new)} - {""}
    if not steps:
        return
    aspect = steps.pop() if len(steps) == 1 else "type-changed"
    if {aspect} & {"type-specialized", "list-of-types-narrowed"} and _one_edit_with_enum(old, new):
        return
    yield Difference(aspect, _type_text(old), _type_text(new))


def _one_edit_with_enum(old: Shape, new: Shape) -> bool:
    """Becoming an enum narrows the type by itself; ceasing to be one does not."""
    return old.enum is None and new.enum is not None


def _type_step(old: frozenset[str] | None, new: frozenset[str] | None) -> str:
    if old == new:
        return ""
    if old is None or new is None:
        return "type-specialized" if old is None else "type-generalized"
    if not old or not new:
        return "type-changed"
    if _within(old, new):
        return "list-of-types-widened" if len(old) < len(new) else "type-generalized"
    if _within(new, old):
        return "list-of-types-narrowed" if len(new) < len(old) else "type-specialized"
    return "type-changed"


def _within(inner: frozenset[str], outer: frozenset[str]) -> bool:
    return inner <= (outer | {"integer"} if "number" in outer else outer)


def _format_step(old: Shape, new: Shape) -> str:
    if old.format == new.format:
        return ""
    if not old.format or not new.format:
        return "type-specialized" if new.format else "type-generalized"
    if (old.format, new.format) in _WIDER_FORMATS:
        return "type-generalized"
    return "type-specialized" if (new.format, old.format) in _WIDER_FORMATS else "type-changed"


def _type_text(shape: Shape) -> str:
    names = "any" if shape.types is None else " | ".join(sorted(shape.types)) or "null"
    return f"{names} ({shape.format})" if shape.format else names


def _enum(old: Shape, new: Shape) -> Iterator[Difference]:
    if old.enum is None and new.enum is None:
        return
    if old.enum is None or new.enum is None:
        values = (old.enum if new.enum is None else new.enum) or {}
        stem = ("const-removed", "enum-removed") if new.enum is None else ("const-added", "became-enum")
        before, after = ("any", _values(values)) if old.enum is None else (_values(values), "any")
        yield Difference(stem[len(values) != 1], before, after)
        return
    if len(old.enum) == len(new.enum) == 1:
        if old.enum.keys() != new.enum.keys():
            yield Difference("const-changed", _values(old.enum), _values(new.enum))
        return
    for text in old.enum:
        if text not in new.enum:
            yield Difference("enum-value-removed", text, "")
    for text in new.enum:
        if text not in old.enum:
            yield Difference("enum-value-added", "", text)


def _values(values: Any) -> str:
    return short(", ".join(values))


def _bound(stem: str, old: Bound | None, new: Bound | None) -> Iterator[Difference]:
    if old == new:
        return
    if old is None or new is None:
        bound = old or new
        prefix = "exclusive-" if bound and bound.exclusive else ""
        yield Difference(f"{prefix}{stem}-{'set' if old is None else 'unset'}", _bound_text(old), _bound_text(new))
    elif old.value == new.value:
        yield Difference(f"exclusive-{stem}-{'set' if new.exclusive else 'unset'}", _bound_text(old), _bound_text(new))
    else:
        prefix = "exclusive-" if new.exclusive else ""
        step = "increased" if new.value > old.value else "decreased"
        yield Difference(f"{prefix}{stem}-{step}", _bound_text(old), _bound_text(new))


def _bound_text(bound: Bound | None) -> str:
    if bound is None:
        return "none"
    return f"{text_of(bound.value)} (excluded)" if bound.exclusive else text_of(bound.value)


def _limit(name: str, old: float | None, new: float | None) -> Iterator[Difference]:
    if old == new:
        return
    step = "set" if old is None else "unset" if new is None else "increased" if new > old else "decreased"
    if name == "min-length" and step in ("set", "unset"):
        step = "increased" if step == "set" else "decreased"
    yield Difference(f"{name}-{step}", _text(old), _text(new))


def _text(value: float | None) -> str:
    return "none" if value is None else text_of(value)


def _pattern(old: Shape, new: Shape) -> Iterator[Difference]:
    gone, come = old.patterns - new.patterns, new.patterns - old.patterns
    if gone or come:
        aspect = "pattern-changed" if gone and come else "pattern-removed" if gone else "pattern-added"
        yield Difference(aspect, short(" and ".join(sorted(gone))), short(" and ".join(sorted(come))))


def _multiple(old: float | None, new: float | None) -> Iterator[Difference]:
    if old == new:
        return
    aspect = "multiple-of-set" if old is None else "multiple-of-unset" if new is None else "multiple-of-changed"
    yield Difference(aspect, _text(old), _text(new))


def _default(old: str | None, new: str | None) -> Iterator[Difference]:
    if old == new:
        return
    step = "added" if old is None else "removed" if new is None else "changed"
    yield Difference(f"default-value-{step}", short(old or "none"), short(new or "none"))


def _exact(old: Shape, new: Shape) -> Iterator[Difference]:
    """Keywords that are not understood. One that holds schemas on both sides is compared by the walk."""
    for keyword in sorted((old.exact.keys() | new.exact.keys()) - JUDGED):
        if keyword == "discriminator":
            yield from _discriminator(old.exact.get(keyword), new.exact.get(keyword))
            continue
        before, after = (_exact_text(shape, keyword) for shape in (old, new))
        if before != after and not comparable(keyword, old.exact.get(keyword), new.exact.get(keyword)):
            yield Difference(keyword, short(before or "none"), short(after or "none"), understood=False)


def comparable(keyword: str, old: Any, new: Any) -> bool:
    """Whether both sides hold schemas that correspond, so that the walk finds what differs in them."""
    if keyword in NESTED:
        return isinstance(old, (dict, bool)) and isinstance(new, (dict, bool))
    if keyword in MAPPED:
        return isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys()
    return keyword in LISTED and isinstance(old, list) and isinstance(new, list) and len(old) == len(new)


def _exact_text(shape: Shape, keyword: str) -> str:
    return text_of(shape.exact[keyword]) if keyword in shape.exact else ""


def _discriminator(old: Any, new: Any) -> Iterator[Difference]:
    """It tells which branch a value is of; which values are valid is said by the branches."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        if old != new:
            step = "changed" if old and new else "added" if old is None else "removed"
            before, after = (short(text_of(side)) if side is not None else "none" for side in (old, new))
            yield Difference(f"discriminator-{step}", before, after, understood=step != "changed")
        return
    if old.get("propertyName") != new.get("propertyName"):
        before, after = (str(side.get("propertyName")) for side in (old, new))
        yield Difference("discriminator-property-changed", before, after)
    targets, others = _mapping(old), _mapping(new)
    for name in sorted(targets.keys() | others.keys()):
        one, two = targets.get(name, "none"), others.get(name, "none")
        if one != two:
            step = "added" if name not in targets else "deleted" if name not in others else "changed"
            yield Difference(f"discriminator-mapping-{step}", str(one), str(two))


def _mapping(discriminator: Mapping[str, Any]) -> Mapping[str, Any]:
    mapping, default = discriminator.get("mapping"), discriminator.get("defaultMapping")
    found = dict(mapping) if isinstance(mapping, Mapping) else {}
    return found if default is None else {**found, "any other": default}
