"""The guard of a read-only target: what arrives, by the target's own log."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from olorin_pipelines.contract.guard import Guard, Limits, guarded, refusal_of
from olorin_pipelines.errors import ToolFailed, ToolMissing, UsageError

MANY = Limits(requests=1_000_000, per_second=1_000_000, burst=1_000_000, seconds=600, connections=500)
MARK = {"X-Olorin-Synthetic": "a-test"}

METHODS = [
    *("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "CONNECT", "PROPFIND", "MKCOL", "LOCK", "PURGE"),
    *("get", "head", "post", "delete", "Get", "TAB\t", "GETX", "XGET", "DELETE\x0bGET", "G" * 4_000, "A" * 70_000, "é"),
    *("GET GET", "DELETE%20", "*", "-", "PRI", "SEARCH", "LINK", "UNLINK", "M-SEARCH", "BREW", "\x00GET"),
]


def asked(guard: Guard, data: bytes, *, seconds: float = 0.5) -> bytes:
    """Send bytes as they are to the guard and return all it says until it closes or is silent."""
    address = urlsplit(guard.url)
    said = b""
    with socket.create_connection((address.hostname, address.port), timeout=seconds) as connection:
        try:
            connection.sendall(data)
            while chunk := connection.recv(65_536):
                said += chunk
                connection.settimeout(0.05)  # a second answer would follow at once
        except (TimeoutError, ConnectionError):
            pass
    return said


def path_of(guard: Guard) -> str:
    return urlsplit(guard.url).path


def eventually(true: Callable[[], Any], within: float = 10.0) -> None:
    until = time.monotonic() + within
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture(scope="module")
def _shared(_raw_target: Any) -> Iterator[Guard]:
    """One guard for all that is only sent through it; what arrived late, in another test, is found at the end."""
    with guarded(_raw_target.url, MANY, mark=MARK) as running:
        yield running
    assert _raw_target.ever <= {"GET", "HEAD"}


@pytest.fixture
def guard(_shared: Guard, target: Any) -> Guard:
    return _shared


def test_a_get_and_a_head_arrive_marked_below_the_base_path_and_nothing_else_does(guard: Guard, target: Any) -> None:
    before = guard.counts().passed
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"{guard.url}/a%2Fb?q=1%202", headers={"X-Olorin-Synthetic": "forged"}).json() == {}
        assert client.get(guard.url).status_code == 200
    target.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    assert httpx.head(f"{guard.url}/", trust_env=False).status_code == 200
    assert [line for _, line in target.lines] == [
        "GET /base/a%2Fb?q=1%202 HTTP/1.1",
        "GET /base HTTP/1.1",
        "HEAD /base/ HTTP/1.1",
    ]
    assert all(head.count("x-olorin-synthetic: a-test\r\n") == 1 and "forged" not in head for head in target.heads)
    assert all(f"host: 127.0.0.1:{target.port}\r\n" in head for head in target.heads)
    assert guard.counts().passed == before + 3


@pytest.mark.parametrize("method", METHODS, ids=lambda method: ascii(method)[1:20])
def test_no_other_method_arrives(guard: Guard, target: Any, method: str) -> None:
    for tail in ("Content-Length: 0\r\n", "Content-Length: 4\r\n", ""):
        line = f"{method} {path_of(guard)}/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{tail}\r\n"
        said = asked(guard, line.encode() + (b"abcd" if "4" in tail else b""))
        assert said == b"" or said.split(b" ")[1][:1] == b"4", said
    assert target.raw == b""


def smuggled(path: str) -> dict[str, bytes]:
    """Requests that two parsers may read differently; each hides a DELETE."""
    hidden = f"DELETE {path}/victim HTTP/1.1\r\nHost: h\r\n\r\n"
    head = f"GET {path}/x HTTP/1.1\r\nHost: h\r\n"
    length, chunked = f"Content-Length: {len(hidden)}\r\n", "Transfer-Encoding: chunked\r\n"
    chunks = f"{len(hidden):x}\r\n{hidden}\r\n0\r\n\r\n"
    post = f"POST {path}/x HTTP/1.1\r\nHost: h\r\n"
    shapes = {
        "a body with a length": head + length + "\r\n" + hidden,
        "a body in chunks": head + chunked + "\r\n" + chunks,
        "length and chunks": head + length + chunked + "\r\n" + "0\r\n\r\n" + hidden,
        "chunks and length": head + chunked + "Content-Length: 5\r\n" + "\r\n" + "0\r\n\r\n" + hidden,
        "two lengths": head + "Content-Length: 0\r\n" + length + "\r\n" + hidden,
        "two lengths in one": head + f"Content-Length: 0, {len(hidden)}\r\n\r\n" + hidden,
        "a length with a sign": head + f"Content-Length: +{len(hidden)}\r\n\r\n" + hidden,
        "a length below zero": head + "Content-Length: -1\r\n\r\n" + hidden,
        "a length too large": head + "Content-Length: 99999999999999999999999\r\n\r\n" + hidden,
        "a length in hexadecimal": head + "Content-Length: 0x10\r\n\r\n" + hidden,
        "a length with zeros": head + f"Content-Length: 000{len(hidden)}\r\n\r\n" + hidden,
        "a folded encoding": head + "Transfer-Encoding:\r\n chunked\r\n\r\n" + chunks,
        "a folded header": head + "X-A: b\r\n\tTransfer-Encoding: chunked\r\n\r\n" + chunks,
        "a space before the colon": head + "Transfer-Encoding : chunked\r\n\r\n" + chunks,
        "an odd encoding": head + "Transfer-Encoding: xchunked\r\n" + length + "\r\n" + hidden,
        "two encodings": head + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
        "bare line feeds": (head + length + "\r\n" + hidden).replace("\r\n", "\n"),
        "a bare line feed in the head": head + f"X-A: b\nContent-Length: {len(hidden)}\r\n\r\n" + hidden,
        "a bare carriage return": head + f"X-A: b\rContent-Length: {len(hidden)}\r\n\r\n" + hidden,
        "a null in a header": head + "X-A: \x00\r\n" + length + "\r\n" + hidden,
        "a line break in the path": f"GET {path}/x\rHTTP/1.1 HTTP/1.1\r\nHost: h\r\n\r\n" + hidden,
        "an escaped line break in the path": f"GET {path}/x%20HTTP/1.1%0d%0aA:b%0d%0a HTTP/1.1\r\nHost: h\r\n\r\n",
        "a request behind another": head + "\r\n" + hidden,
        "a request behind a refused one": post + length + "\r\n" + hidden,
        "a request behind a refused one without a length": post + "\r\n" + hidden,
        "no version": f"GET {path}/x\r\n" + hidden,
        "an old version": f"GET {path}/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + hidden,
        "an odd version": f"GET {path}/x HTTP/1.2\r\nHost: h\r\n\r\n" + hidden,
        "empty lines first": "\r\n\r\n" + hidden,
        "a hidden header": head + f"Connection: close, Content-Length\r\n{length}\r\n" + hidden,
        "an expectation": head + "Expect: 100-continue\r\n" + length + "\r\n" + hidden,
        "a chunk with an extension": head + chunked + f"\r\n{len(hidden):x};\n{hidden}\r\n0\r\n\r\n",
        "a trailer": head + chunked + f"\r\n0\r\nX-A: b\r\n\r\n{hidden}",
        "an upgrade": head + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: a\r\n\r\n" + hidden,
        "a body of one byte": head + "Transfer-Encoding: chunked\r\n\r\n1\r\nX\r\n0\r\n\r\n" + hidden,
        "a body of none": head + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
        "h2c": head
        + "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAA\r\n\r\n"
        + hidden,
        "h2c by prior knowledge": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden,
        "a tunnel": "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n" + hidden,
        "a whole address": f"DELETE http://127.0.0.1{path}/x HTTP/1.1\r\nHost: h\r\n\r\n" + hidden,
    }
    return {name: text.encode("latin-1") for name, text in shapes.items()}


@pytest.mark.parametrize("shape", smuggled(""))
def test_nothing_is_smuggled(guard: Guard, target: Any, shape: str) -> None:
    asked(guard, smuggled(path_of(guard))[shape])
    assert target.methods <= {"GET"}
    assert b"DELETE" not in target.raw
    assert b"victim" not in target.raw
    assert len(target.lines) <= 1


@pytest.mark.parametrize(
    "request_line",
    [
        "GET http://127.0.0.1:9{path}/x HTTP/1.1\r\nHost: elsewhere.invalid",
        "GET {path}/x HTTP/1.1\r\nHost: elsewhere.invalid:1",
        "GET {path}/x HTTP/1.1\r\nHost: h\r\nX-Forwarded-Host: elsewhere.invalid\r\nForwarded: host=elsewhere.invalid",
        "GET {path}/x HTTP/1.1\r\nHost: h\r\nX-Original-URL: /elsewhere\r\nX_Rewrite_URL: /elsewhere",
    ],
)
def test_the_upstream_is_the_target_whatever_the_client_names(guard: Guard, target: Any, request_line: str) -> None:
    asked(guard, (request_line.format(path=path_of(guard)) + "\r\nConnection: close\r\n\r\n").encode())
    assert [line for _, line in target.lines] == ["GET /base/x HTTP/1.1"]
    assert f"host: 127.0.0.1:{target.port}\r\n" in target.heads[0]
    assert b"elsewhere" not in target.raw


@pytest.mark.parametrize("path", ["/x", "/", "", "{path}/../x", "{path}/%2e%2e/x", "{path}x", "//{path}/x", "*"])
def test_only_paths_below_the_secret_one_are_led_on(guard: Guard, target: Any, path: str) -> None:
    line = f"GET {path.format(path=path_of(guard))} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    assert b" 40" in asked(guard, line.encode())[:12]
    assert target.raw == b""


@pytest.mark.parametrize(
    "name",
    [
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "x_http_method_override",
        "X.HTTP.Method.Override",
    ],
)
def test_another_method_by_another_name_is_taken_away(guard: Guard, target: Any, name: str) -> None:
    line = f"GET {path_of(guard)}/x HTTP/1.1\r\nHost: h\r\n{name}: DELETE\r\nConnection: close\r\n\r\n"
    asked(guard, line.encode())
    assert b"DELETE" not in target.raw
    for query in ("_method=DELETE", "a=1&_method=delete", "%5fMethod=DELETE"):
        assert httpx.get(f"{guard.url}/x?{query}", trust_env=False).status_code == 403
    assert b"_method" not in target.raw.lower()


def test_no_redirect_leads_a_client_out_of_the_guard(guard: Guard, target: Any) -> None:
    target.answer = (
        b'HTTP/1.1 307 Temporary Redirect\r\nLocation: http://elsewhere.invalid/x\r\nAlt-Svc: h3=":1"\r\n'
        b"X-Olorin-Guard: forged\r\nContent-Length: 0\r\n\r\n"
    )
    answer = httpx.get(f"{guard.url}/x", trust_env=False, follow_redirects=True)
    assert answer.status_code == 307
    assert answer.headers["x-olorin-location"] == "http://elsewhere.invalid/x"
    assert not {"location", "alt-svc", "x-olorin-guard"} & set(answer.headers)


@pytest.mark.parametrize("size", [40_000, 200_000])
def test_a_large_head_is_refused(guard: Guard, target: Any, size: int) -> None:
    line = f"GET {path_of(guard)}/x HTTP/1.1\r\nHost: h\r\nX-A: {'a' * size}\r\n\r\n"
    said = asked(guard, line.encode())
    assert said == b"" or b" 431 " in said[:16]
    assert target.raw == b""


@pytest.mark.slow
def test_of_ten_thousand_requests_of_all_kinds_no_unsafe_one_arrives(guard: Guard, target: Any) -> None:
    methods = [method for method in METHODS if method.isascii() and method.isalpha() and len(method) < 20]
    kinds = ["GET", *methods]
    address, sent = urlsplit(guard.url), 0
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    for number in range(10_000):
        method = kinds[number % len(kinds)]
        body = b"DELETE /x HTTP/1.1\r\n\r\n" if number % 3 == 0 and method != "GET" else None
        try:
            connection.request(method, f"{address.path}/{number}", body=body, headers={"X-HTTP-Method": "DELETE"})
            answer = connection.getresponse()
            answer.read()
            assert (answer.status == 200) == (method == "GET")
        except (http.client.HTTPException, ConnectionError):
            connection.close()
        sent += method == "GET"
    assert target.methods == {"GET"}
    assert len(target.lines) == sent
    assert b"DELETE" not in target.raw


def test_the_number_of_requests_is_capped_and_the_refusal_says_so(target: Any) -> None:
    with guarded(target.url, Limits(requests=20, per_second=100_000, burst=100_000)) as guard:
        with httpx.Client(trust_env=False) as client:
            answers = [client.get(f"{guard.url}/x") for _ in range(60)]
            client.post(f"{guard.url}/x")
        assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 40
        refusal = refusal_of(answers[-1].headers)
        assert refusal is not None
        assert refusal.reason == "cap"
        counts = guard.counts()
        assert (counts.passed, counts.refused) == (20, {"cap": 40, "method": 1})
    assert len(target.lines) == 20


def test_the_rate_holds(target: Any) -> None:
    with guarded(target.url, Limits(per_second=20, burst=5)) as guard, httpx.Client(trust_env=False) as client:
        began = time.monotonic()
        while time.monotonic() - began < 1.5:
            answer = client.get(f"{guard.url}/x")
            refusal = refusal_of(answer.headers)
            assert answer.status_code == 200 or (refusal is not None and refusal.reason == "rate")
    times = [at for at, _ in target.lines]
    assert len(times) > 5
    assert all(sum(at <= other < at + 1.0 for other in times) <= 5 + 20 for at in times)


def test_after_the_deadline_nothing_passes_and_the_guard_ends_by_itself(target: Any) -> None:
    with guarded(target.url, Limits(seconds=2.5)) as guard:
        assert httpx.get(f"{guard.url}/x", trust_env=False).status_code == 200
        refused: list[str] = []

        def ended() -> bool:
            try:
                found = refusal_of(httpx.get(f"{guard.url}/x", trust_env=False).headers)
                refused.extend([found.reason] if found and found.reason != "rate" else [])
            except httpx.TransportError:
                refused.append("gone")
            return not guard.alive

        eventually(ended)
    assert refused[0] == "deadline"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("whom", ["warden", "envoy"])
def test_killing_the_guard_stops_all_traffic_also_on_open_connections(
    target: Any, whom: str, number: signal.Signals
) -> None:
    with guarded(target.url, MANY) as guard, httpx.Client(trust_env=False) as client:
        assert client.get(f"{guard.url}/x").status_code == 200
        [envoy] = psutil.Process(guard.pid).children()
        os.kill(guard.pid if whom == "warden" else envoy.pid, number)
        psutil.wait_procs([envoy], timeout=10)
        before = len(target.lines)
        for _ in range(5):
            with pytest.raises(httpx.TransportError):
                client.get(f"{guard.url}/x")
        assert len(target.lines) == before
        eventually(lambda: not guard.alive)


def test_nothing_is_left_behind(target: Any) -> None:
    with contextlib.suppress(RuntimeError), guarded(target.url) as guard:
        [envoy] = psutil.Process(guard.pid).children()
        folder = Path(next(word for word in envoy.cmdline() if word.endswith("bootstrap.json"))).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert "olorin-guard" in envoy.cmdline()
        raise RuntimeError("on purpose")
    assert not envoy.is_running()
    assert not psutil.pid_exists(guard.pid)
    assert not folder.exists()


def test_it_ends_with_whoever_started_it_however_that_ended(target: Any) -> None:
    code = (
        "import sys, time\nfrom olorin_pipelines.contract.guard import guarded\n"
        f"with guarded({target.url!r}) as guard:\n    print(guard.pid, flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        warden = psutil.Process(int(owner.stdout.readline()))
        family = [warden, *warden.children()]
        owner.kill()
    _, left = psutil.wait_procs(family, timeout=10)
    assert left == []


@pytest.mark.parametrize("path", ["", "/nothing"])
def test_a_target_that_does_not_answer_is_told_from_one_that_is_refused(path: str) -> None:
    with guarded(f"http://127.0.0.1:1{path}") as guard:
        refusal = refusal_of(httpx.get(f"{guard.url}/x", trust_env=False).headers)
    assert refusal is not None
    assert refusal.unanswered
    assert "refused" in refusal.message


@pytest.mark.parametrize(
    "url", ["ftp://h/x", "http://", "http://h:x", "http://user:word@h/", "http://h/?a=1", "http://h/a b", "nothing"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError), guarded(url):
        pass


def test_without_envoy_there_is_no_guard_and_the_fix_is_named(
    monkeypatch: pytest.MonkeyPatch, target: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr("olorin_pipelines.envoy.program.importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("olorin_pipelines.envoy.program.sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing) as caught, guarded(target.url):
        pass
    assert "embedded" in caught.value.hint


def test_an_unknown_host_is_named() -> None:
    with pytest.raises(ToolFailed, match=r"no-such-host\.invalid is not known"), guarded("http://no-such-host.invalid"):
        pass


def test_the_log_has_a_line_a_request_without_its_query(target: Any, tmp_path: Path) -> None:
    log = tmp_path / "guard.ndjson"
    with guarded(target.url, log=log) as guard, httpx.Client(trust_env=False) as client:
        client.get(f"{guard.url}/x?key=hush")
        client.delete(f"{guard.url}/x")
    eventually(lambda: log.exists() and log.read_text().count("\n") == 2)
    text = log.read_text()
    assert '"path":"/base/x"' in text
    assert "policy[method]" in text
    assert "hush" not in text
