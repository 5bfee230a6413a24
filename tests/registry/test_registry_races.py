"""What two writers, a death in between or a second try may not do to the record."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from sqlalchemy import text

from olorin_pipelines.errors import RegistryError, UnknownName
from olorin_pipelines.registry import BY_HAND, Registry

SAME = {"environment": "canary", "version": "2.0.0", "url": "http://127.0.0.1:2"}


def test_verifying_by_hand_does_not_take_over_an_announced_deployment(registry, row):
    by_hand, created = registry.announce("pets", **SAME, run_id=BY_HAND)
    assert created
    assert by_hand.id != row.id


def test_verifying_by_hand_does_not_hide_a_deployment_from_the_sensor(registry):
    by_hand, _ = registry.announce("pets", **SAME, run_id=BY_HAND)
    row, created = registry.announce("pets", **SAME)
    assert created
    assert (row.id != by_hand.id, row.run_id) == (True, None)


def test_promoting_closes_the_deployment_in_the_same_transaction(registry, row):
    registry.open_rollout(row.id, fence=1, deadline=0)
    registry.promote("pets", version="2.0.0", url=row.url, deployment_id=row.id)
    assert registry.deployment(row.id).outcome == "promoted"
    registry.end(row.id, "promoted")
    assert [event.kind for event in registry.events(row.id)].count("deployment_ended") == 1


@pytest.mark.parametrize(
    ("first", "then", "stays"),
    [
        ("rolled_back", "paused", "rolled_back"),
        ("refused", "promoted", "refused"),
        ("promoted", "paused", "promoted"),
        ("promoted", "rolled_back", "rolled_back"),
    ],
)
def test_a_closed_deployment_keeps_its_fate(registry, row, first, then, stays):
    registry.end(row.id, first)
    registry.end(row.id, then)
    assert registry.deployment(row.id).outcome == stays


def test_a_closed_deployment_has_no_open_rollout(registry, row):
    registry.open_rollout(row.id, fence=1, deadline=0)
    registry.end(row.id, "rolled_back")
    assert registry.open_rollouts("pets") == []
    assert not registry.request_abort(row.id, "again")
    assert "rollout_state" in [event.kind for event in registry.events(row.id)]


def test_a_second_try_does_not_inherit_the_abort_of_the_first(registry, row):
    registry.open_rollout(row.id, fence=1, deadline=0)
    registry.request_abort(row.id, "stop")
    registry.update_rollout(row.id, state="aborted", reason="stop", detail={"steps": []})
    again = registry.open_rollout(row.id, fence=2, deadline=0)
    assert (again.state, again.abort_reason, again.reason, again.ended_at) == ("open", None, "", None)


def test_a_number_is_never_given_twice(registry, row):
    with registry.writing() as session:
        session.execute(text("DELETE FROM deployments"))
    assert [found.version for found in registry.deployments_after(row.sequence)] == []
    registry.announce("pets", **SAME)
    assert [found.version for found in registry.deployments_after(row.sequence)] == ["2.0.0"]


def test_a_new_registry_is_opened_by_several_at_once(tmp_path):
    faults: list[Exception] = []

    def open_it() -> None:
        try:
            Registry(f"sqlite:///{tmp_path}/new.db").close()
        except RegistryError as error:
            faults.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_writer_waits_for_another_one(registry, tmp_path):
    other = sqlite3.connect(tmp_path / "olorin.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.5, other.execute, ["COMMIT"])
    timer.start()
    registry.announce("pets", **SAME)
    timer.join()
    other.close()


def test_an_unknown_deployment_says_where_ids_are(registry):
    with pytest.raises(UnknownName) as caught:
        registry.deployment("nope")
    assert "olorin status" in caught.value.hint
