"""`olorin doctor` names each cause and its fix: no Node, no Envoy, a taken port, a wrong token."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from olorin_pipelines.errors import ToolFailed, ToolMissing
from olorin_pipelines.pipeline import diagnosis


@pytest.fixture
def place(home: Path, monkeypatch) -> Path:
    for name in ("UI", "ENVOY", "ADMIN", "FIRST_SERVICE"):
        monkeypatch.setenv(f"OLORIN__PORTS__{name}", "0")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}")
    return home


def write(home: Path, url: str, *, auth: str = "") -> None:
    home.joinpath("olorin.yaml").write_text(
        f"services: {{pets: {{{auth} environments: {{production: {{url: '{url}'}}}}}}}}"
    )


def found(said, name: str) -> dict[str, str]:
    (one,) = [each for each in said.data["found"] if each["name"] == name]
    return dict(one)


def test_nothing_to_mend(olorin, place, release, token, monkeypatch):
    monkeypatch.setenv("PETS_TOKEN", token)
    write(place, release("stable"), auth='auth: {bearer: "${PETS_TOKEN}"},')
    said = olorin("doctor")
    assert said.code == 0, said.all
    assert "nothing to mend" in said.out
    assert "ok  pets: production: 2.0.0, " in said.out
    assert "was answered with 200" in said.out
    assert token not in said.all


def test_a_wrong_token_is_refused_and_one_that_is_not_set_is_named(olorin, place, release, monkeypatch):
    monkeypatch.setenv("PETS_TOKEN", "wrong")
    write(place, release("stable"), auth='auth: {bearer: "${PETS_TOKEN}"},')
    said = olorin("doctor", "--json")
    assert said.code == 1
    one = found(said, "pets: production: credentials")
    assert (one["state"], "401" in one["said"], "auth:" in one["fix"]) == ("fault", True, True)
    monkeypatch.delenv("PETS_TOKEN")
    one = found(olorin("doctor", "--json"), "pets: credentials")
    assert one["said"] == "the environment variable PETS_TOKEN is not set"


def test_a_baseline_that_production_does_not_serve_is_read_and_production_not_asked_for_it(olorin, place, release):
    url = release("stable")
    place.joinpath("olorin.yaml").write_text(
        f"services: {{pets: {{baseline: {{file: api.json}}, environments: {{production: {{url: '{url}/nothing'}}}}}}}}"
    )
    said = olorin("doctor", "--json")
    one = found(said, "pets: baseline")
    assert (one["state"], "there is no such file" in one["said"], one["fix"]) == ("fault", True, "correct the path")
    assert found(said, "pets: production")["said"].startswith("answers 404 at")
    place.joinpath("api.json").write_bytes(httpx.get(f"{url}/openapi.json", trust_env=False).content)
    one = found(olorin("doctor", "--json"), "pets: baseline")
    assert one["state"] == "ok"
    assert one["said"].endswith("operations, from the file api.json")


def test_tools_that_are_missing_are_named_with_what_does_not_work_without_them(olorin, place, monkeypatch):
    def missing(tool: str):
        def find(*_):
            raise ToolMissing(f"{tool} is not installed", tool=tool, hint=f"install {tool}")

        return find

    monkeypatch.setattr(diagnosis.typegen, "find_toolchain", missing("Node"))
    monkeypatch.setattr(diagnosis, "find_envoy", missing("Envoy"))
    said = olorin("doctor")
    assert said.code == 1
    assert "fault  Node: Node is not installed: types are not made" in said.out
    assert "fix: install Node" in said.out
    assert "fault  Envoy: Envoy is not installed: read-only environments are not called" in said.out
    assert "2 to mend" in said.out


def test_all_of_it_at_once_is_named_each_with_its_fix(olorin, place, release, monkeypatch):
    def missing(tool: str):
        def find(*_):
            raise ToolMissing(f"{tool} is not installed", tool=tool.lower(), hint=f"install {tool}")

        return find

    monkeypatch.setattr(diagnosis.typegen, "find_toolchain", missing("Node"))
    for module in ("pipeline.diagnosis", "envoy.program"):
        monkeypatch.setattr(f"olorin_pipelines.{module}.find_envoy", missing("Envoy"))
    monkeypatch.setenv("PETS_TOKEN", "wrong")
    write(place, release("stable"), auth='auth: {bearer: "${PETS_TOKEN}"},')
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("OLORIN__PORTS__UI", str(listener.getsockname()[1]))
        said = olorin("doctor", "--json")
    assert said.code == 1
    faults = {one["name"]: one["fix"] for one in said.data["found"] if one["state"] == "fault"}
    assert faults.keys() == {"Node", "Envoy", "port ui", "pets: production: credentials"}
    assert all(faults.values())


def test_a_taken_port_names_its_holder_and_the_variable(olorin, place, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("OLORIN__PORTS__UI", str(listener.getsockname()[1]))
        one = found(olorin("doctor", "--json"), "port ui")
    assert one["state"] == "fault"
    assert "is taken by " in one["said"]
    assert "OLORIN__PORTS__UI=0" in one["fix"]


@pytest.mark.parametrize(
    ("config", "name", "said"),
    [
        ("services: {}", "olorin.yaml", "services"),
        ("registry: mysql://nowhere\nservices: {a: {environments: {production: {url: 'http://127.0.0.1:9'}}}}",
         "registry", "not usable"),
        ("home: /proc/none\nservices: {a: {environments: {production: {url: 'http://127.0.0.1:9'}}}}",
         "state", "/proc"),
        ("services: {a: {environments: {production: {url: 'http://127.0.0.1:9'}}, consumers: [{name: f, path: x/y}]}}",
         "a: consumer f", "x/y"),
        ("services: {a: {environments: {production: {url: 'http://a'}}, rollout: {router: webhook, webhook: {url: 'http://a'}}}}",
         "olorin.yaml", "nobody would count the requests"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_configuration_is_a_fault(olorin, place, config, name, said):
    (place / "olorin.yaml").write_text(config)
    ended = olorin("doctor", "--json")
    assert ended.code == 1
    one = found(ended, name)
    assert one["state"] == "fault"
    assert said in one["said"]


def test_a_service_that_is_not_started_and_a_missing_dagster_home_are_notes(olorin, place, monkeypatch):
    monkeypatch.delenv("DAGSTER_HOME")
    said = olorin("doctor", "--json")
    assert said.code == 0, said.out
    assert found(said, "pets: canary")["state"] == "note"
    assert found(said, "Dagster")["state"] == "note"


def test_a_rollout_that_would_be_judged_by_an_envoy_that_it_does_not_move_is_noted(olorin, place):
    (place / "olorin.yaml").write_text(
        "services: {pets: {environments: {production: {url: 'http://127.0.0.1:9'}}, "
        "rollout: {router: command, command: {apply: [helm]}, metrics: prometheus}}}"
    )
    said = olorin("doctor", "--json")
    assert said.code == 0, said.out
    one = found(said, "pets: rollout")
    assert (one["state"], "queries" in one["fix"]) == ("note", True)


def test_without_a_configuration_the_machine_is_looked_at_and_the_file_is_asked_for(olorin, place):
    (place / "olorin.yaml").unlink()
    said = olorin("doctor", "--json")
    assert said.code == 1
    assert "olorin init" in found(said, "olorin.yaml")["fix"]


def test_install_brings_the_tools_before_it_looks(olorin, place, monkeypatch):
    calls = []
    monkeypatch.setattr("olorin_pipelines.typegen.install.install", lambda: calls.append(1))
    said = olorin("doctor", "--install", "--json")
    assert calls == [1]
    assert found(said, "Node")["state"] == "ok"


def test_npm_that_fails_is_quoted(olorin, place, monkeypatch):
    def fail() -> bool:
        raise ToolFailed("npm ci failed in /there: ENOTFOUND", tool="npm", hint="check the network")

    monkeypatch.setattr("olorin_pipelines.typegen.install.install", fail)
    assert "ENOTFOUND" in olorin("doctor", "--install").err
