"""Who is let in: by a token, by a signature, or by being on this machine."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from olorin_pipelines.config import load_config
from olorin_pipelines.errors import ConfigError, UsageError
from olorin_pipelines.intake.door import Door, Refused, is_loopback
from tests.intake.conftest import CANARY, SERVICE, TOKEN

GITHUB = {
    "deployment": {"id": 7, "sha": "0123456789abcdef", "ref": "v2.4.0", "environment": "canary", "payload": {}},
    "deployment_status": {"id": 9, "state": "success", "environment_url": CANARY + "/"},
}
GITLAB = {
    "object_kind": "deployment",
    "status": "success",
    "deployment_id": 15,
    "environment": "canary",
    "environment_external_url": CANARY,
    "ref": "main",
    "short_sha": "279484c0",
}


def signed(body: bytes, key: str) -> str:
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def by_github(asked, payload, *, key="k", event="deployment_status", path=f"/webhooks/github/{SERVICE}"):
    body = json.dumps(payload).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-Hub-Signature-256": signed(body, key),
        "Authorization": "",
    }
    return asked("POST", path, content=body, headers=headers)


def by_gitlab(asked, payload, *, key="k"):
    return asked("POST", f"/webhooks/gitlab/{SERVICE}", body=payload, headers={"X-Gitlab-Token": key})


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer nope", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xff"])
def test_only_the_token_opens(shown):
    with pytest.raises(Refused):
        Door(token=TOKEN).admit({"authorization": shown, "host": "127.0.0.1"})


def test_the_token_opens():
    Door(token=TOKEN).admit({"authorization": f"bearer {TOKEN}", "host": "intake.example.com"})


LOOPBACK = [("127.0.0.1:8484", True), ("localhost", True), ("[::1]:8484", True), ("evil.example", False), ("", False)]


@pytest.mark.parametrize(("host", "loopback"), LOOPBACK)
def test_without_a_token_a_page_of_another_name_is_refused(host, loopback):
    door = Door()
    if loopback:
        door.admit({"host": host})
    else:
        with pytest.raises(Refused, match="not a name of this machine"):
            door.admit({"host": host})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.com"])  # noqa: S104 - it is refused
def test_beyond_this_machine_a_token_is_needed(host):
    assert not is_loopback(host)
    with pytest.raises(UsageError, match="no token"):
        Door().check_address(host)
    Door(token=TOKEN).check_address(host)


def test_a_door_shows_no_secret(tmp_path):
    assert TOKEN not in repr(Door(token=TOKEN, github_secret=TOKEN, gitlab_token=TOKEN))
    file = tmp_path / "olorin.yaml"
    file.write_text(
        "services: {pets: {environments: {production: {url: 'http://127.0.0.1:9'}}}}\n"
        'serve: {token: "${NOT_SET_ANYWHERE}"}\n'
    )
    with pytest.raises(ConfigError, match="NOT_SET_ANYWHERE"):
        Door.of(load_config(file, environ={}))


def test_github_announces_what_has_succeeded(intake):
    asked = intake(token=TOKEN, github_secret="k")
    first, again = by_github(asked, GITHUB), by_github(asked, GITHUB)
    assert (first.status_code, again.status_code) == (201, 200)
    said = first.json()
    assert (said["version"], said["url"], said["revision"]) == ("2.4.0", CANARY, "0123456789abcdef")
    assert said["id"] == asked("GET", "/deployments/github-7-9").json()["id"]


@pytest.mark.parametrize(
    ("change", "event", "why"),
    [
        ({}, "push", "push"),
        ({"deployment_status": {"state": "pending"}}, "deployment_status", "pending"),
        (
            {"deployment_status": {**GITHUB["deployment_status"], "environment": "Preview"}},
            "deployment_status",
            "preview",
        ),
    ],
)
def test_what_is_of_no_interest_is_ignored_and_said(intake, change, event, why):
    asked = intake(github_secret="k")
    answer = by_github(asked, {**GITHUB, **change}, event=event)
    assert answer.status_code == 202
    assert why in answer.json()["ignored"]
    assert not asked.place.registry.deployments()


@pytest.mark.parametrize("payload", [[], {"deployment_status": 3}, {"deployment_status": {"state": "success"}}])
def test_what_github_never_sends_is_refused(intake, payload):
    assert by_github(intake(github_secret="k"), payload).status_code == 422


def test_a_wrong_signature_is_refused(intake):
    asked = intake(github_secret="k")
    assert by_github(asked, GITHUB, key="other").status_code == 401
    assert by_github(intake(), GITHUB).status_code == 401, "no secret is configured: nobody is GitHub"


def test_the_version_that_a_deployment_names_wins(intake):
    payload = {**GITHUB, "deployment": {**GITHUB["deployment"], "payload": {"version": "2.4.1"}}}
    assert by_github(intake(github_secret="k"), payload).json()["version"] == "2.4.1"


def test_gitlab_announces_what_has_succeeded(intake):
    asked = intake(token=TOKEN, gitlab_token="k")
    answer = by_gitlab(asked, GITLAB)
    assert (answer.status_code, answer.json()["version"]) == (201, "279484c0")
    assert by_gitlab(asked, {**GITLAB, "status": "running"}).status_code == 202
    assert by_gitlab(asked, GITLAB, key="other").status_code == 401


def test_our_own_body_may_be_signed_as_well(intake):
    asked = intake(token=TOKEN, github_secret="k")
    body = {"service": SERVICE, "version": "3"}
    assert by_github(asked, body, path="/deployments").status_code == 201
    assert by_github(asked, body, path="/deployments", key="other").status_code == 401
