"""Which strings lie at the edges of a schema? By length, by pattern, by format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

__all__ = ["strings"]

_LONGEST = 300
_FORMATS = {
    "date": "2024-02-29",
    "date-time": "2024-02-29T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1D",
    "email": "a@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/a",
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
}
_CATEGORIES = {"CATEGORY_DIGIT": "1", "CATEGORY_WORD": "a", "CATEGORY_SPACE": " ", "CATEGORY_NOT_SPACE": "a"}


def strings(schema: Mapping[str, Any]) -> list[str]:
    """Return strings for a schema, one that fulfils it first where that is easy."""
    found = [_FORMATS[schema["format"]]] if schema.get("format") in _FORMATS else []
    lengths = [schema.get(keyword) for keyword in ("minLength", "maxLength")]
    least, most = (int(n) if isinstance(n, (int, float)) and 0 <= n <= _LONGEST else None for n in lengths)
    if isinstance(pattern := schema.get("pattern"), str):
        found += [text for times in (0, 1) if (text := _matching(pattern, times)) is not None]
    usual = max(1, least or 0) if most is None else min(most, max(1, least or 0))
    found.append("a" * usual)
    for edge in (least, most):
        if edge is not None:
            found += ["a" * max(0, edge + step) for step in (0, -1, 1)]
    return [*found, "", "b", "1", "A b"]


def _matching(pattern: str, more: int) -> str | None:
    """Return a string that most likely matches; `more` repeats what may be repeated once more."""
    try:
        text = "".join(_of(parser.parse(pattern), more))
    except (re.error, OverflowError, RecursionError, LookupError, ValueError):
        return None
    return text if len(text) <= _LONGEST else None


def _of(parsed: Iterable[Any], more: int) -> Iterable[str]:
    for code, argument in parsed:
        if code is codes.LITERAL:
            yield chr(argument)
        elif code is codes.ANY:
            yield "a"
        elif code is codes.IN:
            yield _one_of(argument)
        elif code is codes.BRANCH:
            yield from _of(argument[1][0], more)
        elif code is codes.SUBPATTERN:
            yield from _of(argument[3], more)
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            least, most, part = argument
            for _ in range(min(least + more, int(most), _LONGEST)):
                yield from _of(part, more)
        elif code is not codes.AT:
            raise ValueError(code)


def _one_of(choices: list[Any]) -> str:
    code, argument = choices[0]
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.RANGE:
        return chr(argument[0])
    if code is codes.CATEGORY:
        return _CATEGORIES[str(argument)]
    taken = {chr(value) for kind, value in choices if kind is codes.LITERAL}
    return next(letter for letter in "aA1 _" if letter not in taken)
