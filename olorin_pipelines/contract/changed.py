"""Which operations does a change of the document touch, and what belongs to them? Compared as they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

import orjson

from olorin_pipelines.contract.judge.operations import METHODS
from olorin_pipelines.contract.samples import resolve

__all__ = ["changed_operations", "families", "touched"]


def changed_operations(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the operations of `new` (`POST /x`) that `old` has not, or not with the same text.

    Text is that of the operation, of what stands beside it in its path, and of all that both refer to.
    """
    before = _texts(old)
    return tuple(key for key, text in _texts(new).items() if before.get(key) != text)


def touched(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the changed operations of `new` with those of the same resources; see `families`."""
    return families(new, changed_operations(old, new))


def families(document: Mapping[str, Any], keys: Iterable[str]) -> tuple[str, ...]:
    """Return `keys` and the operations that share their resource: those that make, change and delete what they name.

    An operation without the one that creates its subject would only ever be told that there is none.
    """
    wanted = {_resource(key) for key in keys}
    return tuple(key for key in _operations(document) if _resource(key) in wanted)


def _resource(key: str) -> str:
    """The path before its first parameter."""
    return key.partition(" ")[2].partition("{")[0].rstrip("/")


def _operations(document: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    found: dict[str, tuple[Any, Any]] = {}
    for path, reference in (document.get("paths") or {}).items():
        item = resolve(document, reference)
        if isinstance(item, Mapping):
            beside = {name: value for name, value in item.items() if name.lower() not in METHODS}
            for method in METHODS:
                if isinstance(item.get(method), Mapping):
                    found[f"{method.upper()} {path}"] = (item[method], beside)
    return found


def _texts(document: Mapping[str, Any]) -> dict[str, bytes]:
    schemes = (document.get("components") or {}).get("securitySchemes")
    common = {"security": document.get("security"), "schemes": schemes}
    return {
        key: _text([*whole, common, *(resolve(document, {"$ref": each}) for each in sorted(_reached(document, whole)))])
        for key, whole in _operations(document).items()
    }


def _text(node: Any) -> bytes:
    return orjson.dumps(node, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def _reached(document: Mapping[str, Any], node: Any) -> set[str]:
    """Every reference that is reached from a node, through others too."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            reference = each.get("$ref")
            if isinstance(reference, str) and unquote(reference) not in found:
                found.add(unquote(reference))
                waiting.append(resolve(document, each))
            waiting.extend(each.values())
        elif isinstance(each, list | tuple):
            waiting.extend(each)
    return found
