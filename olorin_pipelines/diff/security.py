"""Who may call an operation, before and after? Alternatives of schemes, each with its scopes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from olorin_pipelines.diff.change import UNSHOWN, Change
from olorin_pipelines.diff.dialects import ANNOTATIONS
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.values import short, text_of
from olorin_pipelines.openapi import Operation, Pointer, join

__all__ = ["scheme_changes", "security_changes", "used_schemes"]

Alternative: TypeAlias = Mapping[str, frozenset[str]]


def security_changes(old: tuple[Reader, Operation], new: tuple[Reader, Operation]) -> Iterator[Change]:
    """Yield what became of the security of one operation, the document's own included where it applies."""
    (before, at), (after, to) = _effective(*old), _effective(*new)
    narrower = [one for one in before if not any(_suffices(one, two) for two in after)]
    wider = [two for two in after if not any(_suffices(two, one) for one in before)]
    texts = (_text(before), _text(after))
    if narrower:
        kind = "api-security-alternative-removed"
        if any(not one for one in before):
            kind = "api-security-added"
        elif any(one.keys() == two.keys() for one in narrower for two in after):
            kind = "api-security-scope-added"
        yield Change(kind, at, to, *texts, "security")
    elif wider:
        kind = "api-security-alternative-added"
        if any(not two for two in after):
            kind = "api-security-removed"
        elif any(one.keys() == two.keys() for one in before for two in wider):
            kind = "api-security-scope-removed"
        yield Change(kind, at, to, *texts, "security")


def _effective(reader: Reader, operation: Operation) -> tuple[list[Alternative], Pointer]:
    own = operation.item.get("security")
    listed = own if own is not None else reader.document.get("security")
    pointer = join(operation.pointer, "security") if own is not None else "/security"
    alternatives: list[Alternative] = [
        {name: frozenset(map(str, scopes or ())) for name, scopes in one.items()}
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, Mapping)
    ]
    return alternatives or [{}], pointer


def _suffices(given: Alternative, needed: Alternative) -> bool:
    """Whether who has `given` may pass `needed`."""
    return all(name in given and scopes <= given[name] for name, scopes in needed.items())


def _text(alternatives: list[Alternative]) -> str:
    return " or ".join(
        " and ".join(f"{name}({', '.join(sorted(scopes))})" if scopes else name for name, scopes in sorted(one.items()))
        or "none"
        for one in alternatives
    )


def used_schemes(reader: Reader, operation: Operation) -> set[str]:
    """Return the names of the security schemes of an operation."""
    return {name for one in _effective(reader, operation)[0] for name in one}


def scheme_changes(old: Reader, new: Reader, name: str) -> Iterator[Change]:
    """Yield what became of a security scheme that is used on both sides."""
    pointer = join("/components/securitySchemes", name)
    (before, at), (after, to) = _scheme(old, name, pointer), _scheme(new, name, pointer)
    if before == after or before is None or after is None:
        return
    subject = f"security scheme `{name}`"
    for key in ("type", "scheme", "in", "name"):
        values = [str(side.get(key, "none")).lower() for side in (before, after)]
        if values[0] != values[1]:
            yield Change(
                "api-security-component-type-changed", at, to, values[0], values[1], f"`{key}` of the {subject}"
            )
            return
    for key in sorted((before.keys() | after.keys()) - ANNOTATIONS - {"type", "scheme", "in", "name", "bearerFormat"}):
        if before.get(key) != after.get(key) and not key.startswith("x-"):
            texts = [short(text_of(side.get(key))) for side in (before, after)]
            yield Change(UNSHOWN, at, to, texts[0], texts[1], f"`{key}` of the {subject}")


def _scheme(reader: Reader, name: str, pointer: Pointer) -> tuple[Mapping[str, Any] | None, Pointer]:
    node: Any = reader.document
    for key in ("components", "securitySchemes", name):
        node = node.get(key) if isinstance(node, Mapping) else None
    scheme, at = reader.resolve(node, pointer)
    return (scheme if isinstance(scheme, Mapping) else None), at
