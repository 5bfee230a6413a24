"""How does our own code ask through a guard? A client that takes real addresses and sends nothing past the guard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx

from olorin_pipelines.contract.guard.bootstrap import LOCATION
from olorin_pipelines.contract.guard.guard import Guard, guarded
from olorin_pipelines.contract.guard.limits import READ_ONLY, Limits
from olorin_pipelines.contract.guard.refusals import Refusal, refusal_of
from olorin_pipelines.contract.guard.target import target_of

__all__ = ["GuardRefused", "GuardedTransport", "guarded_client", "through"]

_LONGEST_WAIT = 5.0


class GuardRefused(httpx.RequestError):
    """The guard did not let a request pass: `refusal` says why."""

    def __init__(self, refusal: Refusal, request: httpx.Request) -> None:
        super().__init__(refusal.message, request=request)
        self.refusal = refusal


class GuardedTransport(httpx.BaseTransport):
    """Leads every request for `url` through `guard`, and refuses all others.

    What was too fast is sent again a little later. An answer that the guard gave for want of one is raised as httpx
    raises it: `ConnectError`, `ReadTimeout`. Every other refusal is a `GuardRefused`.
    """

    def __init__(self, guard: Guard, url: str, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._guard, self._target, self._wait = guard, target_of(url), wait
        self._entry = httpx.URL(guard.url)
        self._inner = httpx.HTTPTransport(trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request through the guard."""
        path = self._path(request)
        waited = 0.0
        while True:
            through = httpx.Request(
                request.method,
                self._entry.copy_with(raw_path=path),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
            response = self._send(through, request)
            refusal = refusal_of(response.headers)
            if refusal is None:
                return _as_it_was(response)
            response.close()
            if refusal.reason != "rate" or waited >= _LONGEST_WAIT:
                raise _raised(refusal, request)
            pause = 1.0 / max(1, self._guard.limits.per_second)
            self._wait(pause)
            waited += pause

    def close(self) -> None:
        """Close the connections to the guard."""
        self._inner.close()

    def _path(self, request: httpx.Request) -> bytes:
        base, path = self._target.base.encode(), request.url.raw_path
        if _target(request.url) != (self._target.host, self._target.port, self._target.tls) or not _below(path, base):
            raise httpx.UnsupportedProtocol(f"the guard leads to {self._target.authority} alone", request=request)
        return self._entry.raw_path + path[len(base) :]

    def _send(self, through: httpx.Request, request: httpx.Request) -> httpx.Response:
        try:
            return self._inner.handle_request(through)
        except httpx.TransportError as error:
            if not self._guard.alive:
                raise httpx.ConnectError("the guard was stopped", request=request) from error
            raise


@contextmanager
def through(guard: Guard, url: str) -> Iterator[httpx.Client]:
    """Open a client that sends requests for `url` through `guard`. Redirects are reported, never followed."""
    transport = GuardedTransport(guard, url)
    with httpx.Client(transport=transport, trust_env=False, follow_redirects=False) as client:
        yield client


@contextmanager
def guarded_client(
    url: str, limits: Limits = READ_ONLY, *, mark: Mapping[str, str] | None = None
) -> Iterator[httpx.Client]:
    """Start a guard before `url` and return a client for it, see `guarded`."""
    with guarded(url, limits, mark=mark) as guard, through(guard, url) as client:
        yield client


def _target(url: httpx.URL) -> tuple[str, int, bool]:
    tls = url.scheme == "https"
    return url.host, url.port or (443 if tls else 80), tls


def _below(path: bytes, base: bytes) -> bool:
    return path.startswith(base) and path[len(base) :][:1] in (b"", b"/", b"?")


def _as_it_was(response: httpx.Response) -> httpx.Response:
    """Put the target's own `Location` back: this client does not follow it."""
    if LOCATION in response.headers:
        response.headers["location"] = response.headers.pop(LOCATION)
    return response


def _raised(refusal: Refusal, request: httpx.Request) -> httpx.RequestError:
    if not refusal.unanswered:
        return GuardRefused(refusal, request)
    kind = httpx.ReadTimeout if "timeout" in refusal.reason else httpx.ConnectError
    return kind(refusal.message, request=request)
