"""Answers are read alike by us, where they are plain, and by the library, where they are not."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from olorin_pipelines.contract.wire import LARGEST_BODY, Answer, Wire, plain_head

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\ngood"


@contextmanager
def answering(*answers: tuple[bytes, ...]) -> Iterator[Wire]:
    """A wire to who serves one connection after another, each with the next answers; then each is closed."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):  # nobody comes any more
            for pieces in answers:
                with listener.accept()[0] as sock:
                    for piece in pieces:
                        sock.recv(65_536)
                        sock.sendall(piece)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener, closing(Wire(f"http://127.0.0.1:{listener.getsockname()[1]}/base", timeout=5)) as wire:
        yield wire
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def asked(wire: Wire, method: str = "GET") -> Answer:
    wire.send(method, "/base/x", [("X-A", "1")], b"")
    return wire.receive()


@pytest.mark.parametrize(
    "answer",
    [
        PLAIN,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ngo\r\n2\r\nod\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ngood",
        b"HTTP/1.0 200 OK\r\n\r\ngood",
        b"HTTP/1.1 200\r\ncontent-length:4\r\nConnection: Keep-Alive\r\n\r\ngood",
        b"HTTP/1.1 200 OK\r\nX: a\r\nContent-Length: 4\r\nX: b\r\n\r\ngood",
    ],
)
def test_an_answer_is_read_however_it_is_written(answer: bytes) -> None:
    with answering((answer,)) as wire:
        got = asked(wire)
    assert (got.status, got.body, got.whole, got.fault) == (200, b"good", True, "")
    assert got.headers.get("x", "a, b") == "a, b"


def test_a_plain_answer_leaves_the_connection_open() -> None:
    with answering((PLAIN, PLAIN.replace(b"good", b"more"))) as wire:
        assert [asked(wire).body, asked(wire).body] == [b"good", b"more"]


def test_what_comes_beyond_an_answer_is_not_taken_for_the_next_one() -> None:
    with answering((PLAIN + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",), (PLAIN,)) as wire:
        assert [asked(wire).body, asked(wire).body] == [b"good", b"good"]


def test_a_connection_that_was_closed_meanwhile_is_opened_again() -> None:
    with answering((PLAIN,), (PLAIN,)) as wire:
        assert [asked(wire).status, asked(wire).status] == [200, 200]


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_an_answer_without_a_body_has_none(method: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" if method == "HEAD" else b"HTTP/1.1 204 Gone\r\n\r\n"
    with answering((head,)) as wire:
        assert asked(wire, method).body == b""


@pytest.mark.parametrize("answer", [b"", PLAIN[:5], PLAIN[:-2], b"rubbish\r\n\r\n"])
def test_what_is_cut_short_is_no_answer(answer: bytes) -> None:
    with answering((answer,), ()) as wire:
        got = asked(wire)
    assert got.status is None
    assert got.fault


def test_a_body_that_is_too_large_is_cut() -> None:
    size = LARGEST_BODY + 1
    with answering((b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size,)) as wire:
        got = asked(wire)
    assert (len(got.body), got.whole) == (LARGEST_BODY, False)


LINES = st.sampled_from(
    [
        *("Content-Length: 4", "content-length:0004", "Content-Length: 4, 4", "Content-Length: -1", "Content-Length:"),
        *("Transfer-Encoding: chunked", "Connection: close", "Connection: keep-alive", "Keep-Alive: timeout=5"),
        *("X-A: 1", "x-a:\t2 ", "X-B:", "X B: 1", ": nothing", "no colon", " folded", "X-C: caf\xe9", "X-D: a\x0bb"),
    ]
)
FIRST = st.sampled_from(["HTTP/1.1 200 OK", "HTTP/1.1 404", "HTTP/1.1 204 No", "HTTP/1.1 2000 X", "HTTP/1.0 200 OK"])


@given(first=FIRST, lines=st.lists(LINES, max_size=6), method=st.sampled_from(["GET", "HEAD"]))
def test_a_head_that_we_read_the_library_reads_alike(first: str, lines: list[str], method: str) -> None:
    begun = "\r\n".join([first, *lines, "", ""]).encode("latin-1")
    ours = plain_head(begun, method)
    if ours is None:
        return
    theirs = read_by_the_library(begun + b"body", method)
    headers: dict[str, str] = {}
    for name, value in theirs.getheaders():
        said = value.strip()  # RFC 9110, section 5.5: blanks around a value are no part of it
        headers[name.lower()] = f"{headers[name.lower()]}, {said}" if name.lower() in headers else said
    assert (ours.status, ours.headers) == (theirs.status, headers)
    assert ours.length == (theirs.length or 0)
    assert not theirs.will_close


def read_by_the_library(data: bytes, method: str) -> http.client.HTTPResponse:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(data)
        there.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(here, method=method)
        response.begin()
        length, ends = response.length, response.will_close
        response.close()
        response.length, response.will_close = length, ends  # closing forgets them
        return response


@pytest.mark.parametrize(
    ("lines", "by_us"),
    [
        ("content-length: 4", True),
        ("Date: now\r\nContent-Length: 4\r\nConnection: keep-alive", True),
        ("Transfer-Encoding: chunked", False),
        ("Connection: close\r\nContent-Length: 4", False),
    ],
)
def test_what_is_read_by_us(lines: str, by_us: bool) -> None:
    assert (plain_head(f"HTTP/1.1 200 OK\r\n{lines}\r\n\r\n".encode(), "GET") is not None) is by_us
