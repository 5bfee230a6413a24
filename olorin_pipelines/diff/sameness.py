"""Are two subtrees the same, and everything they refer to? Answered without walking what did not change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from olorin_pipelines.diff.dialects import dialect_of
from olorin_pipelines.diff.graph import leading_to
from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.openapi import resolve_at

__all__ = ["Sameness"]

_REF = re.compile(rb'"\$(?:dynamicRef|recursiveRef|ref)":("(?:[^"\\]|\\.)*")')
_MISSING = object()


class Sameness:
    """Answers for one pair of documents."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._old, self._new = old, new
        self._one_dialect = dialect_of(old).name == dialect_of(new).name
        self._whole = self._one_dialect and old == new and _bytes(old) == _bytes(new)
        self.components = self._whole or _bytes(old.get("components")) == _bytes(new.get("components"))
        """Whether the components are equal."""
        self._changed = frozenset() if self._whole or not self._one_dialect else self._changed_refs()

    def same(self, old: Any, new: Any) -> bool:
        """Whether both mean the same for certain. False only means that they have to be looked at.

        Python's == is fast and holds true for 1 and 1.0 and True, so the canonical bytes have the last word. Two
        dialects may give the same text two meanings: then everything is looked at.
        """
        if not self._one_dialect or old != new:
            return False
        if self._whole:
            return True
        text = _bytes(old)
        return text == _bytes(new) and self._changed.isdisjoint(_refs(text))

    def alike(self, old: Any, new: Any) -> bool:
        """Whether two subtrees are written the same, whatever they refer to."""
        return self._one_dialect and old == new and _bytes(old) == _bytes(new)

    def _changed_refs(self) -> frozenset[str]:
        """Return the references whose targets differ, or reach a target that differs."""
        names: dict[str, set[str]] = {}
        changed: set[str] = set()
        waiting = _refs(_bytes(self._old)) | _refs(_bytes(self._new))
        while waiting:
            ref = waiting.pop()
            old, new = _target(self._old, ref), _target(self._new, ref)
            text = b"" if old is _MISSING else _bytes(old)
            lost = old is _MISSING or new is _MISSING
            if (old is not new and (lost or text != _bytes(new))) or (lost and not self.components):
                changed.add(ref)
            names[ref] = _refs(text)
            waiting |= names[ref] - names.keys()
        return frozenset(leading_to(changed, names))


def _target(document: Mapping[str, Any], ref: str) -> Any:
    try:
        return resolve_at(document, {"$ref": ref}, "")[0]
    except DocumentInvalid:
        return _MISSING


def _bytes(node: Any) -> bytes:
    return orjson.dumps(node, option=orjson.OPT_SORT_KEYS)


def _refs(text: bytes) -> set[str]:
    return {orjson.loads(name) for name in set(_REF.findall(text))}
