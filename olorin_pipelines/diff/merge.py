"""What do two schemas allow together? Their conjunction, as far as it can be written as one shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from olorin_pipelines.diff.shape import Bound, Node, Shape
from olorin_pipelines.diff.values import kind_of

__all__ = ["common_types", "fits", "merge"]


def merge(one: Shape, two: Shape) -> Shape | None:
    """Return the conjunction, None when it cannot be written as one shape. Annotations of `one` win."""
    closed_over = (one.closed or one.additional, two.closed or two.additional)
    if any(closed_over) and one.properties.keys() | two.properties.keys():
        return None  # additionalProperties sees only its own siblings (JSON Schema core, section 10.3.2.3)
    if _reads_neighbours(one, two):
        return None
    if one.format and two.format and one.format != two.format:
        return None
    if one.multiple and two.multiple and one.multiple != two.multiple:
        return None
    if one.unions.keys() & two.unions.keys() or one.exact.keys() & two.exact.keys():
        return None
    if one.items and two.items and one.items != two.items:
        return None
    if one.additional and two.additional:
        return None
    types = common_types(one.types, two.types)
    enum = _common_values(one.enum, two.enum, types)
    return replace(
        one,
        types=types if enum is None else frozenset(kind_of(value) for value in enum.values()),
        nullable=one.nullable and two.nullable,
        format=one.format or two.format,
        enum=enum,
        lower=_tighter(one.lower, two.lower, sign=1),
        upper=_tighter(one.upper, two.upper, sign=-1),
        sizes=_tighter_sizes(one.sizes, two.sizes),
        patterns=one.patterns | two.patterns,
        unique=one.unique or two.unique,
        multiple=one.multiple or two.multiple,
        properties=_both(one.properties, two.properties),
        required=one.required | two.required,
        additional=one.additional or two.additional,
        closed=one.closed or two.closed,
        items=one.items or two.items,
        unions={**one.unions, **two.unions},
        exact={**one.exact, **two.exact},
        default=two.default if one.default is None else one.default,
        extensible=two.extensible if one.extensible is None else one.extensible,
        deprecated=one.deprecated or two.deprecated,
        read_only=one.read_only or two.read_only,
        write_only=one.write_only or two.write_only,
    )


def _reads_neighbours(one: Shape, two: Shape) -> bool:
    """Whether a keyword of one would see what only the other says, as `items` sees `prefixItems` beside it."""
    if any(keyword.startswith("unevaluated") for keyword in two.exact):
        return True
    sides = ((one, two), (two, one))
    return any(
        ("prefixItems" in a.exact and b.items is not None)
        or ("patternProperties" in a.exact and (b.closed or b.additional))
        for a, b in sides
    )


def common_types(one: frozenset[str] | None, two: frozenset[str] | None) -> frozenset[str] | None:
    """Return the types in both, where an integer is also a number."""
    if one is None or two is None:
        return two if one is None else one
    common = one & two
    if "integer" in one | two and "number" in one | two and "number" not in common:
        common |= {"integer"}
    return common


def _common_values(
    one: Mapping[str, Any] | None, two: Mapping[str, Any] | None, types: frozenset[str] | None
) -> Mapping[str, Any] | None:
    """Return the values in both that are of an allowed type."""
    if one is None and two is None:
        return None
    values = two if one is None else one
    other = two if two is not None else values
    return {text: v for text, v in (values or {}).items() if text in (other or {}) and fits(kind_of(v), types)}


def fits(kind: str, types: frozenset[str] | None) -> bool:
    """Whether a value of this kind is of one of the types."""
    return types is None or bool(common_types(frozenset({kind}), types))


def _tighter(one: Bound | None, two: Bound | None, *, sign: int) -> Bound | None:
    if one is None or two is None:
        return two if one is None else one
    return max(one, two, key=lambda bound: (sign * bound.value, bound.exclusive))


def _tighter_sizes(one: Mapping[str, float], two: Mapping[str, float]) -> dict[str, float]:
    both = {**one, **two}
    for name in one.keys() & two.keys():
        both[name] = (max if name.startswith("min") else min)(one[name], two[name])
    return both


def _both(one: Mapping[str, Node], two: Mapping[str, Node]) -> dict[str, Node]:
    """A property that both describe has to fulfil both."""
    both = {**one, **two}
    for name in one.keys() & two.keys():
        if one[name].schema == two[name].schema:
            both[name] = one[name]
        else:
            both[name] = Node({"allOf": [one[name].schema, two[name].schema]}, one[name].pointer)
    return both
