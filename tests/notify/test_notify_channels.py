"""Each channel sends what its other side reads, says why it could not, and never shows its secret."""

from __future__ import annotations

import json
import socket

import pytest

from olorin_pipelines.config import load_config
from olorin_pipelines.errors import ConfigError, NotificationFailed, UnknownName
from olorin_pipelines.notify import Message, open_channel
from olorin_pipelines.notify.alertmanager import alertmanager_body
from olorin_pipelines.notify.message import NEWS, message_of, news_of
from olorin_pipelines.notify.pagerduty import pagerduty_body
from olorin_pipelines.notify.slack import slack_body
from tests.notify.receivers import mailbox, receiving

SECRET = "https-secret-of-the-tests"


def message(news="rejected", **values) -> Message:
    given = {
        "service": "pets",
        "version": "2.1.0",
        "deployment_id": "d-1",
        "otherwise": "",
        "at": 1_800_000_000.0,
        "reason": "1 breaking change",
        "facts": {"environment": "canary", "revision": ""},
        "links": {"run": "https://dagster.example.com/runs/r"},
    }
    return message_of(news, **{**given, **values})


def opened(tmp_path, notify: str, name: str):
    file = tmp_path / "olorin.yaml"
    file.write_text(
        f"services: {{pets: {{environments: {{production: {{url: 'http://127.0.0.1:9'}}}}}}}}\nnotify: {notify}\n"
    )
    return open_channel(load_config(file, environ={}), name)


def test_slack_gets_text_blocks_and_links(tmp_path, monkeypatch):
    with receiving() as receiver:
        monkeypatch.setenv("HOOK", f"{receiver.url}/services/{SECRET}")
        opened(tmp_path, '{slack: {team: {url: "${HOOK}"}}}', "slack/team").send(message(), timeout=5)
    ((path, headers, body),) = receiver.came
    assert path == f"/services/{SECRET}"
    assert headers["content-type"] == "application/json"
    assert body["text"] == "pets 2.1.0 was rejected"
    said = json.dumps(body)
    for part in ("1 breaking change", "canary", "<https://dagster.example.com/runs/r|run>"):
        assert part in said


def test_slack_mentions_nobody_whatever_a_document_says():
    said = json.dumps(slack_body(message(reason="<!channel> <@U1> & more")))
    assert "<!channel>" not in said
    assert "&lt;!channel&gt; &lt;@U1&gt; &amp; more" in said


def test_pagerduty_opens_and_resolves_the_same_incident(tmp_path, monkeypatch):
    monkeypatch.setenv("KEY", SECRET)
    with receiving() as receiver:
        channel = opened(
            tmp_path,
            f'{{pagerduty: {{oncall: {{routing_key: "${{KEY}}", url: "{receiver.url}"}}}}}}',
            "pagerduty/oncall",
        )
        channel.send(message("rollback_failed"), timeout=5)
        channel.send(message("rolled_back"), timeout=5)
    (_, _, first), (path, _, second) = receiver.came
    assert path == "/v2/enqueue"
    assert (first["event_action"], second["event_action"]) == ("trigger", "resolve")
    assert first["dedup_key"] == second["dedup_key"]
    assert first["routing_key"] == SECRET
    assert first["payload"]["severity"] == "critical"
    assert first["links"] == [{"href": "https://dagster.example.com/runs/r", "text": "run"}]


@pytest.mark.parametrize("news", NEWS)
def test_pagerduty_and_alertmanager_take_every_news(news):
    event = pagerduty_body(message(news, reason="x" * 5000), routing_key="k")
    assert len(event.get("payload", {}).get("summary", "")) <= 1024
    (alert,) = alertmanager_body(message(news))
    assert alert["startsAt"] <= alert["endsAt"]
    assert alert["labels"] == alertmanager_body(message("rejected"))[0]["labels"]


def test_alertmanager_gets_an_alert_and_its_token(tmp_path, monkeypatch):
    monkeypatch.setenv("KEY", SECRET)
    with receiving() as receiver:
        notice = f'{{alertmanager: {{main: {{url: "{receiver.url}", bearer: "${{KEY}}"}}}}}}'
        opened(tmp_path, notice, "alertmanager/main").send(message(), timeout=5)
    ((path, headers, body),) = receiver.came
    assert (path, headers["authorization"]) == ("/api/v2/alerts", f"Bearer {SECRET}")
    assert body[0]["labels"]["service"] == "pets"
    assert body[0]["annotations"]["description"] == "1 breaking change"


def test_a_mail_has_subject_thread_and_text(tmp_path):
    with mailbox() as box:
        notice = (
            f"{{email: {{ops: {{host: 127.0.0.1, port: {box.port}, tls: none, "
            "sender: olorin@example.com, to: [a@example.com, b@example.com]}}}"
        )
        opened(tmp_path, notice, "email/ops").send(message(version="2\r\nBcc: x@example.com"), timeout=5)
    (mail,) = box.mails
    head, _, body = mail.partition("\r\n\r\n")
    assert "Subject: [olorin] pets 2" in head
    assert not any(line.startswith("Bcc:") for line in head.splitlines())
    assert "To: a@example.com, b@example.com" in head
    assert "References: <olorin.pets.d-1@olorin>" in head
    assert "1 breaking change" in body
    assert "run: https://dagster.example.com/runs/r" in body


@pytest.mark.parametrize(("status", "again"), [(500, True), (503, True), (429, True), (404, False), (301, False)])
def test_a_refusal_says_whether_another_try_may_help(tmp_path, monkeypatch, status, again):
    with receiving() as receiver:
        monkeypatch.setenv("HOOK", f"{receiver.url}/{SECRET}")
        receiver.status = status
        with pytest.raises(NotificationFailed) as caught:
            opened(tmp_path, '{slack: {team: {url: "${HOOK}"}}}', "slack/team").send(message(), timeout=5)
    assert caught.value.again is again
    assert SECRET not in caught.value.diagnostics()


def test_an_address_that_does_not_answer_is_given_up_in_time(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HOOK", f"http://127.0.0.1:{silent.getsockname()[1]}/{SECRET}")
        channel = opened(tmp_path, '{slack: {team: {url: "${HOOK}"}}}', "slack/team")
        with pytest.raises(NotificationFailed) as caught:
            channel.send(message(), timeout=0.2)
    assert caught.value.again
    assert caught.value.__cause__ is None, "what failed may quote the address"
    assert SECRET not in str(caught.value)


def test_a_mail_server_that_is_down_is_tried_again(tmp_path):
    notice = "{email: {ops: {host: 127.0.0.1, port: 9, tls: none, sender: a@example.com, to: [b@example.com]}}}"
    with pytest.raises(NotificationFailed) as caught:
        opened(tmp_path, notice, "email/ops").send(message(), timeout=1)
    assert caught.value.again


@pytest.mark.parametrize(
    ("notify", "place"),
    [
        ("{slack: {team: {}}}", "notify.slack.team: 'url' is required"),
        ("{slack: {team: {url: x, news: [everything]}}}", "notify.slack.team.news"),
        ("{email: {ops: {host: h, tls: none, password: p, sender: a@b.c, to: [a@b.c]}}}", "without TLS"),
        ("{email: {ops: {host: h, sender: nobody, to: [a@b.c]}}}", "notify.email.ops.sender"),
        ("{sms: {}}", "notify.sms"),
    ],
)
def test_what_is_configured_wrongly_is_said_with_its_place(tmp_path, notify, place):
    with pytest.raises(ConfigError) as caught:
        opened(tmp_path, notify, "slack/team")
    assert place in caught.value.diagnostics()


def test_an_unknown_channel_names_the_known_ones(tmp_path):
    with pytest.raises(UnknownName) as caught:
        opened(tmp_path, "{slack: {team: {url: x}}}", "slack/tem")
    assert "slack/team" in caught.value.hint


def test_a_message_survives_the_registry():
    made = message()
    assert Message.from_dict(json.loads(json.dumps(made.to_dict()))) == made


@pytest.mark.parametrize(
    ("kind", "detail", "news"),
    [
        ("verdict", {"verdict": "rejected"}, "rejected"),
        ("rollout_state", {"state": "promoted"}, "promoted"),
        ("rollout_state", {"state": "open"}, ""),
        ("rollback", {"outcome": "rollback_failed"}, "rollback_failed"),
        ("rollback", {"outcome": "refused"}, ""),
        ("production_check", {"outcome": "fail"}, "production_failed"),
        ("production_check", {"outcome": "pass"}, ""),
        ("gate", {"outcome": "fail"}, ""),
    ],
)
def test_what_is_news(kind, detail, news):
    assert news_of(kind, detail) == news
