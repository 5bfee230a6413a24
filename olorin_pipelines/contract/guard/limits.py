"""How much may go to a target that must not be harmed? The limits that the guard enforces."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OPEN", "READ_ONLY", "Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is let through: `requests` in all, `per_second` of them (and `burst` at once), for `seconds`.

    `request_seconds` bounds one request. `methods` are those that pass; all others are refused, and so is a body.
    Without any, every request passes as it is: a way to a target that may be written to.
    `header_kib` bounds the head of a request, `connections` those that are open at once.
    """

    requests: int = 2_000
    per_second: int = 50
    burst: int = 50
    seconds: float = 300.0
    request_seconds: float = 30.0
    methods: tuple[str, ...] = ("GET", "HEAD")
    header_kib: int = 32
    connections: int = 64


READ_ONLY = Limits()
"""What a read-only target is asked at most."""
OPEN = Limits(requests=1_000_000, per_second=20_000, burst=20_000, seconds=3_600, methods=(), connections=512)
"""What a target with isolated data is asked at most: enough for every suite, and an end."""
