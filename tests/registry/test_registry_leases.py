"""One writer a service: who takes a lease, who keeps it, who is refused."""

from __future__ import annotations

import threading

import pytest

from olorin_pipelines.errors import LeaseHeld, StaleFence

NEW = {"environment": "canary", "version": "2.0.0", "url": "http://127.0.0.1:2"}


def take(registry, holder, kind="rollout", **values):
    return registry.take_lease(
        "pets", holder=holder, kind=kind, deployment_id=values.pop("deployment_id", None), seconds=60,
        work=values.pop("work", {}), **values,
    )  # fmt: skip


def test_a_second_one_is_refused_until_the_first_gives_it_back(registry):
    first = take(registry, "a")
    with pytest.raises(LeaseHeld, match="a moves the traffic of pets"):
        take(registry, "b")
    registry.release_lease("pets", fence=first.fence)
    assert registry.lease("pets") is None
    assert take(registry, "b").fence == first.fence + 1


def test_what_was_seen_dead_is_taken_over_unless_it_beat_since(registry):
    take(registry, "a")
    seen = registry.lease("pets")
    registry.renew_lease("pets", fence=seen.fence)
    with pytest.raises(LeaseHeld):
        take(registry, "b", "rollback", seen=seen)
    taken = take(registry, "b", "rollback", seen=registry.lease("pets"), why="no heartbeat")
    assert taken.fence > seen.fence


def test_a_rollout_does_not_follow_another_of_its_own_process(registry):
    take(registry, "a")
    with pytest.raises(LeaseHeld):
        take(registry, "a")
    assert take(registry, "a", "rollback").kind == "rollback"


def test_one_that_lost_its_lease_may_neither_live_nor_record(registry, row):
    old = take(registry, "a", deployment_id=row.id)
    registry.open_rollout(row.id, fence=old.fence, deadline=0)
    take(registry, "b", "rollback", seen=registry.lease("pets"), deployment_id=row.id)
    events = len(registry.events(row.id))
    lost = {"version": "2.0.0", "url": row.url, "deployment_id": row.id, "fence": old.fence}
    for act in (
        lambda: registry.renew_lease("pets", fence=old.fence),
        lambda: registry.record_held("step", service="pets", deployment_id=row.id, detail={}, fence=old.fence),
        lambda: registry.update_rollout(row.id, state="aborted", fence=old.fence),
        lambda: registry.promote("pets", **lost),
        lambda: registry.keep_work("pets", fence=old.fence, work={}),
    ):
        with pytest.raises(StaleFence, match="moved by b with fence"):
            act()
    registry.release_lease("pets", fence=old.fence)
    assert registry.lease("pets").holder == "b"
    assert (registry.serving("pets").version, registry.rollout(row.id).state) == ("1.0.0", "open")
    assert len(registry.events(row.id)) == events


def test_a_promotion_gives_the_lease_back_in_the_same_transaction(registry, row):
    lease = take(registry, "a", deployment_id=row.id)
    registry.open_rollout(row.id, fence=lease.fence, deadline=0)
    registry.promote(
        "pets", version="2.0.0", url=row.url, deployment_id=row.id, fence=lease.fence, reason="100 %", detail={"a": 1}
    )
    assert registry.lease("pets") is None
    rollout = registry.rollout(row.id)
    assert (rollout.state, rollout.reason, rollout.detail) == ("promoted", "100 %", {"a": 1})
    assert (registry.deployment(row.id).outcome, registry.serving("pets").version) == ("promoted", "2.0.0")


def test_a_rollback_that_takes_over_a_rollback_takes_over_its_work(registry, row):
    take(registry, "a", "rollback", deployment_id=row.id, work={"order": {"leaving": "x"}})
    taken = take(registry, "b", "rollback", seen=registry.lease("pets"), work={"reason": "other"})
    assert (taken.work, taken.deployment_id) == ({"order": {"leaving": "x"}}, row.id)


def test_a_fence_is_higher_than_that_in_the_route(registry):
    assert take(registry, "a", "rollback", above=57).fence == 58
    assert registry.next_fence("pets") == 59


@pytest.mark.parametrize(("outcome", "left"), [(None, 1), ("promoted", 1), ("rolled_back", 0), ("paused", 0)])
def test_a_request_is_unanswered_as_long_as_its_deployment_is_not_closed(registry, row, outcome, left):
    registry.request_rollback("pets", deployment_id=row.id, reason="slow")
    if outcome:
        registry.end(row.id, outcome)
    assert len(registry.unanswered_requests()) == left


def test_a_request_is_answered_by_a_rollback_that_began_after_it(registry, row):
    registry.request_rollback("pets", deployment_id=None, reason="slow")
    (asked,) = registry.unanswered_requests()
    for began, left in ((asked.requested_at - 1, 1), (asked.requested_at + 1, 0)):
        registry.record_rollback(
            "pets", deployment_id=None, from_version="2", to_version="1", reason="slow", outcome="rolled_back",
            started_at=began, seconds=1.0, detail={},
        )  # fmt: skip
        assert len(registry.unanswered_requests()) == left


def test_of_many_at_once_one_takes_it(registry):
    taken, refused = [], []

    def run(number: int) -> None:
        try:
            taken.append(take(registry, f"h{number}"))
        except LeaseHeld as error:
            refused.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(refused)) == (1, 7)
