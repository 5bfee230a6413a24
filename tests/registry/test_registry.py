"""The registry keeps what was deployed and decided, also under concurrent writers."""

from __future__ import annotations

import threading
import uuid

import pytest

from olorin_pipelines.errors import RegistryError, UnknownName
from olorin_pipelines.gate import CheckResult, GateResult, Outcome
from olorin_pipelines.registry import Artifacts, Registry
from olorin_pipelines.registry.identity import uuid7


@pytest.fixture
def registry(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path}/deep/olorin.db")
    yield registry
    registry.close()


def announce(registry, version="1.0.0"):
    return registry.announce("pets", environment="canary", version=version, url="http://127.0.0.1:1")[0]


def test_announcing_an_open_deployment_again_is_the_same_one(registry):
    first = announce(registry)
    again, created = registry.announce("pets", environment="canary", version="1.0.0", url="http://127.0.0.1:1")
    assert (again.id, created) == (first.id, False)
    registry.end(first.id, "promoted")
    assert announce(registry).id != first.id


def test_a_long_poll_returns_at_the_event(registry):
    first = announce(registry)
    assert registry.deployments_after(first.sequence) == []
    timer = threading.Timer(0.2, announce, [registry, "2.0.0"])
    timer.start()
    found = registry.deployments_after(first.sequence, wait_seconds=10)
    timer.join()
    assert [row.version for row in found] == ["2.0.0"]


def test_gate_results_come_back_as_they_were(registry):
    row = announce(registry)
    result = GateResult.of_checks(
        "schema_diff",
        [CheckResult(name="compatible", outcome=Outcome.FAIL, summary="gone", facts={"breaking": 1})],
        rows=[{"id": "x", "times": 2, "share": 0.5, "known": None}],
        evidence={"report": "ab"},
    )
    registry.record_gate(row.id, result)
    registry.record_gate(row.id, result)
    assert registry.gates(row.id) == {"schema_diff": result}
    assert [event.kind for event in registry.events(row.id)] == ["deployment_announced", "gate", "gate"]


def test_the_fate_of_a_deployment(registry):
    row = announce(registry)
    registry.started(row.id, "run-1")
    registry.started(row.id, "run-1")
    registry.decide(row.id, verdict="rejected", decided_by="schema_diff", because="gone")
    registry.end(row.id, "rolled_back")
    row = registry.deployment(row.id)
    assert (row.run_id, row.verdict, row.decided_by, row.outcome) == (
        "run-1",
        "rejected",
        "schema_diff",
        "rolled_back",
    )
    assert [event.kind for event in registry.events(row.id)].count("run_started") == 1


def test_promotion_retains_the_previous_version_and_reverting_is_one_step(registry):
    registry.found_serving("pets", version="1.0.0", url="http://127.0.0.1:1")
    registry.found_serving("pets", version="9.9.9", url="http://127.0.0.1:9")
    for _ in range(2):  # idempotent
        registry.promote("pets", version="2.0.0", url="http://127.0.0.1:2", deployment_id="d")
    serving = registry.serving("pets")
    assert (serving.version, serving.previous_version) == ("2.0.0", "1.0.0")
    for _ in range(2):
        registry.revert("pets", leaving="http://127.0.0.1:2")
    serving = registry.serving("pets")
    assert (serving.version, serving.url, serving.previous_version) == ("1.0.0", "http://127.0.0.1:1", None)


def test_fences_rise_under_concurrent_writers(registry):
    registry.found_serving("pets", version="1.0.0", url="http://127.0.0.1:1")
    fences: list[int] = []
    threads = [threading.Thread(target=lambda: fences.append(registry.next_fence("pets"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fences) == list(range(1, 17))


def test_an_abort_reaches_only_an_open_rollout(registry):
    row = announce(registry)
    assert not registry.request_abort(row.id, "why")
    registry.open_rollout(row.id, fence=1, deadline=0)
    assert registry.request_abort(row.id, "why")
    assert registry.rollout(row.id).abort_reason == "why"
    registry.update_rollout(row.id, state="aborted", reason="why")
    assert not registry.request_abort(row.id, "again")
    assert registry.open_rollouts("pets") == []


@pytest.mark.parametrize("url", ["not a url", "nosuchdb://x", "sqlite:////proc/nowhere/olorin.db"])
def test_a_registry_that_cannot_be_opened_says_so(url):
    with pytest.raises(RegistryError) as caught:
        Registry(url)
    assert caught.value.hint


def test_an_unknown_deployment(registry):
    with pytest.raises(UnknownName):
        registry.deployment("nope")
    with pytest.raises(UnknownName):
        registry.end("nope", "promoted")


def test_artifacts_are_named_by_their_bytes_and_checked(tmp_path):
    artifacts = Artifacts(tmp_path)
    digest = artifacts.put(b"hello")
    assert artifacts.put(b"hello") == digest
    assert artifacts.get(digest) == b"hello"
    artifacts.path(digest).write_bytes(b"other")
    with pytest.raises(RegistryError, match="changed on disk"):
        artifacts.get(digest)
    with pytest.raises(RegistryError, match="is not in"):
        artifacts.get("0" * 64)


def test_uuid7_is_ordered_by_time_and_of_its_version():
    first, second = uuid7(milliseconds=1), uuid7(milliseconds=2)
    assert first < second
    assert (uuid.UUID(first).version, uuid.UUID(first).variant) == (7, uuid.RFC_4122)
