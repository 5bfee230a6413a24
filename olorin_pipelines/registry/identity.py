"""How is a deployment named? By a UUID version 7 (RFC 9562, section 5.7): unique, and ordered by time."""

from __future__ import annotations

import os
import time
import uuid

__all__ = ["uuid7"]


def uuid7(*, milliseconds: int | None = None) -> str:
    """Return a new UUIDv7 as text: 48 bits of milliseconds since the epoch, then 74 random bits."""
    moment = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    value = (moment & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
