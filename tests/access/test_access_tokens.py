"""Tokens that end: from a command and from a token endpoint, renewed in time, told to nobody."""

from __future__ import annotations

import base64
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import psutil
import pytest

from olorin_pipelines.access import ClientCredentials, CommandToken, Credentials, Token, with_query
from olorin_pipelines.errors import ToolFailed, ToolMissing


def command(code: str, **options: Any) -> CommandToken:
    return CommandToken(command=[sys.executable, "-c", code], **options)


def test_what_a_command_prints_is_the_token() -> None:
    token = command("print('  abc.def  ')", lasts=60.0).fetch()
    assert (token.value, token.seconds) == ("abc.def", 60.0)
    assert "abc" not in repr(token)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; print('hush'); sys.exit(3)", "ended with 3 and no token"),
        ("print('')", "gave something that is no token"),
        ("print('hush\\nhush')", "gave something that is no token"),
        ("print('hush' * 9999)", "gave something that is no token"),
    ],
)
def test_a_command_without_a_token_is_told_and_its_output_is_not(code: str, said: str) -> None:
    with pytest.raises(ToolFailed, match=said) as caught:
        command(code).fetch()
    assert "hush" not in caught.value.diagnostics()


def test_a_command_that_hangs_is_ended_with_its_children() -> None:
    code = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'])"
    with pytest.raises(ToolFailed, match=r"no token within 0\.5 s"):
        command(f"{code}; time.sleep(30)", seconds=0.5).fetch()
    assert not [child for child in psutil.Process().children(recursive=True) if "time.sleep(30)" in child.cmdline()]


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(ToolMissing, match="olorin-no-such-program cannot be started"):
        CommandToken(command=["olorin-no-such-program", "--secret"]).fetch()


@pytest.fixture
def issuer() -> Iterator[Any]:
    """A token endpoint: counts its tokens, tells `answer` if there is one."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            server.asked.append((self.headers.get("Authorization"), form))
            token = {"access_token": f"token-{len(server.asked)}", "token_type": "Bearer", "expires_in": server.lasts}
            status, body = server.answer or (200, json.dumps(token).encode())
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    class Issuer(ThreadingHTTPServer):
        asked: list[Any]
        lasts: float = 100
        answer: tuple[int, bytes] | None = None

        @property
        def url(self) -> str:
            return f"http://127.0.0.1:{self.server_address[1]}/token"

    server = Issuer(("127.0.0.1", 0), Handler)
    server.asked = []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def client(issuer: Any, **options: Any) -> ClientCredentials:
    return ClientCredentials(token_url=issuer.url, client_id="me", client_secret="s3cret", **options)


def test_client_credentials_are_asked_for_as_the_standard_says(issuer: Any) -> None:
    token = client(issuer, scopes=("read", "write"), audience="api").fetch()
    assert (token.value, token.seconds) == ("token-1", 100.0)
    [(authorization, form)] = issuer.asked
    assert authorization == "Basic " + base64.b64encode(b"me:s3cret").decode()
    assert form == {"grant_type": ["client_credentials"], "scope": ["read write"], "audience": ["api"]}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, b'{"error": "invalid_client", "error_description": "s3cret"}'), r"answered 401 \(invalid_client\)"),
        ((500, b"s3cret"), "answered 500"),
        ((200, b"s3cret"), "answered without an access_token"),
        ((200, b'{"access_token": 7}'), "answered without an access_token"),
        ((200, b'["s3cret"]'), "answered without an access_token"),
        ((200, b'{"access_token": "a\\nb"}'), "gave something that is no token"),
    ],
)
def test_an_endpoint_that_gives_no_token_is_told(issuer: Any, answer: tuple[int, bytes], said: str) -> None:
    issuer.answer = answer
    with pytest.raises(ToolFailed, match=said) as caught:
        client(issuer).fetch()
    assert "s3cret" not in caught.value.diagnostics()


def test_an_endpoint_that_is_not_there_is_told() -> None:
    with pytest.raises(ToolFailed, match="no token from http://127"):
        ClientCredentials(token_url="http://127.0.0.1:1/t", client_id="a", client_secret="b").fetch()


class Counting:
    def __init__(self, seconds: float | None) -> None:
        self.seconds, self.count = seconds, 0

    def fetch(self) -> Token:
        self.count += 1
        return Token(f"token-{self.count}", self.seconds)


@pytest.mark.parametrize(("lasts", "renewed_after"), [(3600.0, 3570.0), (40.0, 30.0), (2.0, 1.5)])
def test_a_token_is_renewed_before_it_ends_and_not_sooner(lasts: float, renewed_after: float) -> None:
    clock = [0.0]
    credentials = Credentials(source=Counting(lasts), monotonic=lambda: clock[0])
    assert credentials.headers() == {"Authorization": "Bearer token-1"}
    clock[0] = renewed_after - 0.01
    assert credentials.headers() == {"Authorization": "Bearer token-1"}
    clock[0] = renewed_after
    assert credentials.headers() == {"Authorization": "Bearer token-2"}
    assert {"token-1", "token-2"} <= set(credentials.secrets())
    assert "token" not in repr(credentials).replace("_token", "")


def test_a_token_of_which_nobody_said_how_long_it_lasts_is_kept() -> None:
    clock, source = [0.0], Counting(None)
    credentials = Credentials(source=source, monotonic=lambda: clock[0])
    credentials.headers()
    clock[0] = 1e9
    assert credentials.headers() == {"Authorization": "Bearer token-1"}
    assert credentials.renews_in() is None


def test_a_query_is_added_to_what_is_there() -> None:
    assert with_query("http://h/a", {}) == "http://h/a"
    assert with_query("http://h/a", {"k": "a b&c"}) == "http://h/a?k=a%20b%26c"
    assert with_query("http://h/a?b=1", {"k": "v"}) == "http://h/a?b=1&k=v"
