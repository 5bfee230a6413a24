"""Every setting has its effect, and a wrong one is refused in words."""

import asyncio
import json

import jwt
import pytest
from olorin_client import token
from pydantic import ValidationError

from examples.olorin.server import __main__ as server
from examples.olorin.server import token as token_command
from examples.olorin.server.log import configure_logging
from examples.olorin.server.settings import DEMO_SECRET, Settings, describe

BASE = "/api/v1/investigations/"
SECRET = "another-secret-another-secret-another-secret"


def test_backend_url_becomes_the_server_of_the_document(serve, monkeypatch):
    assert serve().app.openapi()["servers"][0]["url"] == "/"
    monkeypatch.setenv("BACKEND_URL", "https://api.example.com/olorin/")
    client = serve()
    assert [entry["url"] for entry in client.app.openapi()["servers"]] == ["https://api.example.com/olorin"]
    assert "https://api.example.com/olorin" in client.get("/docs").headers["Content-Security-Policy"]


def test_api_base_url_moves_the_routes_and_the_document(serve, monkeypatch):
    monkeypatch.setenv("API_BASE_URL", "/fraud")
    client = serve()
    assert client.get("/fraud/v1/investigations/").status_code == 200
    assert client.get(BASE).status_code == 404
    assert "/fraud/v1/investigations/" in client.app.openapi()["paths"]


def test_request_timeout_ends_a_request_that_takes_longer(serve, monkeypatch):
    monkeypatch.setenv("REQUEST_TIMEOUT_MS", "20")
    client = serve()

    @client.app.get("/endless")
    async def endless() -> None:
        await asyncio.Event().wait()

    answer = client.get("/endless")
    assert (answer.status_code, answer.json()["error"]) == (504, "timeout")
    assert answer.headers["X-Service-Version"] == "2.0.0"


def test_contract_test_timeout_is_published_in_the_document(serve, monkeypatch):
    monkeypatch.setenv("CONTRACT_TEST_TIMEOUT", "90")
    assert serve().get("/openapi.json").json()["x-contract-test-timeout"] == 90


def test_jwt_secret_decides_which_tokens_are_accepted(serve, monkeypatch):
    monkeypatch.setenv("JWT_SECRET", SECRET)
    client = serve()
    assert client.get(BASE).status_code == 401
    assert client.get(BASE, headers={"Authorization": f"Bearer {token(secret=SECRET)}"}).status_code == 200
    assert SECRET not in repr(client.app.state.settings)


@pytest.mark.parametrize(("level", "logged"), [("debug", True), ("INFO", False)])
def test_log_level_decides_whether_requests_are_logged(serve, monkeypatch, capsys, level, logged):
    monkeypatch.setenv("LOG_LEVEL", level)
    monkeypatch.setenv("LOG_FORMAT", "json")
    configure_logging(Settings())
    serve().get(BASE)
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(event["operation"], event["status"]) for event in events] == [("listInvestigations", 200)] * logged


def test_a_broken_request_is_logged_with_its_cause(serve, capsys):
    configure_logging(Settings(log_format="json"))
    assert serve("lying").get(BASE, params={"limit": 100}).status_code == 500
    event = json.loads(capsys.readouterr().err)
    assert event["event"] == "request failed"
    assert event["exception"][0]["exc_value"] == "injected fault"
    assert "locals" not in event["exception"][0]["frames"][0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BACKEND_URL", "nowhere"),
        ("API_BASE_URL", "api/"),
        ("REQUEST_TIMEOUT_MS", "0"),
        ("CONTRACT_TEST_TIMEOUT", "soon"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("JWT_SECRET", "too-short"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it_and_not_its_value(monkeypatch, capsys, name, value):
    monkeypatch.setenv(name, value)
    assert server.main(["--port", "0"]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error: invalid setting {name}: ")
    assert told.count("\n") == 1
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert "too-short" not in describe(caught.value)


def test_the_token_command_prints_a_token_signed_with_the_configured_secret(serve, monkeypatch, capsys):
    assert token_command.main(["--subject", "me", "--minutes", "3"]) == 0
    printed = capsys.readouterr().out.strip()
    claims = jwt.decode(printed, DEMO_SECRET, algorithms=["HS256"])
    assert (claims["sub"], claims["exp"] - claims["iat"]) == ("me", 180)
    assert serve(authenticated=False).get(BASE, headers={"Authorization": f"Bearer {printed}"}).status_code == 200
    monkeypatch.setenv("JWT_SECRET", "short")
    assert token_command.main([]) == 2
