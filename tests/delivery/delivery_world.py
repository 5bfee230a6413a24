"""Real tiny backends, a real Envoy and a bounded load for the tests of delivery. Loopback only."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import os
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from olorin_pipelines.delivery.envoy.bootstrap import write_bootstrap
from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.envoy import envoy_command
from olorin_pipelines.envoy.admin import Admin
from olorin_pipelines.errors import RouterUnreachable

SERVICE = "investigations"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def eventually(condition, *, within: float = 10.0, every: float = 0.01):
    """Wait for a condition to become true, and return what it returned."""
    deadline = time.monotonic() + within
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {within} s"
        threading.Event().wait(every)


class TinyBackend:
    """A server that names its version; faults: `status`, `statuses` of paths, `delay` (seconds), `held` (an Event)."""

    def __init__(self, version: str) -> None:
        self.status, self.delay, self.held, self.named = 200, 0.0, None, True
        self.choose = lambda: self.status
        self.statuses: dict[str, int] = {}
        self.seen = 0
        world = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20
            wbufsize = -1  # one write an answer: two would wait for each other's acknowledgement
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                world.seen += 1
                if world.held is not None:
                    world.held.wait(20)
                if world.delay:
                    threading.Event().wait(world.delay)
                self.send_response(world.statuses.get(self.path) or world.choose())
                self.send_header("Content-Length", "2")
                if world.named:
                    self.send_header("X-Service-Version", version)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        self.backend = Backend(version, f"http://127.0.0.1:{self._server.server_port}")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()


class Load:
    """A bounded number of requests a second through the router, to `paths` in turns; answers are counted by status."""

    def __init__(self, url: str, *, threads: int = 4, pause: float = 0.004, paths: Sequence[str] = ("/",)) -> None:
        self._paths = paths
        self._address = url.removeprefix("http://")
        self._pause = pause
        self._stop = threading.Event()
        self.statuses: Counter[int | None] = Counter()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def _run(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=20)
        paths = itertools.cycle(self._paths)
        while not self._stop.is_set():
            try:
                connection.request("GET", next(paths))
                response = connection.getresponse()
                response.read()
                self.statuses[response.status] += 1
            except (OSError, http.client.HTTPException):
                self.statuses[None] += 1
                connection.close()
            self._stop.wait(self._pause)
        connection.close()

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(25)


class RunningEnvoy:
    """An Envoy in its own process group, always killed. Several may read one directory, each with its own `name`."""

    def __init__(self, directory: Path, *, name: str = "") -> None:
        self.directory = directory
        self.access_log = directory / f"{name}access.log"
        self.log = directory / f"{name}envoy.log"
        self.admin_port, self.listen_port = free_port(), free_port()
        self.admin_url = f"http://127.0.0.1:{self.admin_port}"
        self.url = f"http://127.0.0.1:{self.listen_port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        bootstrap = write_bootstrap(
            self.directory,
            service=SERVICE,
            listen_port=self.listen_port,
            admin_port=self.admin_port,
            access_log=self.access_log,
            concurrency=1,
        )
        self.process = subprocess.Popen(
            envoy_command(bootstrap, log=self.log, concurrency=1),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        admin = Admin(self.admin_url)

        def ready() -> bool:
            assert self.process.poll() is None, f"Envoy ended: {self.log.read_text()[-2000:]}"
            try:
                return "LIVE" in admin.get("/ready")
            except RouterUnreachable:
                return False

        eventually(ready, within=30)

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None
