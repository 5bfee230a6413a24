"""A change that is not deployed is judged by the gates of a deployment: their answers, exceptions, one verdict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines.errors import ToolFailed, UsageError
from olorin_pipelines.gate import Outcome
from olorin_pipelines.pipeline.hosting import hosted
from olorin_pipelines.pipeline.review import Change, review
from olorin_pipelines.report.review.judgement import Judgement

NO_NODE = ("generated_types", "consumer_compatibility")
APP = """
import json, pathlib
DOCUMENT = json.loads(pathlib.Path("{document}").read_text())

async def app(scope, receive, send):
    assert scope["type"] == "http", scope["type"]
    path = scope["path"]
    known = {{"/openapi.json": DOCUMENT, "/pets": {answer}}}
    body = json.dumps(known.get(path, {{}})).encode()
    if path in known and scope["method"] not in DOCUMENT["paths"].get(path, {{"get": 0, "GET": 0}}) and (
        scope["method"] != "GET"
    ):
        status = 405
    else:
        status = 200 if path in known else 404
    headers = [(b"content-type", b"application/json"), (b"allow", b"GET")]
    await send({{"type": "http.response.start", "status": status, "headers": headers}})
    await send({{"type": "http.response.body", "body": body}})
"""


def document(*, name: str = "string", version: str = "1.0.0", required: bool = True) -> dict[str, Any]:
    """An API of one operation, whose answer holds a name."""
    pet = {"type": "object", "properties": {"name": {"type": name}}, "required": ["name"] if required else []}
    answer = {"description": "fine", "content": {"application/json": {"schema": pet}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pets & Co", "version": version},
        "paths": {"/pets": {"get": {"operationId": "pets", "responses": {"200": answer}}}},
    }


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    (tmp_path / "old.json").write_text(json.dumps(document()))
    (tmp_path / "same.json").write_text(json.dumps(document(version="1.0.1")))
    (tmp_path / "broken.json").write_text(json.dumps(document(required=False, version="2.0.0")))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(folder: Path, **change: Any) -> Judgement:
    (folder / "home").mkdir(exist_ok=True)
    return review(Change(skip=NO_NODE, **change), home=folder / "home", cache=folder / "cache")


def serve(folder: Path, name: str, answer: dict[str, Any], *, at: str = "/openapi.json") -> str:
    """Write an application of the document `name`, served `at`, which gives `answer`; returns it as module:app."""
    module = f"app_{name}"
    (folder / f"{module}.py").write_text(
        APP.format(document=folder / f"{name}.json", answer=answer).replace("/openapi.json", at)
    )
    return f"{module}:app"


def test_a_harmless_change_is_accepted_and_what_was_not_asked_is_said(folder):
    judged = ask(folder, base="old.json", head="same.json")
    assert judged.accepted
    assert judged.title == "pets-co: 1.0.0 → 1.0.1"
    assert judged.results["schema_diff"].outcome is Outcome.PASS
    assert judged.results["generated_types"].summary == "left out by --skip"
    assert "--app or --url" in judged.results["contract_tests"].summary


def test_a_breaking_change_is_rejected_by_the_gate_that_would_reject_its_deployment(folder):
    judged = ask(folder, base="old.json", head="broken.json")
    assert (judged.accepted, judged.told) == (False, True)
    assert judged.decision.decided_by == "schema_diff"
    assert [finding.id for finding in judged.judged.findings] == ["response-property-became-optional"]


def test_without_a_base_the_document_is_the_first_one(folder):
    judged = ask(folder, head="broken.json")
    assert judged.accepted
    assert judged.results["schema_diff"].outcome is Outcome.NOT_APPLICABLE


def test_an_intended_break_passes_and_the_reason_is_shown(folder):
    judged = ask(folder, base="old.json", head="broken.json", intended="the mobile app is gone")
    assert judged.accepted
    assert judged.intended == "the mobile app is gone"
    assert judged.judged.findings, "it is still shown"


def test_an_approval_lets_one_break_through_and_an_expired_one_does_not(folder):
    policy = folder / "policy.yaml"
    entry = '- {{id: response-property-became-optional, location: "*", reason: agreed, expires: {day}}}'
    policy.write_text("approvals:\n  " + entry.format(day="2999-01-01"))
    assert ask(folder, base="old.json", head="broken.json", approvals=policy).accepted
    policy.write_text("approvals:\n  " + entry.format(day="2020-01-01"))
    judged = ask(folder, base="old.json", head="broken.json", approvals=policy)
    assert not judged.accepted
    assert "ended on 2020-01-01" in judged.judged.notes[0]


def test_a_document_that_promises_more_than_the_instance_serves_is_rejected(folder):
    app = serve(folder, "broken", {"name": "Rex"})
    judged = ask(folder, base="old.json", head="old.json", app=app)
    assert judged.decision.decided_by == "openapi_schema"
    assert "served_document: it serves another one: GET /pets" in judged.decision.because
    assert judged.results["contract_tests"].outcome is Outcome.NOT_RUN


@pytest.mark.slow
def test_what_an_application_really_answers_decides_about_a_document_that_did_not_change(folder):
    honest = ask(folder, base="old.json", app=serve(folder, "same", {"name": "Rex"}))
    assert honest.accepted, honest.decision
    assert honest.coverage() == 1.0
    lying = ask(folder, base="old.json", app=serve(folder, "old", {"name": 7}))
    assert lying.decision.decided_by == "contract_tests"
    assert {row["operation"] for row in lying.failures()} == {"GET /pets"}
    assert "response_schema" in {row["check"] for row in lying.failures()}
    assert "<testsuite" in lying.junit


@pytest.mark.slow
def test_an_approved_break_is_not_rejected_by_the_tests_of_the_old_document(folder):
    policy = folder / "policy.yaml"
    policy.write_text(
        'approvals:\n  - {id: response-property-became-optional, location: "*", reason: agreed, expires: 2999-01-01}'
    )
    app = serve(folder, "broken", {})
    judged = ask(folder, base="old.json", app=app, approvals=policy)
    assert judged.accepted, judged.decision
    assert "their break was agreed to or their end announced: GET /pets" in next(
        check.summary for check in judged.results["contract_tests"].checks if check.name == "honours_baseline"
    )


def test_an_application_that_does_not_start_says_why(folder):
    with pytest.raises(ToolFailed, match=r"No module named 'nowhere'|Could not import module") as failed:
        ask(folder, base="old.json", app="nowhere:app")
    assert "--app module:name" in failed.value.hint


_ITS_SOCKETS = """
import json, os, socket

async def app(scope, receive, send):
    assert scope["type"] == "http"
    flags = []
    for name in os.listdir("/proc/self/fd"):
        try:
            with socket.socket(fileno=os.dup(int(name))) as found:
                if found.getpeername():
                    flags.append(found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        except OSError:
            continue
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(flags).encode()})
"""


def test_an_application_answers_at_once_not_at_the_next_acknowledgement(folder):
    (folder / "sockets.py").write_text(_ITS_SOCKETS)
    with hosted("sockets:app", log=folder / "log") as url:
        import httpx

        flags = httpx.get(url).json()
    assert flags, (folder / "log").read_text()
    assert all(flags), "TCP_NODELAY: an answer of two writes would take 40 ms"


def test_an_application_ends_with_its_block(folder):
    app = serve(folder, "old", {"name": "Rex"})
    with hosted(app, log=folder / "log") as url:
        import httpx

        assert httpx.get(f"{url}/pets").json() == {"name": "Rex"}
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/pets")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base": "missing.json", "head": "old.json"}, "missing.json"),
        ({"base": "old.json", "head": "old.json", "consumers": ("nobody",)}, "no folder"),
        ({"base": "old.json", "head": "old.json", "consumers": (".",)}, "exports `paths`"),
    ],
)
def test_what_cannot_be_read_is_named(folder, change, said):
    with pytest.raises(UsageError, match=said):
        ask(folder, **change)


def test_a_service_of_the_configuration_brings_its_policy(folder, monkeypatch):
    monkeypatch.delenv("OLORIN_CONFIG", raising=False)
    (folder / "olorin.yaml").write_text(
        "services: {pets: {environments: {production: {url: 'http://127.0.0.1:9'}}, policy: {breaking: warn}}}"
    )
    judged = ask(folder, base="old.json", head="broken.json", service="pets")
    assert judged.accepted
    assert judged.service == "pets"
    assert not (folder / "var").exists(), "the record of deployments is left alone"


def test_the_document_of_a_service_is_asked_for_where_the_configuration_says(folder, monkeypatch):
    monkeypatch.delenv("OLORIN_CONFIG", raising=False)
    (folder / "olorin.yaml").write_text(
        "services: {pets: {schema: /of/pets.json, environments: {production: {url: 'http://127.0.0.1:9'}}}}"
    )
    app = serve(folder, "broken", {"name": "Rex"}, at="/of/pets.json")
    judged = ask(folder, base="old.json", app=app, service="pets")
    assert judged.head.source.endswith("/of/pets.json")
    assert judged.decision.decided_by == "schema_diff"
