"""Which header lines of a client never reach the target? Those that speak of another method, path or host."""

from __future__ import annotations

__all__ = ["STRIPPED"]

_ANY = "[^a-z0-9]"
"""What may stand for the dash: gateways and CGI make `-`, `_` and others the same."""

_WORDS = (
    "x http method",
    "x http method override",
    "x method override",
    "x method",
    "x original method",
    "x forwarded method",
    "http method override",
    "x original (url|uri|host|path)",
    "x rewrite url",
    "x override url",
    "x forwarded (host|port|proto|scheme)",
    "x forwarded (server|prefix|path|uri|for)",
    "x host",
    "forwarded",
    "expect",
    "upgrade",
    "http2 settings",
    "x envoy .*",
    "x olorin guard",
)

STRIPPED = tuple(words.replace(" ", _ANY) for words in _WORDS)
"""Regular expressions (RE2, matched in full) of lower-case header names."""
