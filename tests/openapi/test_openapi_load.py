"""Whatever answers, the fault is named with its fix, and nothing outside the document is read."""

from __future__ import annotations

import gzip
import json
import socket
import sys
import threading
import types
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from olorin_pipelines import openapi
from olorin_pipelines.errors import DocumentError, DocumentInvalid, DocumentUnreachable

DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Orders", "version": "2.4.0"}, "paths": {"/a": {"get": {}}}}
BODY = json.dumps(DOCUMENT).encode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, _, rest = self.path.partition("?")[0].lstrip("/").partition("/")
        headers = {"content-type": "application/json"}
        status, body = 200, BODY
        if kind == "status":
            status = int(rest)
        elif kind == "html":
            body = b"<!DOCTYPE html><html></html>"
        elif kind == "empty":
            body = b"  "
        elif kind == "large":
            body = b" " * 200_000 + BODY
        elif kind == "bomb":
            headers["content-encoding"] = "gzip"
            body = gzip.compress(b" " * 5_000_000)
        elif kind == "broken-gzip":
            headers["content-encoding"] = "gzip"
        elif kind == "redirect":
            status = 302
            headers["location"] = f"/redirect/{int(rest) - 1}" if int(rest) > 1 else "/ok"
        elif kind == "away":
            status = 302
            headers["location"] = "http://localhost:1/ok"
        elif kind == "token" and self.headers["authorization"] != "Bearer t":
            status = 401
        elif kind == "cut":
            headers["content-length"] = str(len(body) + 10)
        elif kind == "silent":
            self.server.released.wait(5)  # type: ignore[attr-defined]
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.released = threading.Event()  # type: ignore[attr-defined]
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.released.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_url_gives_a_snapshot_named_by_its_canonical_form(url: str) -> None:
    snapshot = openapi.load(f"{url}/ok")
    assert (snapshot.title, snapshot.version, snapshot.dialect, snapshot.operation_count) == (
        "Orders",
        "2.4.0",
        "3.1",
        1,
    )
    assert snapshot.raw == BODY
    other = openapi.parse(json.dumps(dict(reversed(DOCUMENT.items())), indent=3).encode(), source="x")
    assert other.digest == snapshot.digest
    assert len(snapshot.digest) == 64


def test_yaml_and_json_have_the_same_digest() -> None:
    text = "openapi: 3.1.0\ninfo: {title: Orders, version: 2.4.0}\npaths: {/a: {get: {}}}\n"
    assert openapi.parse(text.encode(), source="a.yaml").digest == openapi.parse(BODY, source="a.json").digest


def test_arrays_keep_their_order() -> None:
    one, two = ({**DOCUMENT, "tags": tags} for tags in ([{"name": "a"}, {"name": "b"}], [{"name": "b"}, {"name": "a"}]))
    digests = {openapi.parse(json.dumps(d).encode(), source="x").digest for d in (one, two)}
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("path", "kind", "says", "hint"),
    [
        ("status/401", DocumentUnreachable, "401", "auth"),
        ("status/403", DocumentUnreachable, "403", "auth"),
        ("status/404", DocumentUnreachable, "404", "schema:"),
        ("status/500", DocumentUnreachable, "500", "log"),
        ("status/204", DocumentUnreachable, "204", "address"),
        ("html", DocumentUnreachable, "web page", "schema:"),
        ("empty", DocumentUnreachable, "empty", "address"),
        ("large", DocumentError, "larger than 100,000 bytes", "limit"),
        ("bomb", DocumentError, "larger than 100,000 bytes", "limit"),
        ("broken-gzip", DocumentUnreachable, "compression", ""),
        ("redirect/4", DocumentUnreachable, "more than 3 times", "address"),
        ("away", DocumentUnreachable, "another host", "host"),
        ("cut", DocumentUnreachable, "connection broke", "log"),
    ],
)
def test_each_bad_answer_has_its_own_message(url: str, path: str, kind: type, says: str, hint: str) -> None:
    with pytest.raises(kind) as caught:
        openapi.load(f"{url}/{path}", max_bytes=100_000)
    assert says in caught.value.message
    assert hint in caught.value.hint


def test_three_redirects_to_the_same_host_are_followed(url: str) -> None:
    assert openapi.load(f"{url}/redirect/3").title == "Orders"


def test_headers_are_sent_and_credentials_are_not_shown(url: str) -> None:
    with_user = url.replace("http://", "http://user:secret@")
    snapshot = openapi.load(f"{with_user}/ok?key=secret", headers={"authorization": "Bearer t"})
    assert snapshot.source == f"{url}/ok"
    with pytest.raises(DocumentUnreachable) as caught:
        openapi.load(f"{with_user}/status/404?key=secret")
    assert "secret" not in caught.value.diagnostics()
    assert openapi.load(f"{url}/token", headers={"authorization": "Bearer t"}).title == "Orders"


def test_a_service_that_does_not_answer_is_given_up(url: str) -> None:
    with pytest.raises(DocumentUnreachable, match=r"no whole answer within 0\.05 s"):
        openapi.load(f"{url}/silent", timeout=0.05)


def test_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with pytest.raises(DocumentUnreachable, match=f"nothing listens at 127.0.0.1:{port}") as caught:
            openapi.load(f"http://127.0.0.1:{port}/openapi.json")
    assert "start the service" in caught.value.hint


def test_a_host_that_does_not_exist() -> None:
    with pytest.raises(DocumentUnreachable, match="is not known"):
        openapi.load("http://no-such-host.invalid/openapi.json", timeout=5)


def test_http_where_https_was_asked_for(url: str) -> None:
    with pytest.raises(DocumentUnreachable, match="TLS failed"):
        openapi.load(url.replace("http://", "https://"))


def test_an_address_that_is_none() -> None:
    with pytest.raises(DocumentUnreachable, match="not an address"):
        openapi.load("http://[::1/openapi.json")


def test_files_are_read_below_the_root(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(BODY)
    assert openapi.load("a.json", root=tmp_path).title == "Orders"
    with pytest.raises(DocumentUnreachable, match="no such file"):
        openapi.load("b.json", root=tmp_path)
    with pytest.raises(DocumentUnreachable, match="not readable"):
        openapi.load(".", root=tmp_path)
    with pytest.raises(DocumentError, match="larger than 10 bytes"):
        openapi.load("a.json", root=tmp_path, max_bytes=10)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = types.SimpleNamespace(buffer=types.SimpleNamespace(read=lambda most: BODY[:most]))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert openapi.load("-").source == "standard input"


def test_an_application_is_asked_for_its_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no database")

    module = types.ModuleType("olorin_test_app")
    module.app = types.SimpleNamespace(openapi=lambda: DOCUMENT)  # type: ignore[attr-defined]
    module.broken = types.SimpleNamespace(openapi=broken)  # type: ignore[attr-defined]
    module.nothing = object()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "olorin_test_app", module)
    assert openapi.load("olorin_test_app:app").title == "Orders"
    with pytest.raises(DocumentError, match="RuntimeError: no database"):
        openapi.load("olorin_test_app:broken")
    with pytest.raises(DocumentUnreachable, match="no openapi"):
        openapi.load("olorin_test_app:nothing")
    with pytest.raises(DocumentUnreachable, match="cannot be imported"):
        openapi.load("olorin_test_missing:app")


@pytest.mark.parametrize(
    ("data", "kind", "says"),
    [
        (b"", DocumentUnreachable, "empty"),
        (b'{"openapi": "3.1.0",\n "info": }', DocumentError, ":2:10: invalid JSON"),
        (b'{"openapi": "3.1.0"', DocumentError, "invalid JSON"),
        (b"openapi: 3.1.0\ninfo: [\n", DocumentError, ":3:1"),
        (b"openapi: 3.1.0\nopenapi: 3.1.0\n", DocumentError, "given twice, first on line 1"),
        (b'{"openapi": "3.1.0", "info": {"title": "a", "title": "b"}}', DocumentError, "'title' is given twice"),
        (b"[]", DocumentInvalid, "this is a list"),
        (b"a text", DocumentInvalid, "this is a text"),
        (b"# nothing\n", DocumentInvalid, "this is nothing"),
        (b"{}", DocumentInvalid, "no `openapi` key"),
        (b'{"swagger": "1.2"}', DocumentInvalid, "'1.2'"),
        (b'{"openapi": "4.0.0"}', DocumentInvalid, "'4.0.0'"),
        (b'{"openapi": 3.1}', DocumentInvalid, "3.1"),
        (b'{"openapi": "3.1.0", "info": "\xe9"}', DocumentError, "not UTF-8"),
        (b'{"openapi": "3.1.0", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}", DocumentError, "nested too deeply"),
        (b'{"openapi": "3.1.0", "x": ' + b"[" * 500 + b"]" * 500 + b"}", DocumentError, "nested too deeply"),
        (b"openapi: 3.1.0\nx: " + b"[" * 5000 + b"]" * 5000, DocumentError, "nested"),
        (b"openapi: 3.1.0\nx: .nan\n", DocumentError, "nan"),
        (
            b'{"openapi": "3.1.0", "x": {"$ref": "other.yaml#/a"}}',
            DocumentInvalid,
            "'other.yaml#/a' leaves the document",
        ),
        (b'{"openapi": "3.1.0", "x": {"$ref": "http://127.0.0.1/a"}}', DocumentInvalid, "leaves the document"),
        (b'{"openapi": "3.1.0", "x": {"$ref": "file:///etc/hostname"}}', DocumentInvalid, "leaves the document"),
    ],
)
def test_each_bad_document_has_its_own_message(data: bytes, kind: type, says: str) -> None:
    with pytest.raises(DocumentError) as caught:
        openapi.parse(data, source="a")
    assert type(caught.value) is kind
    assert says in caught.value.message


def test_an_alias_bomb_is_refused() -> None:
    lines = ["openapi: 3.1.0", "a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{n}: &{n} [{', '.join([f'*{p}'] * 9)}]" for p, n in zip("abcdefgh", "bcdefghi", strict=True)]
    with pytest.raises(DocumentError, match="aliases expand"):
        openapi.parse("\n".join(lines).encode(), source="bomb.yaml")


def test_a_ref_in_an_example_is_data() -> None:
    document = {**DOCUMENT, "components": {"examples": {"a": {"value": {"example": {"$ref": "elsewhere.json"}}}}}}
    assert openapi.parse(json.dumps(document).encode(), source="a").title == "Orders"


def test_huge_integers_are_read_alike_in_both_forms() -> None:
    number = 10**20
    one = openapi.parse(json.dumps({**DOCUMENT, "x-n": number}).encode(), source="a.json")
    two = openapi.parse(f"{json.dumps(DOCUMENT)[:-1]},\n 'x-n': {number}}}".encode(), source="a.yaml")
    assert one.digest == two.digest


def test_a_byte_order_mark_is_no_fault() -> None:
    assert openapi.parse(b"\xef\xbb\xbf" + BODY, source="a").title == "Orders"
