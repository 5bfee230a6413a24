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
from olorin_client import token

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


def listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


def test_a_request_in_flight_is_finished_before_it_ends():
    body = b'{"entity_id": "a", "entity_type": "phone"}'
    head = (
        "POST /api/v1/investigations/ HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with running() as (process, url):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(head.encode())
            httpx.get(url + "/health/live")  # answered after the head above was read
            process.send_signal(signal.SIGTERM)
            while listens(host, int(port)):
                pass
            connection.sendall(body)
            assert connection.recv(65536).startswith(b"HTTP/1.1 201")
        assert process.wait(timeout=2) == 0


def test_a_port_in_use_is_one_line_and_exit_code_2():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run([*COMMAND, "--port", str(port)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == f"error: cannot listen on 127.0.0.1:{port}: Address already in use\n"
