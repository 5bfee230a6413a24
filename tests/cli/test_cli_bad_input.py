"""Every wrong input ends with a message that names cause and fix, the right code, and no traceback."""

from __future__ import annotations

import http.server
import os
import shutil
import socket
import threading
from pathlib import Path

import pytest

from olorin_pipelines.demo import lock
from olorin_pipelines.demo.processes import Processes
from olorin_pipelines.openapi import load

ROOT = Path(__file__).parent.parent.parent
NOWHERE = "http://127.0.0.1:9"
ANSWERS = {
    "/404": (404, "text/html", b"<h1>no</h1>"),
    "/500": (500, "text/plain", b"died"),
    "/html": (200, "text/html", b"<!doctype html><title>log in</title>"),
    "/invalid": (200, "application/json", b'{"openapi": "3.1.0", "paths": {}}'),
    "/notjson": (200, "application/json", b'{"openapi": '),
    "/huge": (200, "application/json", b'{"openapi": "3.1.0", "x": "' + b"y" * 300_000 + b'"}'),
    "/swagger": (200, "application/json", b'{"swagger": "1.2"}'),
}


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        code, kind, body = ANSWERS[self.path.removesuffix("/openapi.json") or "/404"]
        self.send_response(code)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    thread.join()
    serving.server_close()


@pytest.mark.parametrize(
    ("arguments", "code", "cause", "fix"),
    [
        (["stats"], 2, "no command is called 'stats'", "did you mean 'status'?"),
        (["status", "--jason"], 2, "No such option", "--json"),
        (["deploy", "pets"], 2, "Missing argument 'VERSION'", "--help"),
        (["rollback"], 2, "Missing argument '[verify] SERVICE'", "--help"),
        (["rollout", "pause", "pets"], 2, "Missing option '--reason'", "--help"),
        (["status", "--limit", "0"], 2, "Invalid value for '--limit'", "--help"),
        (["status", "pest"], 2, "no service is called 'pest'", "did you mean 'pets'?"),
        (["verify", "pest"], 2, "no service is called 'pest'", "did you mean 'pets'?"),
        (["deploy", "pest", "1"], 2, "no service is called 'pest'", "did you mean 'pets'?"),
        (["rollback", "pest", "--reason", "x"], 2, "no service is called 'pest'", "did you mean 'pets'?"),
        (["verify", "pets", "--environment", "canry"], 2, "no environment is called 'canry'", "'canary'?"),
        (["deploy", "pets", "1", "--url", "nope"], 2, "--url 'nope' is not a URL", "fix: e.g. http"),
        (["deploy", "pets", "1", "--url", ""], 2, "--url '' is not a URL", "fix: e.g. http"),
        (["deploy", "pets", " "], 2, "VERSION is empty", "fix: say what is deployed"),
        (["verify", "pets", "--url", "olorin.yaml"], 2, "--url 'olorin.yaml' is not a URL", "fix: e.g. http"),
        (["status", "--deployment", "nope"], 2, "no deployment is called 'nope'", "olorin status"),
        (["rollback", "pets", "--reason", "x", "--deployment", "nope"], 2, "no deployment is called", "olorin status"),
        (["rollback", "pets"], 2, "a reason is needed", "--reason"),
        (["rollback", "pets", "shop", "--reason", "x"], 2, "one service at a time", "verify"),
        (["rollback", "verify", "pets"], 2, "no rollback of pets is recorded", "olorin status"),
        (
            ["rollout", "pause", "pest", "--reason", "x"],
            2,
            "no service or deployment is called",
            "did you mean 'pets'?",
        ),
        (["rollout", "pause", "pets", "--reason", "x"], 2, "no deployment of pets", "olorin deploy"),
        (["rollback", "pets", "--reason", "x"], 2, "no earlier version of pets is retained", "olorin deploy"),
        (["diff", "none.yaml", "none.yaml"], 2, "none.yaml: there is no such file", "fix: correct the path"),
        (["diff", "olorin.yaml", "olorin.yaml"], 2, "olorin.yaml", "fix:"),
        (["diff", "no_such_module:app", "-"], 2, "cannot be imported", "fix: give module:app"),
        (["demo"], 2, "the story of the example is not here", "in a clone"),
        (["demo", "--story", "none.yaml"], 2, "none.yaml: cannot be read", "fix: check the path"),
        (["dev", "--service", "pets"], 2, "the example service is not here", "in a clone"),
        (["dev"], 2, "no service is called 'investigations'", "known: pets"),
    ],
)
def test_a_wrong_command_line(olorin, home, arguments, code, cause, fix):
    said = olorin(*arguments)
    assert (said.code, said.out) == (code, "")
    assert cause in said.err
    assert fix in said.err


@pytest.mark.parametrize(
    ("text", "cause", "fix"),
    [
        ("servces: {}\n", "olorin.yaml:1: servces: 'servces' is not a key here", "did you mean 'services'?"),
        ("services:\n  pets:\n    polcy: warn\n", "olorin.yaml:3: services.pets.polcy", "did you mean 'policy'?"),
        ("services:\n  pets: {}\n", "'environments' is required", "add `environments:`"),
        ("home: a\nhome: b\n", "olorin.yaml:2:1: the key 'home' is given twice, first on line 1", ""),
        ("- a\n", "a mapping is expected", "begin with `services:`"),
        ("home: ${NOT_SET_ANYWHERE}\n", "the environment variable NOT_SET_ANYWHERE is not set", "export"),
        ("services: {pets: [\n", "olorin.yaml", ""),
    ],
)
def test_a_wrong_configuration(olorin, home, text, cause, fix):
    (home / "olorin.yaml").write_text(text)
    said = olorin("status", "--json")
    assert (said.code, said.out) == (2, "")
    assert cause in said.err
    assert fix in said.err


def test_no_configuration(olorin, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))
    said = olorin("status")
    assert said.code == 2
    assert "no olorin.yaml in" in said.err
    assert "OLORIN_CONFIG" in said.err


def test_a_named_configuration_that_is_not_there(olorin, home, monkeypatch):
    monkeypatch.setenv("OLORIN_CONFIG", "/none/olorin.yaml")
    said = olorin("status")
    assert (said.code, "/none/olorin.yaml: cannot be read" in said.err) == (2, True)


@pytest.mark.parametrize("url", ["nope", "sqlite:////proc/none/olorin.db", "nosuchdb://x"])
def test_a_registry_that_cannot_be_opened(olorin, home, monkeypatch, url):
    monkeypatch.setenv("OLORIN__REGISTRY", url)
    said = olorin("status")
    assert (said.code, said.out) == (3, "")
    assert "the registry" in said.err
    assert "fix:" in said.err


def test_a_registry_that_is_something_else(olorin, home):
    (home / "var").mkdir()
    (home / "var" / "olorin.db").write_text("this is no database, and longer than its header would be" * 20)
    said = olorin("status")
    assert said.code == 3
    assert "cannot be opened" in said.err


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("/404", "answered 404"),
        ("/500", "answered 500"),
        ("/html", "a web page answered"),
        ("/notjson", "/notjson"),
        ("/huge", "larger than 100,000 bytes"),
        ("/swagger", "1.2"),
    ],
)
@pytest.mark.parametrize("side", ["old", "new"])
def test_diff_of_what_is_no_document(olorin, home, server, monkeypatch, path, cause, side):
    monkeypatch.setattr(load, "__kwdefaults__", {**load.__kwdefaults__, "max_bytes": 100_000})
    good = home / "good.json"
    good.write_text('{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}}')
    pair = (server + path, str(good)) if side == "old" else (str(good), server + path)
    said = olorin("diff", *pair, "--json")
    assert (said.code, said.out) == (2, "")
    assert cause in said.err
    assert "fix:" in said.err


@pytest.mark.parametrize(
    ("path", "code", "cause"),
    [
        ("/404", 3, "answered 404"),
        ("/500", 3, "answered 500"),
        ("/html", 3, "a web page answered"),
        ("/invalid", 1, "info"),
    ],
)
def test_verify_of_what_is_no_document(olorin, home, server, path, code, cause):
    said = olorin("verify", "pets", "--url", server + path)
    assert said.code == code
    assert "openapi_schema" in said.out
    assert cause in said.out
    assert "rejected" in said.out


def test_verify_of_nobody(olorin, home):
    said = olorin("verify", "pets", "--url", NOWHERE)
    assert said.code == 3
    assert "nothing listens at 127.0.0.1:9" in said.out
    assert "fix: start the service, or correct its url" in said.out


def test_verify_without_its_token(olorin, home, monkeypatch):
    text = (home / "olorin.yaml").read_text()
    (home / "olorin.yaml").write_text(text + '    auth: {bearer: "${NO_SUCH_TOKEN}"}\n')
    said = olorin("verify", "pets")
    assert said.code == 3
    assert "the environment variable NO_SUCH_TOKEN is not set" in said.out
    assert "export NO_SUCH_TOKEN" in said.out


def test_a_second_world_while_one_runs(olorin, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("OLORIN__HOME", str(tmp_path))
    with lock.held(tmp_path / "lock"):
        for command in ("demo", "dev"):
            said = olorin(command)
            assert said.code == 3
            assert f"an embedded world runs here already (pid {os.getpid()})" in said.err
            assert "Ctrl-C" in said.err


def test_a_port_in_use(olorin, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("OLORIN__HOME", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("OLORIN__PORTS__UI", str(taken.getsockname()[1]))
        said = olorin("dev")
    assert said.code == 3
    assert "(ui) is in use" in said.err
    assert "OLORIN__PORTS__UI=0" in said.err
    assert not (tmp_path / "olorin.db").exists()


def test_a_home_that_cannot_be_written(olorin, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("OLORIN__HOME", "/proc/none")
    said = olorin("dev")
    assert said.code == 3
    assert "the state cannot be kept in /proc/none" in said.err
    assert "fix: correct `home:`" in said.err


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("releases: []\n", "at least 1"),
        ("releases:\n  - {name: a, version: '1', expects: {}}\n", "story.yaml:2: releases.0.expects"),
        ("- a\n", "story.yaml"),
        ("a: [\n", "story.yaml"),
    ],
)
def test_a_story_with_a_fault(olorin, home, text, cause):
    (home / "story.yaml").write_text(text)
    said = olorin("demo", "--story", "story.yaml")
    assert said.code in (2, 3)
    assert cause in said.err


def test_a_program_that_is_missing_names_the_fix(tmp_path):
    from olorin_pipelines.errors import SupervisorError

    processes = Processes(tmp_path / "pids.json", tmp_path / "logs")
    with pytest.raises(SupervisorError, match="envoy cannot be started") as caught:
        processes.start("envoy", ["/none/envoy"], cwd=tmp_path, env={})
    assert "make install" in caught.value.hint
    assert processes.names() == []


def test_a_missing_node_is_an_error_of_the_gate(olorin, home, server, monkeypatch):
    ANSWERS["/good"] = (
        200,
        "application/json",
        b'{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}}',
    )
    monkeypatch.setattr("olorin_pipelines.typegen.toolchain._own_nodes", lambda: ())
    monkeypatch.setattr(shutil, "which", lambda *_: None)
    said = olorin("verify", "pets", "--url", f"{server}/good", "--json")
    gates = {gate["gate"]: gate for gate in said.data["gates"]}
    assert (said.code, gates["generated_types"]["outcome"]) == (3, "error")
    assert "Node is not installed" in gates["generated_types"]["summary"]
