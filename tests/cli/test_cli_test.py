"""`olorin test`: any running service, its modes, its choices, its exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from olorin_pipelines.contract import Corpora
from olorin_pipelines.contract.guard import GuardedTransport
from tests.contract.conftest import DOCUMENT, TOKEN, _running, service  # noqa: F401 - fixtures

ROOT = Path(__file__).parent.parent.parent
ITEM = "/components/schemas/Item"


@pytest.fixture
def schema(home: Path) -> str:
    (home / "items.json").write_text(json.dumps(DOCUMENT, indent=1))
    return "items.json"


@pytest.fixture
def auth(monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    monkeypatch.setenv("ITEMS_TOKEN", TOKEN)
    return "--header", "Authorization: Bearer ${ITEMS_TOKEN}"


@pytest.fixture(scope="module")
def published() -> Any:
    return jsonschema_rs.validator_for(json.loads((ROOT / "docs" / "schemas" / "test-report.schema.json").read_text()))


@pytest.mark.parametrize("operation", ["readItem", "get /items/{item_id}"])
def test_a_failure_names_operation_field_line_and_request(olorin, service, schema, auth, operation, published):  # noqa: F811
    service.reset("renamed")
    command = ("test", "--url", service.url, "--schema", schema, *auth, "--read-only", "--operation", operation)
    said = olorin(*command)
    assert said.code == 1
    assert "GET /items/{item_id}\n  response_schema" in said.out
    assert "expected the property 'name'; got no such property" in said.out
    line = (Path(schema).read_text().splitlines().index('   "Item": {')) + 1
    assert f"items.json:{line + 2}:" in said.out
    assert "not tested\n  3 of 4 operations were not asked for" in said.out
    assert service.methods() == {"GET"}
    data = olorin(*command, "--json").data
    published.validate(data)
    assert (data["outcome"], data["mode"], data["coverage"]) == ("fail", "read_only", 1.0)
    (failure,) = data["failures"]
    assert failure["pointer"] == f"{ITEM}/required"
    assert failure["curl"].endswith(f"{service.url}/items/1")
    assert failure["location"]["file"].endswith("items.json")
    assert TOKEN not in said.all + json.dumps(data)


def test_the_document_is_looked_for_at_the_usual_places(olorin, service):  # noqa: F811
    said = olorin("test", "--url", service.url)
    assert said.code == 2
    assert "no OpenAPI document was found; tried /openapi.json (answered 404" in said.err
    assert "/v3/api-docs" in said.err
    assert "--schema" in said.err


def test_the_served_document_is_found_and_used(olorin, release, token):
    said = olorin("test", "--url", release("stable"), "--read-only", "--header", f"Authorization: Bearer {token}")
    assert said.code == 0
    assert "/openapi.json; read-only" in said.out
    assert token not in said.all


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--operation", "reedItem"], "no operation is called 'reedItem'"),
        (["--tag", "x"], "no tag is called 'x'"),
        (["--budget", "soon"], "write it as 90s or 2m"),
        (["--header", "s3cr3t"], "--header is written 'Name: value'"),
        (["--header", "A: ${NOT_THERE}"], "NOT_THERE is not set"),
        (["--schema", "nowhere.json"], "there is no such file"),
        (["--known", "nowhere.yaml"], "nowhere.yaml"),
        (["--changed-since", "nowhere.json"], "there is no such file"),
        (["--report", "items.json"], "'--report': Directory 'items.json' is a file"),
    ],
)
def test_a_wrong_option_is_named_before_anything_is_sent(olorin, service, schema, options, said):  # noqa: F811
    ended = olorin("test", "--url", service.url, "--schema", schema, *options)
    assert ended.code == 2
    assert said in ended.err
    assert "s3cr3t" not in ended.err
    assert service.requests == []


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "http://me:secret@127.0.0.1:9", "http://127.0.0.1:9?x=1"])
def test_a_url_is_that_of_a_service(olorin, schema, url):
    ended = olorin("test", "--url", url, "--schema", schema)
    assert ended.code == 2
    assert "secret" not in ended.err or "not a URL" in ended.err


def test_nobody_there_is_not_a_pass(olorin, schema):
    ended = olorin("test", "--url", "http://127.0.0.1:9", "--schema", schema)
    assert (ended.code, ended.out) == (3, "")
    assert "does not answer" in ended.err
    said = olorin("test", "--url", "http://127.0.0.1:9", "--schema", schema, "--read-only", "--json").data
    assert said["outcome"] == "error"
    assert len(said["errors"]) == 2


def test_only_what_changed_is_tested(olorin, service, schema, auth, home):  # noqa: F811
    old = json.loads(json.dumps(DOCUMENT))
    old["paths"]["/items"]["get"]["parameters"][0]["schema"]["maximum"] = 40
    (home / "old.json").write_text(json.dumps(old))
    command = ("test", "--url", service.url, "--schema", schema, *auth, "--read-only", "--json", "--changed-since")
    data = olorin(*command, "old.json").data
    assert [each["operation"] for each in data["operations"]] == ["GET /items"]
    same = olorin(*command, schema)
    assert (same.code, same.data["outcome"], same.data["cases"]) == (0, "not_applicable", 0)


def test_known_failures_do_not_decide_and_are_shown(olorin, service, schema, auth, home, published):  # noqa: F811
    service.reset("renamed")
    command = ("test", "--url", service.url, "--schema", schema, *auth, "--read-only")
    found = olorin(*command, "--json").data["failures"]
    entry = {"reason": "the old name, until the app is out", "expires": "2999-01-01"}
    known = [{"fingerprint": found[0]["fingerprint"], **entry}, {"check": "response_schema", "operation": "*", **entry}]
    expired = {"check": "server_error", "operation": "*", "reason": "was slow", "expires": "2020-01-01"}
    (home / "known.json").write_text(json.dumps({"known": [*known, expired]}))
    said = olorin(*command, "--known", "known.json")
    assert said.code == 0
    assert "the old name, until the app is out, until 2999-01-01" in said.out
    assert "the entry for server_error at * ended on 2020-01-01 and no longer holds" in said.out
    data = olorin(*command, "--known", "known.json", "--json").data
    published.validate(data)
    assert (data["outcome"], len(data["known"]), data["failures"]) == ("pass", len(found), [])
    (home / "known.json").write_text(json.dumps({"known": [{**known[1], "check": "respons_schema"}]}))
    assert "did you mean 'response_schema'?" in olorin(*command, "--known", "known.json").err


def test_history_says_what_is_new_known_and_fixed(olorin, service, schema, auth, published):  # noqa: F811
    command = ("test", "--url", service.url, "--schema", schema, *auth, "--read-only", "--history", "a/h.db", "--json")
    assert olorin(*command).data["failures"] == []
    service.reset("renamed")
    first, second = olorin(*command).data, olorin(*command).data
    assert {each["state"] for each in first["failures"]} == {"new"}
    assert {each["state"] for each in second["failures"]} == {"known"}
    service.reset()
    third = olorin(*command)
    published.validate(third.data)
    assert third.code == 0
    assert {each["fingerprint"] for each in third.data["fixed"]} == {each["fingerprint"] for each in first["failures"]}
    Path("h.txt").write_text("no database")
    assert olorin(*command, "--history", "h.txt").code == 3


def test_reports_are_written_for_people_and_machines(olorin, service, schema, auth, home):  # noqa: F811
    service.reset("renamed")
    said = olorin("test", "--url", service.url, "--schema", schema, *auth, "--read-only", "--report", "out/here")
    assert said.code == 1
    names = {path.name for path in (home / "out" / "here").iterdir()}
    assert names == {"report.html", "report.json", "junit.xml", "failures.har"}
    assert all(str(Path("out/here") / name) in said.err for name in names)
    assert not any(TOKEN in path.read_text() for path in (home / "out" / "here").iterdir())


@pytest.mark.slow
def test_the_whole_suite_tells_what_it_found_and_leaves_nothing(olorin, service, schema, auth, home, published):  # noqa: F811
    service.reset("schema")
    command = ("test", "--url", service.url, "--schema", schema, *auth, "--report", "out", "--har", "all", "--json")
    said = olorin(*command)
    assert said.code == 1
    published.validate(said.data)
    assert {each["operation"] for each in said.data["failures"]} >= {"GET /items/{item_id}", "POST /items"}
    assert said.data["mode"] == "full"
    assert said.data["removed"] > 0
    assert said.data["left_behind"] == []
    assert service.methods() >= {"POST", "DELETE"}
    har = json.loads((home / "out" / "requests.har").read_text())["log"]
    assert len(har["entries"]) == min(said.data["cases"], 2_000)
    assert TOKEN not in (home / "out" / "requests.har").read_text()


@pytest.mark.slow
def test_the_second_run_sends_the_requests_of_the_first_again(olorin, service, schema, auth, home, monkeypatch):  # noqa: F811
    monkeypatch.setattr("olorin_pipelines.cli.test._corpora", lambda: Corpora(home / "corpora"))
    command = ("test", "--url", service.url, "--schema", schema, *auth)
    first, second = olorin(*command, "--json").data, olorin(*command, "--json").data
    assert (first["way"], second["way"]) == ("full", "replay")
    assert second["cases"] == first["cases"]
    assert second["replayed"] > 100
    service.reset("schema")
    said = olorin(*command)
    assert said.code == 1
    assert "requests of then were sent again; --no-replay makes them anew" in said.out
    anew = olorin(*command, "--no-replay", "--json").data
    assert anew["way"] == "full"
    assert {each["fingerprint"] for each in anew["failures"]}
    other = olorin("test", "--url", service.url, "--schema", schema, "--json").data
    assert other["way"] == "full", "without credentials it is another run"


@pytest.mark.parametrize("above", [False, True])
def test_a_read_only_service_is_asked_for_its_document_through_the_guard(olorin, release, monkeypatch, above):
    asked: list[str] = []
    send = GuardedTransport.handle_request
    monkeypatch.setattr(
        GuardedTransport, "handle_request", lambda self, request: asked.append(request.url.path) or send(self, request)
    )
    url = release("stable")
    options = ("--url", f"{url}/api", "--schema", f"{url}/openapi.json") if above else ("--url", url)
    assert olorin("test", *options, "--read-only").code == int(above), "/api/api/v1/… is not there"
    assert asked[0] == "/openapi.json"


@pytest.mark.slow
def test_the_breaking_release_breaks_the_document_of_the_one_before(olorin, release, home, token):
    import httpx

    (home / "2.1.0.json").write_text(httpx.get(f"{release('additive')}/openapi.json").text)
    command = ("test", "--url", release("breaking"), "--schema", "2.1.0.json")
    for options in ((), ("--header", f"Authorization: Bearer {token}")):
        said = olorin(*command, *options, "--json")
        assert said.code == 1
        assert any(
            each["operation"] == "GET /api/v1/investigations/" and "risk_score" in each["message"]
            for each in said.data["failures"]
        )


@pytest.mark.slow
def test_ctrl_c_ends_the_run_and_prints_what_was_found(service, schema, home):  # noqa: F811
    service.reset("schema")
    options = ["--url", service.url, "--schema", schema, "--header", f"Authorization: Bearer {TOKEN}", "--budget", "5m"]
    options.append("--no-replay")
    process = subprocess.Popen(
        [sys.executable, "-m", "olorin_pipelines", "test", *options],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while len(service.requests) < 60:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert "requests in" in out
    assert "the run stopped early (interrupted)" in out or "violation" in out
