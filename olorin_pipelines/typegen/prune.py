"""What is left of a document for someone who uses a few of its paths? Those, and the components they reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

__all__ = ["matches", "pruned"]

_WILD = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


def matches(glob: str, path: str) -> bool:
    """Whether a path matches: `*` stands for text within a segment, `**` for any text, `?` for one character.

    Braces are as they are written: "/cases/{id}" names that path.
    """
    parts = re.split(r"(\*\*|\*|\?)", glob)
    return re.fullmatch("".join(_WILD.get(part, re.escape(part)) for part in parts), path, re.DOTALL) is not None


def pruned(document: Mapping[str, Any], globs: Sequence[str]) -> dict[str, Any]:
    """Return the document with the paths that match one of `globs`, without components that nothing reaches.

    Webhooks are left out: no path leads to them. A path that a kept one refers into stays too.
    """
    listed = _mapping(document.get("paths"))
    components = _mapping(document.get("components"))
    paths = {path for path in listed if any(matches(glob, path) for glob in globs)}
    used: set[tuple[str, str]] = {("securitySchemes", name) for name in _mapping(components.get("securitySchemes"))}
    waiting: list[Any] = [listed[path] for path in sorted(paths)]
    while waiting:
        for ref in _references(waiting.pop()):
            steps = [step.replace("~1", "/").replace("~0", "~") for step in unquote(ref).split("/")[1:]]
            match steps:
                case ["paths", path, *_] if path in listed and path not in paths:
                    paths.add(path)
                    waiting.append(listed[path])
                case ["components", kind, name, *_] if (kind, name) not in used:
                    used.add((kind, name))
                    waiting.append(_mapping(components.get(kind)).get(name))
                case [top, name, *_] if top not in ("paths", "components") and (top, name) not in used:
                    used.add((top, name))
                    waiting.append(_mapping(document.get(top)).get(name))
    left = {
        kind: {name: value for name, value in entries.items() if (kind, name) in used}
        for kind, entries in components.items()
        if isinstance(entries, Mapping)
    }
    kept: dict[str, Any] = {
        "paths": {path: item for path, item in listed.items() if path in paths},
        "components": {kind: entries for kind, entries in left.items() if entries},
    }
    return {key: kept.get(key, value) for key, value in document.items() if key != "webhooks"}


def _references(node: Any) -> Iterator[str]:
    """Yield whatever may be a reference: a `$ref`, and where a discriminator leads."""
    stack = [node]
    while stack:
        found = stack.pop()
        if isinstance(found, Mapping):
            if isinstance(ref := found.get("$ref"), str):
                yield ref
            for target in _mapping(_mapping(found.get("discriminator")).get("mapping")).values():
                if isinstance(target, str):
                    yield target if "/" in target else f"#/components/schemas/{target}"
            stack.extend(found.values())
        elif isinstance(found, list):
            stack.extend(found)


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}
