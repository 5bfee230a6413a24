"""Which value shows that a finding is right? Samples of both versions, judged by a JSON Schema validator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import jsonschema_rs

from olorin_pipelines.diff.change import UNSHOWN
from olorin_pipelines.diff.edits import way_of
from olorin_pipelines.diff.finding import Finding
from olorin_pipelines.diff.rule import Severity
from olorin_pipelines.diff.values import text_of
from olorin_pipelines.diff.witness.samples import samples
from olorin_pipelines.openapi import Pointer, standalone

__all__ = ["with_witnesses"]

MOST = 200
"""For how many findings a witness is looked for; they come worst first."""

_LONGEST = 200
_SAYS = {
    "request": "`{}` was accepted and is refused now",
    "response": "`{}` may be answered now and could not be before",
}


def with_witnesses(findings: Sequence[Finding], old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return the findings, the breaking ones of schemas with a value that proves them, where one is found.

    A request is broken by a value that the old schema allows and the new one refuses, a response by one that the new
    schema allows and the old one refuses. A JSON Schema validator (2020-12, formats asserted) judges, not the rules.
    """
    search = _Search(old, new)
    looked = [finding for finding in findings if finding.severity is Severity.BREAKING][:MOST]
    found = {id(finding): search.witness(finding) for finding in looked}
    return tuple(replace(finding, witness=found.get(id(finding), "")) for finding in findings)


class _Search:
    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._old, self._new = old, new
        self._known: dict[tuple[Pointer, Pointer, str], Any] = {}

    def witness(self, finding: Finding) -> str:
        for way in _ways(finding):
            for old, new, wrap in _places(finding):
                key = (old, new, way)
                if key not in self._known:
                    self._known[key] = self._value(*key)
                if self._known[key] is not _NONE:
                    text = text_of(_wrapped(self._known[key], wrap))
                    return _SAYS[way].format(text) if len(text) <= _LONGEST else ""
        return ""

    def _value(self, old: Pointer, new: Pointer, way: Literal["request", "response"]) -> Any:
        """Return the shortest sample that one side accepts and the other refuses."""
        one, two = standalone(self._old, old, way=way), standalone(self._new, new, way=way)
        if one is None or two is None or one == two:
            return _NONE
        if way == "response":
            one, two = two, one
        try:
            accepts, refuses = (jsonschema_rs.Draft202012Validator(s, validate_formats=True) for s in (one, two))
            proofs = [v for v in (*samples(one), *samples(two)) if accepts.is_valid(v) and not refuses.is_valid(v)]
        except ValueError:  # jsonschema_rs: not a schema, or a reference or pattern it cannot use
            return _NONE
        return min(proofs, key=lambda value: len(text_of(value)), default=_NONE)


_NONE: Any = object()


def _ways(finding: Finding) -> tuple[Literal["request", "response"], ...]:
    if finding.id != UNSHOWN:
        way = way_of(finding.id)
        return ("request",) if way == "request" else ("response",) if way == "response" else ()
    ways = {use.way for use in finding.uses}
    return (*(("request",) if "request" in ways else ()), *(("response",) if "response" in ways else ()))


def _places(finding: Finding) -> Iterator[tuple[Pointer, Pointer, str]]:
    """Yield where to look: at the edit itself, shown as its property, then at the object that it stands in."""
    old, new = finding.old_pointer, finding.new_pointer
    if old and new and _is_schema(old) and _is_schema(new):
        yield old, new, _property(old)
    before, after = _parent(old), _parent(new)
    if before or after:
        yield before or after, after or before, ""


def _is_schema(pointer: Pointer) -> bool:
    steps = pointer.split("/")
    return any(step in ("schema", "schemas", "definitions") for step in steps[:-1]) or steps[-1] == "schema"


def _property(pointer: Pointer) -> str:
    head, _, name = pointer.rpartition("/")
    return name.replace("~1", "/").replace("~0", "~") if head.endswith("/properties") else ""


def _parent(pointer: Pointer | None) -> Pointer:
    head = (pointer or "").rpartition("/")[0]
    return head.removesuffix("/properties") if head.endswith("/properties") else ""


def _wrapped(value: Any, name: str) -> Any:
    return {name: value} if name else value
