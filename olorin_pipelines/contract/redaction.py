"""Which values are secrets, and how do they stay out of everything that is stored?"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

__all__ = ["FILTERED", "Redactor", "is_secret", "secrets_of"]

FILTERED = "[Filtered]"
SHORTEST = 4
"""A shorter secret would blank ordinary text; nothing that short is one."""

_SENSITIVE = ("auth", "token", "key", "secret", "password", "session", "cookie", "credential", "signature")
_BASE64 = re.compile(rb'"\$base64":"([A-Za-z0-9+/=]*)"')


def is_secret(name: str) -> bool:
    """Whether a header of this name holds a secret."""
    return any(marker in name.lower() for marker in _SENSITIVE)


def secrets_of(headers: Mapping[str, str], more: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the values to hide: those of headers with a telling name, their token alone, and `more`."""
    found: set[str] = set(more)
    for name, value in headers.items():
        if is_secret(name):
            found |= {value, value.rpartition(" ")[2]}
    return tuple(sorted((secret for secret in found if len(secret) >= SHORTEST), key=len, reverse=True))


class Redactor:
    """Replaces secrets, as they are, as JSON writes them and as an address writes them, also inside base64 bodies."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {
            form
            for secret in secrets
            for form in (secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote(secret), quote_plus(secret))
        }
        longest_first = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)).encode()) if forms else None

    def text(self, text: str) -> str:
        """Return `text` without secrets."""
        return self._plain(text.encode(errors="surrogatepass")).decode(errors="replace") if self._pattern else text

    def line(self, line: bytes) -> bytes:
        """Return a line of a Schemathesis report without secrets."""
        return self._plain(_BASE64.sub(self._body, line)) if self._pattern else line

    def _plain(self, data: bytes) -> bytes:
        return self._pattern.sub(FILTERED.encode(), data) if self._pattern else data

    def _body(self, match: re.Match[bytes]) -> bytes:
        try:
            body = base64.b64decode(match[1], validate=True)
        except binascii.Error:
            return match[0]
        clean = self._plain(body)
        return match[0] if clean == body else b'"$base64":"' + base64.b64encode(clean) + b'"'
