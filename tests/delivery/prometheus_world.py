"""A real Prometheus, and what can stand between it and whoever asks: it leads on, and changes what is answered."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from delivery_world import eventually, free_port

from olorin_pipelines.demo.prometheus import prometheus_command


class Prometheus:
    """A real one in a folder of its own, which scrapes one Envoy once a second."""

    def __init__(self, folder, admin_port: int) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = prometheus_command(folder, port=self.port, admin_port=admin_port)
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, start_new_session=True, stdout=log, stderr=log)

        def ready() -> bool:
            assert self.process.poll() is None, (folder / "log").read_text()[-2000:]
            try:
                return httpx.get(f"{self.url}/-/ready", timeout=2, trust_env=False).status_code == 200
            except httpx.HTTPError:
                return False

        eventually(ready, within=60, every=0.1)

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)


class Between:
    """Leads questions to the Prometheus `real` at `url`.

    `change` gets a question and the entries of its answer, and returns those that are told; `page` is told instead of
    everything, and `skew` is by how many seconds the clock of the wall seems to be wrong there.
    """

    def __init__(self) -> None:
        self.real: Prometheus | None = None
        self.change: Callable[[str, list[dict[str, Any]]], list[dict[str, Any]]] = lambda _query, entries: entries
        self.page = b""
        self.skew = 0.0
        between = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = between.page or between.answer(parse_qs(urlsplit(self.path).query))
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # one that does not answer is no answer
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, asked: dict[str, list[str]]) -> bytes:
        query, parameters = asked["query"][0], {"query": asked["query"][0]}
        if "time" in asked:
            parameters["time"] = str(float(asked["time"][0]) - self.skew)
        said = httpx.get(f"{self.real.url}/api/v1/query", params=parameters, timeout=20, trust_env=False).json()
        if query == "time()":
            said["data"]["result"][1] = str(float(said["data"]["result"][1]) + self.skew)
        else:
            said["data"]["result"] = self.change(query, said["data"]["result"])
        return json.dumps(said).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
