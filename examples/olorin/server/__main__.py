"""Run a release of the investigations API.

python -m examples.olorin.server --release stable --port 8001
"""

import argparse
import json
import math
import signal
import socket
import sys
from collections.abc import Sequence
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from .app import create_app
from .log import configure_logging
from .releases import RELEASES
from .settings import Settings, describe

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT, or print the document; return the exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = Settings()
    except ValidationError as error:
        return _refuse(describe(error))
    if chosen.document:
        document = create_app(RELEASES[chosen.release], settings, version=chosen.version).openapi()
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return 0
    try:
        listener = _listen(chosen.host, chosen.port)
    except (OSError, OverflowError) as error:
        return _refuse(f"cannot listen on {chosen.host}:{chosen.port}: {getattr(error, 'strerror', None) or error}")
    configure_logging(settings)
    log = structlog.get_logger("olorin.server")
    release = RELEASES[chosen.release]
    app = create_app(release, settings, version=chosen.version)
    if settings.uses_demo_secret:
        log.warning("tokens are signed with the demo secret; set JWT_SECRET", demo_secret=True)
    host, port = listener.getsockname()[:2]
    log.info("serving", release=release.name, version=app.version, url=f"http://{host}:{port}")
    _serve(app, listener, settings)
    log.info("stopped", release=release.name)
    return 0


def _parser() -> argparse.ArgumentParser:
    releases = "\n".join(f"  {release.name:<14}{release.version}  {release.summary}" for release in RELEASES.values())
    parser = argparse.ArgumentParser(
        prog="python -m examples.olorin.server",
        description=f"Run a release of the investigations API.\n\nreleases:\n{releases}",
        epilog="example: python -m examples.olorin.server --release additive --port 8002",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--release", choices=sorted(RELEASES), default="stable", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--version", help="announce this version instead of the release's own")
    parser.add_argument("--document", action="store_true", help="print the OpenAPI document it would serve, and end")
    return parser


def _listen(host: str, port: int) -> socket.socket:
    """Listen before anything else is built: a port in use is told at once, early callers wait instead of failing."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except BaseException:
        listener.close()
        raise
    return listener


def _serve(app: FastAPI, listener: socket.socket, settings: Settings) -> None:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,  # longer than any proxy in front keeps an idle connection
        timeout_graceful_shutdown=math.ceil(settings.request_timeout_ms / 1000),
    )
    server = uvicorn.Server(config)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn raises the signal again after its shutdown: with a handler of ours that ends in exit code 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run(sockets=[listener])


def _refuse(reason: str) -> int:
    sys.stderr.write(f"error: {reason}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
