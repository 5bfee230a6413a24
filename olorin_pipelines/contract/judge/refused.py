"""Was a valid request refused for what the document promises, or for a rule between values that no schema can say?

A service may well refuse an end before its start. What it may not refuse is a single value that the document names: a
bound, a length, a choice. So a refusal counts when an accepted request differs from it in such a value alone, or when
nothing valid is ever accepted; any other is shown only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from olorin_pipelines.contract.judge.exchange import Exchange, Violation
from olorin_pipelines.contract.judge.inputs import ABSENT
from olorin_pipelines.contract.judge.operations import Operation
from olorin_pipelines.contract.judge.requests import Requests

__all__ = ["Refused"]

_AS_INVALID = (400, 406, 415, 422)
_REMEMBERED = 40
_FEWEST = 3
_PAIRED = re.compile(
    r"(?i)(?<![a-z])(min|max|from|to|start|end|first|last|low|high|begin|before|after|since|until|upper|lower)"
)
"""Names of values that come in pairs: a bound of one may contradict the other."""
_Leaves: TypeAlias = dict[str, tuple[str, bool]]
_CHECK = "valid_request_accepted"


class Refused:
    """Remembers accepted and refused requests, to tell at the end which value a refusal is about."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._accepted: dict[str, list[_Leaves]] = {}
        self._refused: dict[str, list[_Leaves]] = {}

    def take(self, operation: Operation, exchange: Exchange) -> Violation | None:
        """Take the next exchange of an operation; a refusal is shown until the end decides."""
        if not exchange.valid or exchange.status is None:
            return None
        refused = exchange.status in _AS_INVALID
        kept = (self._refused if refused else self._accepted).setdefault(operation.key, [])
        if len(kept) < _REMEMBERED:
            kept.append(dict(self._leaves(operation, exchange)))
        said = f"a valid request was answered {exchange.status}"
        return Violation(check=_CHECK, message=said, place=str(exchange.status), advisory=True) if refused else None

    def end(self) -> list[Violation]:
        """Return a violation for each operation that refuses a value that the document names, or whatever comes."""
        found: list[Violation] = []
        for key, refused in self._refused.items():
            accepted = self._accepted.get(key, [])
            if accepted:
                value = next((place for each in refused if (place := self._named(each, accepted))), "")
                said = (
                    f"a valid request was refused; {value} alone is different in one that was accepted" if value else ""
                )
            else:
                said = "every valid request was refused" if len(refused) >= _FEWEST else ""
            if said:
                found.append(Violation(check=_CHECK, operation=key, message=said))
        return found

    def _named(self, refused: _Leaves, accepted: list[_Leaves]) -> str:
        """The place of the one value that differs from an accepted request, if the document names that value."""
        for other in accepted:
            different = [place for place in refused.keys() | other.keys() if refused.get(place) != other.get(place)]
            place = different[0] if len(different) == 1 else ""
            if place in refused and refused[place][1] and not _PAIRED.search(place):
                return place
        return ""

    def _leaves(self, operation: Operation, exchange: Exchange) -> Iterator[tuple[str, tuple[str, bool]]]:
        """Each value that was sent, by its place: what it is, and whether the document names it."""
        for name, pointer, value in self._requests.values(operation, exchange):
            if value is not ABSENT:
                yield from self._below(name, value, self._requests.schema_at(pointer))

    def _below(self, place: str, value: Any, schema: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, bool]]]:
        if isinstance(value, dict):
            properties = schema.get("properties") or {}
            for name, each in value.items():
                yield from self._below(f"{place}/{name}", each, self._requests.resolved(properties.get(name)))
        else:
            yield place, (repr(value), _is_named(value, schema))


def _is_named(value: Any, schema: Mapping[str, Any]) -> bool:
    bounds = [schema.get(key) for key in ("minimum", "maximum")]
    if isinstance(value, int | float) and not isinstance(value, bool) and value in bounds:
        return True
    if isinstance(value, str) and len(value) in [schema.get(key) for key in ("minLength", "maxLength")]:
        return "pattern" not in schema and "format" not in schema
    return "enum" in schema and value in schema["enum"]
