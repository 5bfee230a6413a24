"""Does a name match a pattern? `*` stands for any text and `?` for one character, nothing else is special.

Paths and JSON pointers hold brackets and braces, which a shell's patterns would read as choices.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

__all__ = ["any_matches", "matches"]


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = ({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in re.sub(r"\*+", "*", pattern))
    return re.compile("".join(parts), re.DOTALL)


def matches(pattern: str, name: str) -> bool:
    """Whether the whole name is what the pattern says; case counts."""
    return _compiled(pattern).fullmatch(name) is not None


def any_matches(patterns: Iterable[str], names: Iterable[str]) -> bool:
    """Whether one of the patterns matches one of the names."""
    listed = tuple(names)
    return any(matches(pattern, name) for pattern in patterns for name in listed)
