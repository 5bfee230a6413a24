"""`olorin init` looks at a service and writes an olorin.yaml that loads, with what it found and what comes next."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from olorin_pipelines import openapi
from olorin_pipelines.config import load_config
from olorin_pipelines.config.schema import config_schema
from olorin_pipelines.pipeline.introduction import introduce, to_yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "shop" / "service"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("OLORIN_CONFIG", raising=False)
    return folder


def front(folder: Path, *paths: str) -> None:
    (folder / "src" / "api").mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    (folder / "tsconfig.json").write_text("{}")
    (folder / "src" / "api" / "types.ts").write_text(
        "export interface paths { " + " ".join(f'"{path}": {{}};' for path in paths) + " }\n"
    )


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Serve a document at one path to those who send the right Authorization; everybody else gets 404."""
    started = []

    def start(document: dict[str, object], *, path: str, authorization: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known = self.path == path and self.headers.get("Authorization") == authorization
                body = json.dumps(document if known else {}).encode()
                self.send_response(200 if known else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def test_a_running_service_gets_a_file_that_verify_understands(olorin, empty, release):
    url = release("stable")
    front(empty.parent / "front", "/api/v1/investigations/")
    front(empty.parent / "front-of-another-service", "/orders")
    said = olorin("init", "--url", url)
    assert said.code == 0, said.all
    assert "olorin verify olorin-investigations-api --environment production" in said.out
    assert "export OLORIN_INVESTIGATIONS_API_TOKEN=…" in said.out
    config = load_config(empty / "olorin.yaml", environ={})
    service = config.service("olorin-investigations-api")
    assert service.environment("production").url == url
    assert service.schema_path == "/openapi.json"
    assert service.policy.mode == "warn"
    (consumer,) = service.consumers
    assert (consumer.name, str(consumer.path), consumer.types) == ("front", "../front", "src/api/types.ts")
    again = olorin("init", "--url", url)
    assert (again.code, "is there already" in again.err) == (2, True)
    assert olorin("init", "--url", url, "--force").code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [((), "one of --url and --app"), (("--url", "http://127.0.0.1:9"), "127.0.0.1:9"), (("--url", "nowhere"), "URL")],
)
def test_bad_input_writes_nothing(olorin, empty, options, said):
    ended = olorin("init", *options)
    assert (ended.code, said in ended.err) == (2, True), ended.err
    assert not (empty / "olorin.yaml").exists()


@pytest.mark.parametrize(
    ("scheme", "wanted"),
    [
        ({"type": "http", "scheme": "bearer"}, {"bearer": "${A_B_TOKEN}"}),
        ({"type": "http", "scheme": "Basic"}, {"basic": {"username": "me", "password": "${A_B_PASSWORD}"}}),
        ({"type": "apiKey", "in": "query", "name": 'k"y'},
         {"api_key": {"name": 'k"y', "place": "query", "value": "${A_B_KEY}"}}),
        ({"type": "oauth2", "flows": {}}, {"bearer": "${A_B_TOKEN}"}),
        ({"type": "mutualTLS"}, None),
    ],
)  # fmt: skip
def test_the_credentials_are_those_the_document_asks_for(empty, scheme, wanted):
    document = {
        "openapi": "3.1.0",
        "info": {"title": "A: 'b'\n#", "version": "1"},
        "paths": {"/v1/healthz": {"get": {"responses": {}}}},
        "components": {"securitySchemes": {"one": scheme}},
    }
    snapshot = openapi.parse(json.dumps(document).encode(), source="http://127.0.0.1:1/base/spec/openapi.json")
    text = to_yaml(introduce(snapshot, url="http://127.0.0.1:1/base/", beside=empty))
    (empty / "olorin.yaml").write_text(text)
    service = load_config(empty / "olorin.yaml", environ={}).service("a-b")
    assert (service.schema_path, service.health) == ("/spec/openapi.json", "/v1/healthz")
    tree = yaml.safe_load(text)
    assert tree["services"]["a-b"].get("auth") == wanted
    jsonschema_rs.validator_for(config_schema()).validate(tree)


@pytest.mark.parametrize(
    ("title", "name"), [("FastAPI", "service"), (" Swagger", "service"), ("Orders API", "orders-api")]
)
def test_a_title_that_the_framework_gave_is_no_name(empty, title, name):
    document = {"openapi": "3.1.0", "info": {"title": title, "version": "1"}, "paths": {}}
    snapshot = openapi.parse(json.dumps(document).encode(), source="http://127.0.0.1:1/openapi.json")
    assert introduce(snapshot, url="http://127.0.0.1:1", beside=empty).name == name


def test_a_document_at_an_unusual_place_that_needs_a_login_is_found_when_it_is_named(olorin, empty, serve, monkeypatch):
    document = {"openapi": "3.1.0", "info": {"title": "Hidden", "version": "1"}, "paths": {}}
    url = serve(document, path="/internal/spec", authorization="token abc")
    monkeypatch.setenv("TOKEN", "abc")
    lost = olorin("init", "--url", url)
    assert (lost.code, "--schema PATH" in lost.err, "--header" in lost.err) == (2, True, True)
    said = olorin("init", "--url", url, "--schema", "internal/spec", "--header", "Authorization: token ${TOKEN}")
    assert said.code == 0, said.all
    assert "export TOKEN=…" in said.out
    service = load_config(empty / "olorin.yaml", environ={}).service("hidden")
    assert service.schema_path == "/internal/spec"
    assert service.auth.headers() == {"Authorization": "token abc"}, "what the document was asked with is kept"
    plain = olorin("init", "--url", url, "--schema", "internal/spec", "--header", "Authorization: token abc", "--force")
    assert "export HIDDEN_AUTHORIZATION=…" in plain.out
    assert "token abc" not in (empty / "olorin.yaml").read_text(), "a secret that was typed is not written"


@pytest.mark.parametrize("file", ["olorin.yaml"])
def test_the_schema_for_editors_knows_every_file_of_this_repository(file):
    validator = jsonschema_rs.validator_for(config_schema())
    tree = yaml.safe_load((ROOT / file).read_text())
    validator.validate(tree)
    tree["services"]["investigations"]["polizy"] = {}
    assert not validator.is_valid(tree)
    production = {"environments": {"production": {"url": "http://x"}}}
    tree = {"services": {"a": {**production, "policy": "warn", "rollout": {"min_requests": "${N:-5}"}}}}
    assert validator.is_valid(tree)
