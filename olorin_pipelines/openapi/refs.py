"""What does a `$ref` name? Local JSON pointers only: nothing outside the document is ever read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from olorin_pipelines.errors import DocumentInvalid

__all__ = ["FILES", "Pointer", "find", "join", "path_of", "refers_outside", "resolve", "resolve_at", "walk_refs"]

Pointer: TypeAlias = str
"""A JSON pointer (RFC 6901) from the root of the document: "" or "/paths/~1x/get"."""

FILES = "x-olorin-files"
"""Where other files stand in a document that was put together, by their path from the folder of the first."""

_MISSING = object()
_DATA = frozenset({"example", "examples", "default", "enum", "const"})
"""Keywords whose values are data: a `$ref` in them is not a reference."""

_NAMES = frozenset({"properties", "patternProperties", "schemas", "headers", "parameters", "responses", "$defs"})
"""Keywords whose values are maps of names: a key `example` in them is a name, not the keyword."""


def join(pointer: Pointer, *steps: str | int) -> Pointer:
    """Return the pointer below `pointer` by `steps`, escaped."""
    for step in steps:
        text = str(step)
        if "~" in text or "/" in text:
            text = text.replace("~", "~0").replace("/", "~1")
        pointer += f"/{text}"
    return pointer


def find(document: Any, pointer: Pointer) -> Any:
    """Return the value at a pointer. Raises `KeyError` when there is none."""
    node = document
    for step in pointer.split("/")[1:]:
        node = _step(node, step.replace("~1", "/").replace("~0", "~"))
        if node is _MISSING:
            raise KeyError(pointer)
    return node


def _step(node: Any, step: str) -> Any:
    if isinstance(node, (dict, Mapping)):
        return node.get(step, _MISSING)
    if isinstance(node, list) and step.isascii() and step.isdigit() and int(step) < len(node):
        return node[int(step)]
    return _MISSING


def resolve(document: Mapping[str, Any], node: Any) -> Any:
    """Follow local `$ref`s from `node` until something else stands there.

    Raises `DocumentInvalid` for a reference that leaves the document, dangles, or only ever names itself.
    """
    return resolve_at(document, node, "")[0]


def resolve_at(document: Mapping[str, Any], node: Any, pointer: Pointer) -> tuple[Any, Pointer]:
    """Like `resolve`, with the pointer of what was found (`pointer` is where `node` stands)."""
    seen: set[str] = set()
    while isinstance(node, dict) and isinstance(ref := node.get("$ref"), str):
        if ref in seen:
            raise _invalid(f"the reference {ref!r} only names itself", pointer, "point it at a definition")
        seen.add(ref)
        pointer, node = _target(document, ref, pointer)
    return node, pointer


def _target(document: Mapping[str, Any], ref: str, at: Pointer) -> tuple[Pointer, Any]:
    if not ref.startswith("#"):
        raise _invalid(
            f"the reference {ref!r} leaves the document", at, "bundle the document: only references that start with #/"
        )
    target = ref[1:]
    if "%" in target:
        from urllib.parse import unquote

        target = unquote(target)
    if target and not target.startswith("/"):
        raise _invalid(f"the reference {ref!r} names an anchor", at, "use a JSON pointer: #/components/…")
    try:
        return target, find(document, target)
    except KeyError as error:
        raise _invalid(f"the reference {ref!r} names nothing in the document", at, "define it or correct it") from error


def _invalid(message: str, pointer: Pointer, hint: str) -> DocumentInvalid:
    return DocumentInvalid(message, source="#" + pointer, hint=hint)


def refers_outside(canonical: bytes) -> bool:
    """Whether a document may refer to another one; exact enough to leave all others alone."""
    return canonical.count(b'"$ref":') != canonical.count(b'"$ref":"#')


def walk_refs(document: Any) -> Iterator[tuple[Pointer, Any]]:
    """Yield the pointer and value of each `$ref` of the document, examples and other data left out."""
    stack: list[tuple[Any, tuple[str | int, ...], bool]] = [(document, (), False)]
    while stack:
        node, path, names = stack.pop()
        if isinstance(node, list):
            stack.extend((child, (*path, i), False) for i, child in enumerate(node) if isinstance(child, (dict, list)))
        elif isinstance(node, dict):
            if "$ref" in node and not names:
                yield join("", *path, "$ref"), node["$ref"]
            stack.extend(_children(node, path, names))


def _children(
    node: dict[str, Any], path: tuple[str | int, ...], names: bool
) -> Iterable[tuple[Any, tuple[str | int, ...], bool]]:
    for key, child in node.items():
        if isinstance(child, (dict, list)) and (
            names or (key not in _DATA and not key.startswith("x-")) or (key == FILES and not path)
        ):
            yield child, (*path, key), key in _NAMES and not names


def path_of(document: Any, pointer: Pointer) -> tuple[str | int, ...]:
    """Return the keys and positions a pointer goes through, as far as it leads anywhere."""
    path: list[str | int] = []
    at = ""
    for raw in pointer.split("/")[1:]:
        step: str | int = raw.replace("~1", "/").replace("~0", "~")
        try:
            parent = find(document, at)
        except KeyError:
            break
        path.append(int(step) if isinstance(parent, list) else step)
        at += f"/{raw}"
    return tuple(path)
