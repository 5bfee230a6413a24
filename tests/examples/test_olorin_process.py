"""The real process: starts, stops on signals, says what is wrong when it cannot start."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "examples.olorin.server"]


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port and its URL, told by its log."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        cwd=ROOT,
        env=os.environ | {"LOG_FORMAT": "json"},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        try:
            events = (json.loads(line) for line in process.stderr)
            yield process, next(event["url"] for event in events if event["event"] == "serving")
        finally:
            if process.poll() is None:
                process.kill()


def test_it_serves_under_the_version_it_was_told_and_warns_of_the_demo_secret():
    with running("--release", "additive", "--version", "9.9.9") as (_, url):
        answer = httpx.get(url + "/openapi.json")
        assert answer.json()["info"]["version"] == "9.9.9"
        assert answer.headers["X-Service-Version"] == "9.9.9"
        assert url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_and_cleanly_even_with_a_connection_open(number):
    with running() as (process, url), httpx.Client() as client:
        assert client.get(url + "/health/ready").status_code == 200
        process.send_signal(number)
        assert process.wait(timeout=2) == 0


def test_a_request_in_flight_is_finished_before_it_ends():
    with running() as (process, url):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            # Half a request: the headers are read, the body is awaited.
            connection.sendall(b"POST /docs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            httpx.get(url + "/health/live")
            process.send_signal(signal.SIGTERM)
            connection.sendall(b"{}")
            assert connection.recv(65536).startswith(b"HTTP/1.1 405")
        assert process.wait(timeout=2) == 0


def test_a_port_in_use_is_one_line_and_exit_code_2():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run([*COMMAND, "--port", str(port)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == f"error: cannot listen on 127.0.0.1:{port}: Address already in use\n"
