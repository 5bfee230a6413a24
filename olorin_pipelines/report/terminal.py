"""How is text of others put on a terminal? Painted where that is wanted, and without what could move the cursor."""

from __future__ import annotations

import re

__all__ = ["BOLD", "DIM", "clean", "painted"]

BOLD, DIM = "1", "2"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


def painted(text: str, code: str, *, color: bool) -> str:
    """Return the text in a colour (an SGR code) or as it is."""
    return f"\x1b[{code}m{text}\x1b[0m" if color else text


def clean(text: str) -> str:
    """A document must not be able to move the cursor or to turn the reading direction."""
    return _CONTROL.sub(" ", text)
