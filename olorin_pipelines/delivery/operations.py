"""Which operations are watched each by itself, and which requests are theirs? Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["OTHER", "Operation", "watched"]

OTHER = "other"
"""The name under which all requests are counted that belong to no watched operation."""

_PARAMETER = re.compile(r"\{[^{}/]*\}")
_UNSAFE = re.compile(r'[^\x21-\x7e]|["\\]')
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path template, such as `GET` on `/investigations/{id}`, the server's own path in front."""

    method: str
    path: str

    @property
    def name(self) -> str:
        """Its name in statistics: method and path, with what a label cannot carry %-escaped."""
        escaped = _UNSAFE.sub(lambda match: "".join(f"%{byte:02x}" for byte in match[0].encode()), self.path)
        return f"{self.method} {escaped}"

    @property
    def pattern(self) -> str:
        """A regular expression (RE2) of the paths of its requests: a parameter is a part of one segment."""
        ends = [match.span() for match in _PARAMETER.finditer(self.path)]
        starts = [0, *(end for _, end in ends)]
        fixed = [self.path[at:until] for at, until in zip(starts, [*(at for at, _ in ends), None], strict=True)]
        return "[^/]+".join(re.escape(part) for part in fixed)


def watched(operations: Iterable[Operation], *, most: int) -> tuple[Operation, ...]:
    """Return the first `most` of `operations`, in the order in which requests are matched.

    A concrete segment goes before a parameter, as the OpenAPI Specification says of templated paths (Paths Object).
    """
    known: dict[tuple[str, str], Operation] = {}
    for operation in operations:
        if len(operation.path) <= _LONGEST and len(known) < most:
            known.setdefault((operation.method, _PARAMETER.sub("{}", operation.path)), operation)
    return tuple(sorted(known.values(), key=lambda operation: _specific(operation.path)))


def _specific(path: str) -> tuple[int, ...]:
    """Sort concrete before partly concrete before a mere parameter, segment by segment."""
    return tuple(
        0 if not _PARAMETER.search(segment) else 1 if _PARAMETER.sub("", segment) else 2 for segment in path.split("/")
    )
