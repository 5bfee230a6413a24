"""Under which name is a failure known from run to run? Its cause alone counts, never words, values or ports."""

from __future__ import annotations

import hashlib
import re

__all__ = ["fingerprint"]

_PARAMETER = re.compile(r"\{[^{}]*\}")
_LENGTH = 16


def fingerprint(check: str, operation: str, place: str) -> str:
    """Return 16 hexadecimal digits for a cause: the check, the operation, and the place that was broken.

    What a path calls its parameters does not count.
    """
    parts = (check, _PARAMETER.sub("{}", operation), place)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_LENGTH]
