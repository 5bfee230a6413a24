"""What is sent to a service to be let in? Headers and query parameters, one of them with a token that is renewed."""

from __future__ import annotations

import base64
import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload
from urllib.parse import quote

from olorin_pipelines.access.tokens import Token, TokenSource

__all__ = ["Credentials", "Secrets", "with_query"]

MARGIN = 30.0
"""Seconds before its end at which a token is renewed; a shorter-lived one at three quarters of its life."""


@dataclass(slots=True)
class Credentials:
    """`fixed` headers and `query` as they are; `source` gives the token of `Authorization: Bearer`.

    Safe to be used by several threads; a token is fetched when it is first wanted, and again before it ends.
    """

    fixed: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    source: TokenSource | None = None
    monotonic: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _token: Token | None = field(default=None, repr=False)
    _renew_at: float | None = None
    _seen: set[str] = field(default_factory=set, repr=False)

    def headers(self) -> dict[str, str]:
        """Return what to send now. Raises `ToolError` when no token is to be had."""
        token = self._current()
        return {**self.fixed, **({"Authorization": f"Bearer {token.value}"} if token else {})}

    @property
    def renewed(self) -> bool:
        """Whether a token of it ends by itself."""
        return self._renew_at is not None or (self.source is not None and self._token is None)

    def renews_in(self) -> float | None:
        """Return in how many seconds the token is renewed, None when it never is."""
        return None if self._renew_at is None else max(0.0, self._renew_at - self.monotonic())

    def secrets(self) -> Secrets:
        """Return every value that must not be seen; those of tokens that are renewed later join it."""
        return Secrets(self)

    def known(self) -> tuple[str, ...]:
        """Return the secrets up to now, those of tokens that were renewed too."""
        whole = {*self.fixed.values(), *self.query.values(), *self._seen}
        return tuple(sorted({part for value in whole for part in _parts(value) if part}))

    def _current(self) -> Token | None:
        if self.source is None:
            return None
        with self._lock:
            if self._token is None or (self._renew_at is not None and self.monotonic() >= self._renew_at):
                began = self.monotonic()
                self._token = self.source.fetch()
                self._seen.add(self._token.value)
                lasts = self._token.seconds
                self._renew_at = None if lasts is None else began + max(lasts - MARGIN, lasts * 0.75)
            return self._token


class Secrets(Sequence[str]):
    """What must not be seen of credentials, at the moment it is asked for."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def __len__(self) -> int:
        return len(self._credentials.known())

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        return self._credentials.known()[place]


def _parts(value: str) -> tuple[str, ...]:
    """A header's value, and what is secret in it: a token behind its scheme, a password, the value of a cookie."""
    scheme, _, token = value.rpartition(" ")
    if scheme == "Basic":
        with contextlib.suppress(ValueError):
            return value, token, base64.b64decode(token).decode(errors="replace").partition(":")[2]
    return value, token, value.partition("=")[2]


def with_query(url: str, query: Mapping[str, str]) -> str:
    """Return a URL with these parameters added to its query."""
    pairs = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query.items())
    return url if not pairs else f"{url}{'&' if '?' in url else '?'}{pairs}"
