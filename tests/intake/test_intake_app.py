"""Deployments come in once, decisions go out, and nothing that is wrong gets through."""

from __future__ import annotations

import threading

import httpx
import pytest

from olorin_pipelines.errors import RegistryError
from olorin_pipelines.intake.app import MOST_BYTES
from olorin_pipelines.pipeline.rehearsal import rehearse
from tests.intake.conftest import CANARY, SERVICE, TOKEN


@pytest.fixture
def asked(intake):
    return intake(token=TOKEN)


def test_an_announced_deployment_is_one_that_the_sensor_finds(asked):
    answer = asked.announce(id="build-1", revision="abc")
    assert answer.status_code == 201
    (row,) = asked.place.registry.deployments_after(0)
    assert (row.service, row.version, row.environment, row.url) == (SERVICE, "2.1.0", "canary", CANARY)
    assert (row.run_id, row.revision) == (None, "abc")
    assert answer.headers["location"] == f"/deployments/{row.id}"
    assert answer.json()["id"] == row.id


def test_the_same_id_with_the_same_words_is_the_same_deployment(asked):
    first, again = asked.announce(id="build-1"), asked.announce(id="build-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    asked.place.registry.end(first.json()["id"], "promoted")
    closed = asked.announce(id="build-1")
    assert (closed.status_code, closed.json()["outcome"]) == (200, "promoted")
    assert len(asked.place.registry.deployments()) == 1


def test_the_same_id_with_other_words_is_refused(asked):
    asked.announce(id="build-1")
    answer = asked.announce(id="build-1", version="2.2.0")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["hint"]
    assert len(asked.place.registry.deployments()) == 1


def test_another_id_for_an_open_deployment_is_the_same_deployment(asked):
    first, other = asked.announce(id="a"), asked.announce(id="b")
    assert (first.json()["id"], other.status_code) == (other.json()["id"], 200)


def test_a_dry_run_is_announced_as_one_and_tells_what_it_found(asked):
    real, dry = asked.announce(id="build-1"), asked.announce(id="build-1-dry", dry_run=True)
    assert (real.json()["dry_run"], dry.json()["dry_run"]) == (False, True)
    assert real.json()["id"] != dry.json()["id"], "of the same version, and a deployment of its own"
    assert asked.announce(id="build-1", dry_run=True).status_code == 409, "other words"
    assert asked.announce(dry_run=True).json()["id"] == dry.json()["id"]
    registry, row_id = asked.place.registry, dry.json()["id"]
    assert registry.is_dry_run(row_id)
    assert asked("GET", "/deployments/build-1-dry").json()["rehearsal"] is None
    registry.decide(row_id, verdict="accepted", decided_by="", because="")
    rehearse(
        asked.place.case(row_id), registry.deployment(row_id),
        router=None, metrics=None, unfit=lambda _: "", wait=lambda _: None,
    )  # fmt: skip
    said = asked("GET", "/deployments/build-1-dry").json()
    assert (said["outcome"], said["rehearsal"]["would"]) == ("dry_run", "not_route")
    assert said["rehearsal"]["weights"] == []
    assert "no router is configured" in said["rehearsal"]["reason"]


def test_at_once_they_are_one(asked):
    answers: list[httpx.Response] = []
    threads = [threading.Thread(target=lambda: answers.append(asked.announce(id="build-1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_what_was_decided_can_be_read_by_either_id(asked):
    row_id = asked.announce(id="build-1").json()["id"]
    registry = asked.place.registry
    registry.decide(row_id, verdict="rejected", decided_by="schema_diff", because="1 breaking change")
    registry.record_rollback(
        SERVICE, deployment_id=row_id, from_version="2.1.0", to_version="2.0.0", reason="1 breaking change",
        outcome="rolled_back", started_at=0.0, seconds=0.4, detail={}, closes="rolled_back",
    )  # fmt: skip
    for name in (row_id, "build-1"):
        said = asked("GET", f"/deployments/{name}").json()
        assert (said["verdict"], said["decided_by"], said["because"]) == (
            "rejected",
            "schema_diff",
            "1 breaking change",
        )
        assert (said["outcome"], said["rollbacks"][0]["outcome"]) == ("rolled_back", "rolled_back")
    assert asked("GET", "/deployments/nobody").status_code == 404


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"service": "nobody"}, "nobody"),
        ({"environment": "nowhere"}, "nowhere"),
        ({"version": ""}, "version"),
        ({"version": 2}, "version"),
        ({"dry_run": "no"}, "dry_run"),
        ({"url": "ftp://127.0.0.1"}, "url"),
        ({"url": "http://user:pass@127.0.0.1"}, "url"),
        ({"url": "http://127.0.0.1:99999"}, "url"),
        ({"url": "http://elsewhere.example"}, "elsewhere.example"),
        ({"urll": "x"}, "urll"),
        ({"id": "a b"}, "id"),
    ],
)
def test_what_cannot_be_is_refused_by_name(asked, said, place):
    answer = asked.announce(**said)
    assert (answer.status_code, answer.json()["title"]) == (422, answer.reason_phrase)
    assert place in answer.json()["detail"]
    assert not asked.place.registry.deployments()


def test_a_host_may_be_allowed(intake):
    asked = intake("serve: {hosts: ['*.example.com']}\n", token=TOKEN)
    assert asked.announce(url="http://pod-1.example.com:8080").status_code == 201
    assert asked.announce(url="http://example.org").status_code == 422


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        ("{", {}, 400),
        ('{"service": NaN}', {}, 400),
        ("[" * 100_000, {}, 400),
        ("\udcff".encode("utf-8", "surrogateescape"), {}, 400),
        ("{}", {"Content-Type": "text/plain"}, 415),
        (b"x" * (MOST_BYTES + 1), {}, 413),
        ("{}", {"Authorization": "Bearer wrong"}, 401),
    ],
)
def test_what_is_no_request_is_refused(asked, content, headers, status):
    answer = asked("POST", "/deployments", content=content, headers={"Content-Type": "application/json", **headers})
    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_a_method_or_a_path_that_is_not_there(asked):
    answer = asked("PUT", "/deployments", body={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert asked("GET", "/nothing").json()["title"] == "Not Found"


def test_health_tells_whether_the_registry_answers(asked, monkeypatch):
    assert asked("GET", "/health", headers={"Authorization": ""}).json()["status"] == "ok"

    def lost():
        raise RegistryError("the registry does not answer: sqlite:///secret")

    monkeypatch.setattr(asked.place.registry, "leases", lost)
    answer = asked("GET", "/health")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")


def test_a_lost_registry_is_said(asked, monkeypatch):
    def lost(_name):
        raise RegistryError("the registry does not answer")

    monkeypatch.setattr(asked.place.registry, "announced_as", lost)
    assert asked("GET", "/deployments/x").status_code == 503


def test_what_breaks_here_tells_nobody_why(asked, monkeypatch):
    def broken(_name):
        raise ZeroDivisionError("a-token-of-the-tests")

    monkeypatch.setattr(asked.place.registry, "announced_as", broken)
    answer = asked("GET", "/deployments/x")
    assert answer.status_code == 500
    assert TOKEN not in answer.text


def test_metrics_count_what_happened(asked):
    row_id = asked.announce().json()["id"]
    registry = asked.place.registry
    registry.decide(row_id, verdict="rejected", decided_by="schema_diff", because="")
    for seconds in (0.4, 3.0):
        registry.record_rollback(
            SERVICE, deployment_id=None, from_version="2", to_version="1", reason="", outcome="rolled_back",
            started_at=0.0, seconds=seconds, detail={},
        )  # fmt: skip
    registry.open_rollout(row_id, fence=1, deadline=0.0)
    registry.update_rollout(row_id, weight=25)
    text = asked("GET", "/metrics").text
    for line in (
        f'olorin_verdicts_total{{service="{SERVICE}",verdict="rejected"}} 1.0',
        f'olorin_verdicts_total{{service="{SERVICE}",verdict="held"}} 0.0',
        f'olorin_rollback_seconds_bucket{{le="0.5",service="{SERVICE}"}} 1.0',
        f'olorin_rollback_seconds_count{{service="{SERVICE}"}} 2.0',
        f'olorin_rollbacks_total{{outcome="rolled_back",service="{SERVICE}"}} 2.0',
        f'olorin_open_rollouts{{service="{SERVICE}"}} 1.0',
        f'olorin_rollout_weight_percent{{service="{SERVICE}"}} 25.0',
    ):
        assert line in text.splitlines(), text


@pytest.mark.parametrize("path", ["/metrics", "/deployments/x", "/openapi.json"])
def test_what_is_read_needs_the_token_too(asked, path):
    answer = asked("GET", path, headers={"Authorization": "Bearer nope"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="olorin"')
