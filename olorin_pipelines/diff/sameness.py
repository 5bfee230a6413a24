"""Are two subtrees the same, and everything they refer to? Answered without walking what did not change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import cached_property
from typing import Any

import orjson

from olorin_pipelines.diff.dialects import dialect_of
from olorin_pipelines.diff.graph import leading_to
from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.openapi import join, resolve_at

__all__ = ["Sameness", "Standing"]

_REF = re.compile(rb'"\$(?:ref|dynamicRef|recursiveRef)":("(?:[^"\\]+|\\.)*")')
_MISSING = object()


class Standing(Enum):
    """How two subtrees stand to each other."""

    SAME = "they mean the same for certain"
    ALIKE = "they are written the same, and refer to something that differs"
    OTHER = "they have to be looked at"


class Sameness:
    """Answers for one pair of documents.

    The references form a graph: which of them lead to a component that differs is worked out once, against the arrows.
    A subtree that is written the same on both sides is then the same unless one of its own references is among those.
    References are kept as they are written, in JSON.
    """

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._old, self._new = old, new
        self._one_dialect = dialect_of(old).name == dialect_of(new).name
        self._whole = self._one_dialect and _text_of_both(old, new) is not None
        self._arrows: dict[bytes, set[bytes]] = {}
        self._differing: set[bytes] = set()
        self._leading: set[bytes] = set()
        if self._one_dialect and not self._whole:
            self._learn(_component_refs(old, new))

    @cached_property
    def components(self) -> bool:
        """Whether the components are equal."""
        return self._whole or _text_of_both(self._old.get("components"), self._new.get("components")) is not None

    def standing(self, old: Any, new: Any) -> Standing:
        """Return how two subtrees stand. Two dialects may give the same text two meanings: then all is looked at."""
        text = _text_of_both(old, new) if self._one_dialect else None
        if text is None:
            return Standing.OTHER
        return Standing.ALIKE if not self._whole and self._reaches(_refs(text)) else Standing.SAME

    def same(self, old: Any, new: Any) -> bool:
        """Whether both mean the same for certain. False only means that they have to be looked at."""
        return self.standing(old, new) is Standing.SAME

    def leads(self, node: Any) -> bool:
        """Whether a subtree that is written the same on both sides refers to something that differs."""
        return not self._whole and self._reaches(_refs(_bytes(node)))

    def _reaches(self, refs: set[bytes]) -> bool:
        if not refs <= self._arrows.keys():
            self._learn(_refs(_bytes(self._old)) | _refs(_bytes(self._new)) | refs)
        return not self._leading.isdisjoint(refs)

    def _learn(self, refs: Iterable[bytes]) -> None:
        """Look at what these references name, and at what is referred to from there."""
        waiting = set(refs)
        while waiting:
            ref = waiting.pop()
            if ref in self._arrows:
                continue
            old, new = _target(self._old, ref), _target(self._new, ref)
            if old is _MISSING or new is _MISSING:
                if old is not new or not self.components:
                    self._differing.add(ref)
                self._arrows[ref] = set() if old is _MISSING else _refs(_bytes(old))
            else:
                if _text_of_both(old, new) is None:
                    self._differing.add(ref)
                self._arrows[ref] = _refs(_bytes(old))
            waiting |= self._arrows[ref]
        self._leading = leading_to(self._differing, self._arrows)


def _component_refs(*documents: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the references to all components, as they are usually written."""
    for document in documents:
        components = document.get("components")
        for kind, named in components.items() if isinstance(components, Mapping) else ():
            for name in named if isinstance(named, Mapping) else ():
                yield orjson.dumps("#" + join("/components", kind, name))


def _target(document: Mapping[str, Any], ref: bytes) -> Any:
    try:
        return resolve_at(document, {"$ref": orjson.loads(ref)}, "")[0]
    except DocumentInvalid:
        return _MISSING


def _text_of_both(old: Any, new: Any) -> bytes | None:
    """Return the text of two equal values, None when they differ.

    Python's == holds for 1 and 1.0 and True, so the bytes have the last word; keys may stand in another order.
    """
    text = orjson.dumps(old)
    if old is new or text == orjson.dumps(new) or (old == new and _bytes(old) == _bytes(new)):
        return text
    return None


def _bytes(node: Any) -> bytes:
    return orjson.dumps(node, option=orjson.OPT_SORT_KEYS)


def _refs(text: bytes) -> set[bytes]:
    return set(_REF.findall(text))
