"""What surrounds every request: the version header, measurements, the time limit. Plain ASGI, for speed."""

import asyncio
import time
from datetime import datetime
from email.utils import format_datetime

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import error_answer
from .metrics import Metrics
from .operations import operation_of

__all__ = ["Deprecated", "DocumentationPolicy", "Guarded", "Observed", "VersionHeader"]

_log = structlog.get_logger("olorin.server")


class VersionHeader:
    """Tells on every response, errors included, which version answered."""

    def __init__(self, app: ASGIApp, version: str) -> None:
        self.app = app
        self.version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on and mark its answer."""

        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Service-Version"] = self.version
            await send(message)

        await self.app(scope, receive, send_with_version if scope["type"] == "http" else send)


class Deprecated:
    """Tells on every answer below a prefix since when it is deprecated, until when it is served, and what follows.

    `Deprecation` is RFC 9745, `Sunset` RFC 8594, the link's relation RFC 5829.
    """

    def __init__(self, app: ASGIApp, *, prefix: str, since: datetime, sunset: datetime, successor: str) -> None:
        self.app = app
        self.prefix = prefix
        self.headers = {
            "Deprecation": f"@{since.timestamp():.0f}",
            "Sunset": format_datetime(sunset, usegmt=True),
            "Link": f'<{successor}>; rel="successor-version"',
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on; mark its answer when it is below the prefix."""

        async def send_with_notice(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        below = scope["type"] == "http" and scope["path"].startswith(self.prefix)
        await self.app(scope, receive, send_with_notice if below else send)


class DocumentationPolicy:
    """Lets the documentation pages load from this server alone and call only the servers of the document."""

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        self.app = app
        allowed = " ".join(origin for origin in origins if origin != "/")
        self.policy = (
            "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data:; worker-src blob:; connect-src 'self' {allowed}".rstrip()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on; give a page its policy."""

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = self.policy
            await send(message)

        page = scope["type"] == "http" and scope["path"] in ("/docs", "/redoc")
        await self.app(scope, receive, send_with_policy if page else send)


class Observed:
    """Counts and times every request; tells it in the log at DEBUG."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on and record how it was answered."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_observed)
        finally:
            seconds = time.perf_counter() - started
            operation = operation_of(scope)
            self.metrics.observe(operation, status, seconds)
            _log.debug(
                "request",
                method=scope["method"],
                path=scope["path"],
                operation=operation,
                status=status,
                milliseconds=round(seconds * 1000, 2),
            )


class Guarded:
    """Answers 504 when a request takes too long and 500 when it breaks, as long as no answer has begun."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on; answer for it when it fails."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def send_noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout(self.seconds):
                await self.app(scope, receive, send_noted)
        except TimeoutError:
            if begun:
                raise
            limit = f"The request took longer than {self.seconds * 1000:.0f} ms"
            await error_answer(504, "timeout", limit)(scope, receive, send)
        except Exception:
            if begun:
                raise
            _log.exception("request failed", operation=operation_of(scope))
            await error_answer(500, "internal_error", "The service failed to answer")(scope, receive, send)
