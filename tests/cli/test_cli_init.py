"""`olorin init` looks at a service and writes an olorin.yaml that loads, with what it found and what comes next."""

from __future__ import annotations

import json
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


def front(folder: Path) -> None:
    (folder / "src" / "api").mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    (folder / "tsconfig.json").write_text("{}")
    (folder / "src" / "api" / "types.ts").write_text("export interface paths { }\n")


def test_a_running_service_gets_a_file_that_verify_understands(olorin, empty, release):
    url = release("stable")
    front(empty.parent / "front")
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
