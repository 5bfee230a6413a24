"""How a service is called, on real sockets: credentials of every kind, TLS, mutual TLS, a proxy, values that exist."""

from __future__ import annotations

import gzip
import ssl
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import psutil
import pytest
import trustme

from olorin_pipelines import contract
from olorin_pipelines.config import Config, load_config
from olorin_pipelines.errors import ConfigError, DocumentUnreachable
from olorin_pipelines.gate import Outcome
from olorin_pipelines.pipeline.calling import called, fetch_document, health_of, read_only
from tests.loopback import proxying, serving


def envoys() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True) if child.name() == "envoy"}


@pytest.fixture(scope="module", autouse=True)
def before() -> set[int]:
    """The Envoys of other tests that run on, such as those of a session."""
    return envoys()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    authority.issue_cert("olorin@example.com").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "me.pem"))
    return tmp_path


def context(authority: trustme.CA, *, mutual: bool = False) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(made)
    if mutual:
        authority.configure_trust(made)
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def configured(folder: Path, url: str, more: str = "") -> Config:
    (folder / "olorin.yaml").write_text(
        f"services:\n  things:\n    environments:\n      production: {{url: {url}}}\n"
        f"      canary: {{url: {url}, isolated_data: true}}\n{more}"
    )
    return load_config(folder / "olorin.yaml", environ={})


def looked_at(config: Config, url: str) -> contract.ProbeResult:
    """Fetch the document and probe, as the hourly check does."""
    service = config.service("things")
    with read_only(config, service, environment="production", url=url, purpose="a-test") as way:
        document = fetch_document(config, service, environment="production", url=url, way=way).document
        return contract.probe(
            document,
            url=url,
            headers=way.headers,
            query=way.query,
            pinned=way.pinned,
            mark=way.mark,
            client=way.client,
        )


VALUES = "    http: {values: {thing_id: real-7, kind: good}}\n"

KINDS = {
    "bearer": ('auth: {bearer: "${HUSH}"}', "authorization", "Bearer hush-hush"),
    "command": (
        f"auth: {{bearer_command: {{command: [{sys.executable}, -c, \"print('hush-hush')\"]}}}}",
        "authorization",
        "Bearer hush-hush",
    ),
    "basic": ('auth: {basic: {username: me, password: "${HUSH}"}}', "authorization", "Basic bWU6aHVzaC1odXNo"),
    "key in a header": ('auth: {api_key: {name: X-Key, value: "${HUSH}"}}', "x-key", "hush-hush"),
    "key in a cookie": ('auth: {api_key: {name: sid, place: cookie, value: "${HUSH}"}}', "cookie", "sid=hush-hush"),
    "headers": ('auth: {headers: {X-Tenant: "${HUSH}"}}', "x-tenant", "hush-hush"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_credentials_of_every_kind_are_sent_for_the_document_and_for_each_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("HUSH", "hush-hush")
    said, header, value = KINDS[kind]
    with serving() as service:
        service.allowed = lambda _, headers: headers.get(header) == value
        config = configured(tmp_path, service.url, f"    {said}\n{VALUES}")
        [row] = looked_at(config, service.url).rows
        assert (row.outcome, row.status) == (Outcome.PASS, 200)
        with called(config, config.service("things"), environment="canary", url=service.url) as way:
            answer = httpx.get(f"{way.url}/things/1?kind=a", headers=dict(way.headers), trust_env=False)
            assert answer.status_code == 200
            assert "hush-hush" in way.secrets
            assert "hush" not in repr(way)


def test_a_key_in_the_query_is_sent_and_tools_see_a_stand_in_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUSH", "hush hush")
    auth = '    auth: {api_key: {name: key, place: query, value: "${HUSH}"}}\n'
    with serving() as service:
        service.allowed = lambda path, _: "key=hush%20hush" in path.replace("+", "%20")
        config = configured(tmp_path, service.url, auth + VALUES)
        assert [row.outcome for row in looked_at(config, service.url).rows] == [Outcome.PASS]
        with called(config, config.service("things"), environment="canary", url=service.url) as way:
            assert "hush" not in str(dict(way.query))
            for query, status in ((way.query, 200), ({}, 401), ({"key": "wrong"}, 401)):
                answer = httpx.get(f"{way.url}/things/1", params={"kind": "a", **query}, trust_env=False)
                assert answer.status_code == status


def test_a_token_is_renewed_during_a_run_behind_one_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command gives another token each time, good for 0.4 s; the service takes the newest alone."""
    counter = tmp_path / "count"
    code = f"import pathlib; p = pathlib.Path('{counter}'); n = len(p.read_text()) if p.exists() else 0"
    code += "; p.write_text('x' * (n + 1)); print(f'token-{n + 1}')"
    auth = f'    auth: {{bearer_command: {{command: [{sys.executable}, -c, "{code}"], lasts: 0.4}}}}\n'
    seen: set[str] = set()
    with serving() as service:
        service.allowed = lambda _, headers: headers.get("authorization", "").startswith("Bearer token-")
        config = configured(tmp_path, service.url, auth)
        with called(config, config.service("things"), environment="canary", url=service.url) as way:
            assert "token-" not in str(dict(way.headers))
            until = time.monotonic() + 20
            while len(seen) < 3 and time.monotonic() < until:
                assert httpx.get(f"{way.url}/x", headers=dict(way.headers), trust_env=False).status_code == 200
                seen.add(service.asked[-1][2]["authorization"])
            without = httpx.get(f"{way.url}/x", trust_env=False)
            wrong = httpx.get(f"{way.url}/x", headers={"Authorization": "Bearer wrong"}, trust_env=False)
    assert len(seen) >= 3
    assert (without.status_code, wrong.status_code) == (401, 401), "only the stand-in is replaced"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_private_authority_is_trusted_where_it_is_named(authority: Any, files: Path, host: str) -> None:
    with serving(context(authority), host=host) as service:
        config = configured(files, service.url, f"    http: {{ca: ca.pem, {VALUES[11:]}")
        assert [row.outcome for row in looked_at(config, service.url).rows] == [Outcome.PASS]
        with called(config, config.service("things"), environment="canary", url=service.url) as way:
            assert way.url.startswith("http://127.0.0.1:"), "tools speak plain HTTP to the guard"
            assert httpx.post(f"{way.url}/things/1?kind=a", content=b"x", trust_env=False).status_code == 405
        strange = configured(files, service.url, VALUES)
        with pytest.raises(DocumentUnreachable, match="CERTIFICATE VERIFY FAILED"):
            looked_at(strange, service.url)


def test_the_health_of_a_service_behind_a_private_authority_is_asked_over_it(authority: Any, files: Path) -> None:
    """Where `baseline:` stands for its document, this names the version that serves production."""
    with serving(context(authority)) as service:
        for more, reached in ((f"    http: {{ca: ca.pem, {VALUES[11:]}", True), (VALUES, False)):
            config = configured(files, service.url, more)
            answer = health_of(config, config.service("things"), environment="production", url=service.url)
            assert (answer.status is not None) is reached, answer


def test_a_certificate_for_another_name_is_not_trusted(authority: Any, files: Path) -> None:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example").configure_cert(made)
    with serving(made) as service:
        config = configured(files, service.url, f"    http: {{ca: ca.pem, {VALUES[11:]}")
        with pytest.raises(DocumentUnreachable, match="SAN matcher"):
            looked_at(config, service.url)


def test_mutual_tls(authority: Any, files: Path) -> None:
    with serving(context(authority, mutual=True)) as service:
        with_it = configured(files, service.url, f"    http: {{ca: ca.pem, certificate: me.pem, {VALUES[11:]}")
        assert [row.outcome for row in looked_at(with_it, service.url).rows] == [Outcome.PASS]
        assert (
            fetch_document(with_it, with_it.service("things"), environment="canary", url=service.url).title == "Secure"
        )
        without = configured(files, service.url, f"    http: {{ca: ca.pem, {VALUES[11:]}")
        with pytest.raises(DocumentUnreachable):
            looked_at(without, service.url)


@pytest.mark.parametrize("tls", [False, True])
def test_a_proxy_leads_to_a_host_that_only_it_knows(authority: Any, files: Path, tls: bool) -> None:
    made = None
    if tls:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("things.internal.invalid").configure_cert(made)
    with serving(made) as service, proxying(urlsplit(service.url).port or 0) as proxy:
        scheme, port = ("https", 443) if tls else ("http", 80)
        url = f"{scheme}://things.internal.invalid"
        config = configured(files, url, f"    http: {{ca: ca.pem, proxy: {proxy.url}, {VALUES[11:]}")
        assert [row.outcome for row in looked_at(config, url).rows] == [Outcome.PASS]
        assert fetch_document(config, config.service("things"), environment="canary", url=url).title == "Secure"
        wanted = f"CONNECT things.internal.invalid:{port}" if tls else f"GET {url}/openapi.json"
        assert all(line.startswith(wanted) or (not tls and url in line) for line in proxy.lines)
        assert proxy.lines
        assert service.asked[0][2]["host"] == "things.internal.invalid"


def test_values_that_exist_are_used_by_name_and_by_operation(tmp_path: Path) -> None:
    http = (
        "    http:\n      values: {thing_id: by-name, kind: a b}\n"
        "      operations: {'GET /things/{thing_id}': {thing_id: by/operation}}\n      synthetic_header: X-Robot\n"
    )
    with serving() as service:
        config = configured(tmp_path, service.url, http)
        looked_at(config, service.url)
        asked = service.asked[-1]
    assert asked[1] == "/things/by%2Foperation?kind=a+b"
    assert asked[2]["x-robot"] == "a-test"
    assert "x-olorin-synthetic" not in asked[2]


@pytest.mark.parametrize(
    ("http", "said"),
    [
        ("ca: none.pem", "there is no file"),
        ("ca: olorin.yaml", "no usable certificate"),
        ("key: a.pem", "a key belongs"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, http: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        looked_at(configured(tmp_path, "https://127.0.0.1:1", f"    http: {{{http}}}\n"), "https://127.0.0.1:1")


def test_two_kinds_of_authorization_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="bearer and basic both set"):
        configured(tmp_path, "http://h", "    auth: {bearer: a, basic: {username: a, password: b}}\n")


def test_an_environment_has_its_own_way(tmp_path: Path) -> None:
    (tmp_path / "olorin.yaml").write_text(
        "services: {things: {http: {values: {a: all}}, environments: "
        "{production: {url: 'http://h'}, staging: {url: 'http://h', http: {values: {a: one}}}}}}"
    )
    service = load_config(tmp_path / "olorin.yaml", environ={}).service("things")
    assert service.http.values == {"a": "all"}
    staging = service.environments["staging"].http
    assert staging is not None
    assert staging.values == {"a": "one"}


def test_nothing_is_left_of_any_of_it(before: set[int]) -> None:
    assert envoys() <= before


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["token", "key in the query"])
def test_a_whole_suite_goes_over_private_tls_with_credentials_it_never_sees(
    authority: Any, files: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Clean under Schemathesis, with a value that exists, and asked without credentials too: those stay away."""
    monkeypatch.setenv("HUSH", "hush-hush")
    by_token = kind == "token"
    count = files / "count"
    code = f"import pathlib; p = pathlib.Path('{count}'); n = len(p.read_text()) if p.exists() else 0"
    code += "; p.write_text('x' * (n + 1)); print(f'hush-{n + 1}')"
    auth = (
        f'    auth: {{bearer_command: {{command: [{sys.executable}, -c, "{code}"], lasts: 1}}}}\n'
        if by_token
        else '    auth: {api_key: {name: key, place: query, value: "${HUSH}"}}\n'
    )
    scheme = {"type": "http", "scheme": "bearer"} if by_token else {"type": "apiKey", "in": "query", "name": "key"}
    with serving(context(authority)) as service:
        service.allowed = lambda path, headers: (
            headers.get("authorization", "").startswith("Bearer hush-") if by_token else "key=hush-hush" in path
        )
        http = "    http: {ca: ca.pem, values: {thing_id: real-7}, synthetic_header: X-Robot}\n"
        config = configured(files, service.url, auth + http)
        document = fetch_document(config, config.service("things"), environment="canary", url=service.url).document
        secured = {**document, "security": [{"it": []}], "components": {"securitySchemes": {"it": scheme}}}
        with called(config, config.service("things"), environment="canary", url=service.url) as way:
            result = contract.run(
                contract.Trial(
                    document=orjson.dumps(secured),
                    url=way.url,
                    workdir=files / "run",
                    suite=contract.Suite(mark=way.mark, pinned=way.pinned, query=way.query),
                    headers=way.headers,
                    secrets=way.secrets,
                )
            )
    asked = [(path, headers) for method, path, headers in service.asked if method == "GET" and "/things/" in path]
    assert not result.failures, [(one.check, one.message) for one in result.failures]
    assert result.exercised == 1
    assert {path.partition("?")[0] for path, _ in asked} == {"/things/real-7"}
    assert all(headers["x-robot"] == "contract-test" for _, headers in asked)
    without = [1 for path, headers in asked if not service.allowed(path, headers)]
    assert without, "it was asked without credentials too"
    assert len(without) < len(asked)
    if by_token:
        assert len({headers.get("authorization") for _, headers in asked}) > 2, "renewed during the run"
    assert b"hush-" not in (files / "run" / "schemathesis.toml").read_bytes()
    assert b"hush-" not in gzip.decompress(result.report.read_bytes())
