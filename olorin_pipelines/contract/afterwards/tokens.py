"""Which bad tokens must a service refuse? Made from a good one: the same for every run."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from olorin_pipelines.contract.judge.exchange import Probe

__all__ = ["Token", "tokens"]

_GARBAGE = "not-a-token"


@dataclass(frozen=True, slots=True)
class Token:
    """A kind of bad credentials, and the value of the header that holds them; None: the header is left out."""

    probe: Probe
    value: str | None = field(repr=False)


def tokens(name: str, good: Mapping[str, str], expired: Mapping[str, str]) -> list[Token]:
    """Return bad values for the header `name`, the absent one first.

    Wrongly signed and unsigned ones are made of a JWT alone. One that is expired and nothing else cannot be made
    without the key: it is there when `expired` holds it.
    """
    value = _value(good, name)
    if value is None:
        return []
    scheme, _, token = value.rpartition(" ")
    prefix = f"{scheme} " if scheme else ""
    made = [Token("no_token", None), Token("garbage_token", prefix + _GARBAGE)]
    parts = token.split(".")
    if len(parts) == 3 and _is_json(parts[0]) and _is_json(parts[1]):
        made.append(Token("wrongly_signed_token", f"{prefix}{parts[0]}.{parts[1]}.{_flipped(parts[2])}"))
        header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
        made.append(Token("unsigned_token", f"{prefix}{header}.{parts[1]}."))
    old = _value(expired, name)
    return [*made, Token("expired_token", old)] if old is not None else made


def _value(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name.lower()), None)


def _is_json(part: str) -> bool:
    try:
        return isinstance(json.loads(_decoded(part)), dict)
    except (ValueError, binascii.Error):
        return False


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _flipped(signature: str) -> str:
    """The signature with every bit of its first byte turned: well formed, and certainly wrong."""
    try:
        data = _decoded(signature)
    except (ValueError, binascii.Error):
        data = b""
    changed = bytes([data[0] ^ 0xFF]) + data[1:] if data else b"\x00" * 32
    return base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
