"""What people want of a rollout: kept, legal in its state, heard by who moves the traffic. On doubles."""

from __future__ import annotations

import itertools

import pytest

from olorin_pipelines.errors import UnknownName, UsageError
from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.pipeline import guard as guard_module
from olorin_pipelines.pipeline import lease as lease_module
from olorin_pipelines.pipeline import release as release_module
from olorin_pipelines.pipeline import revert
from olorin_pipelines.pipeline.command import awaited, command, position, runs_wanted
from olorin_pipelines.pipeline.guard import Guard
from olorin_pipelines.pipeline.release import release
from olorin_pipelines.pipeline.rescue import rescue
from olorin_pipelines.registry import PAUSED
from tests.pipeline.test_pipeline_revert import NAME, announce, promoted
from tests.pipeline.test_pipeline_revert import place as on_doubles

__all__ = ["on_doubles"]

SECOND = "http://127.0.0.1:29"


@pytest.fixture
def place(on_doubles, monkeypatch):
    """Steps of an instant; every run and every rollback is a process of its own, as far as leases are concerned."""
    numbers = itertools.count()
    monkeypatch.setattr(lease_module, "holder", lambda who: f"{who}@{next(numbers)}")
    for module in (guard_module, revert):
        monkeypatch.setattr(module, "holder", lease_module.holder)
    configure(on_doubles, steps=(10, 50, 100), step_seconds=0.001, step_deadline_seconds=5.0, min_requests=5)
    return on_doubles


def configure(place, **values):
    service = place.config.services[NAME]
    rollout = service.rollout.model_copy(update=values)
    place.config.services[NAME] = service.model_copy(update={"rollout": rollout})


def ask(place, verb, target=NAME, reason="why"):
    return command(place, target, verb, who="ada", reason=reason)


def run(place, row, *, at=None, verb="pause"):
    """Release with good traffic; `verb` is asked for when the weight is `at`."""
    metrics = release_module.metrics_of(place.config, NAME)
    router = release_module.router_of(place.config, NAME)

    def wait(_seconds):
        for version in ("2.0.0", row.version):
            metrics.add(NAME, version, requests=20, errors=0)
        shown = router.routes.get(NAME)
        if at is not None and shown is not None and shown.weight == at:
            ask(place, verb)

    return release(place.case(row.id), wait=wait)


def weight(place):
    return release_module.router_of(place.config, NAME).routes[NAME].weight


def state(place, row):
    found = position(place, row.id)
    assert found.strange == ()
    return found.state


def paused(place, at=50):
    row = announce(place)
    report = run(place, row, at=at)
    assert (report.outcome, weight(place)) == ("paused", at)
    return row


def taken_back(place, row, outcome="rolled_back"):
    assert weight(place) == 0
    assert place.registry.deployment(row.id).outcome == outcome
    assert place.registry.lease(NAME) is None
    assert [back.outcome for back in place.registry.rollbacks(NAME) if back.deployment_id == row.id] == ["rolled_back"]


def test_a_pause_holds_the_weight_and_keeps_everybody_out(place):
    row = paused(place)
    assert state(place, row) == "paused"
    assert place.registry.deployment(row.id).outcome is None
    assert place.registry.lease(NAME).kind == PAUSED
    assert place.registry.waiting_commands(row.id) == []
    assert revert.precheck(place, NAME, deployment_id=row.id, reason="") is None, "the run ends, nothing goes back"
    assert "goes on, or is taken back" in rescue(place, row.id, run_id="r")
    assert list(Guard(place, stale_seconds=0.0, observe_seconds=0.0).look()) == []
    assert weight(place) == 50


def test_a_paused_rollout_goes_on_where_it_was(place):
    row = paused(place)
    asked = ask(place, "resume")
    rows, last = runs_wanted(place, after=0, wait_seconds=0.0)
    assert [each.verb for each in rows] == ["resume"]
    assert runs_wanted(place, after=last, wait_seconds=0.0) == ([], last)
    report = run(place, row)
    assert report.outcome == "promoted"
    assert [step["weight"] for step in report.steps] == [10, 50, 50, 100]
    assert awaited(place, asked, seconds=0.0) == "resumed"
    assert state(place, row) == "post_bake"


def test_a_paused_rollout_is_promoted_at_once(place):
    row = paused(place, at=10)
    ask(place, "promote")
    report = run(place, row)
    assert (report.outcome, report.steps[-1]["outcome"]) == ("promoted", "not_run")
    assert "by ada: why" in place.registry.rollout(row.id).reason


def test_a_paused_rollout_is_taken_back_by_what_an_abort_asks_for(place):
    row = paused(place)
    asked = ask(place, "abort")
    (request,) = place.registry.rollback_requests_after(0)
    baton = revert.precheck(place, NAME, deployment_id=request.deployment_id, reason=request.reason)
    revert.finish(place, baton)
    taken_back(place, row)
    assert awaited(place, asked, seconds=0.0) == "rolled_back"
    assert place.registry.rollbacks(NAME)[0].reason == "abort was asked for by ada: why"
    assert state(place, row) == "rolled_back"


def test_a_pause_ends_by_itself(place):
    configure(place, pause_seconds=0.001)
    row = paused(place)
    (done,) = Guard(place, stale_seconds=15.0, observe_seconds=0.0).look()
    assert done.outcome == "rolled_back"
    assert "paused at 50 %" in done.detail
    taken_back(place, row)


def test_a_running_rollout_hears_an_abort(place):
    row = announce(place)
    assert run(place, row, at=10, verb="abort").outcome == "aborted"
    assert state(place, row) == "abort_requested"
    revert.finish(place, revert.precheck(place, NAME, deployment_id=row.id, reason=""))
    taken_back(place, row)


def test_an_abort_before_any_traffic_is_heard_when_the_rollout_begins(place):
    row = announce(place)
    assert ask(place, "abort").state == "gated"
    assert run(place, row).outcome == "aborted"
    router = release_module.router_of(place.config, NAME)
    assert router.routes == {}


def test_an_abort_of_what_was_promoted_takes_production_back(place):
    row = announce(place)
    assert run(place, row).outcome == "promoted"
    ask(place, "abort")
    (request,) = place.registry.rollback_requests_after(0)
    revert.finish(place, revert.precheck(place, NAME, deployment_id=row.id, reason=request.reason))
    taken_back(place, row)
    assert place.registry.serving(NAME).version == "2.0.0"


def test_a_step_waits_for_an_approval_and_goes_on_with_it(place):
    configure(place, approve_before=(50,))
    row = announce(place)
    report = run(place, row)
    assert (report.outcome, weight(place)) == ("paused", 10)
    assert "50 % needs an approval" in report.reason
    with pytest.raises(UsageError, match="resume is not possible now"):
        ask(place, "resume")
    ask(place, "approve")
    report = run(place, row)
    assert (report.outcome, [step["weight"] for step in report.steps]) == ("promoted", [10, 50, 100])


def test_a_command_is_asked_once(place):
    announce(place)
    first, second = ask(place, "pause"), ask(place, "pause", reason="again")
    assert (first.created, second.created, second.reason) == (True, False, "why")
    assert first.sequence == second.sequence


@pytest.mark.parametrize("verb", ["resume", "approve", "promote", "retry"])
def test_what_is_not_possible_is_said_with_what_is(place, verb):
    row = announce(place)
    with pytest.raises(UsageError, match=f"gated: {verb} is not possible now") as caught:
        ask(place, verb)
    assert "pause, abort" in caught.value.hint
    assert place.registry.waiting_commands(row.id) == []


def test_who_is_meant(place):
    with pytest.raises(UsageError, match="no deployment of investigations"):
        ask(place, "pause")
    with pytest.raises(UnknownName):
        ask(place, "pause", target="nobody")
    row = announce(place)
    assert ask(place, "pause", target=row.id).deployment_id == row.id
    with pytest.raises(UsageError, match="a reason"):
        ask(place, "abort", reason=" ")
    with pytest.raises(UsageError, match="no command"):
        ask(place, "stop")


def test_a_retry_is_a_new_deployment(place):
    row = announce(place)
    run(place, row, at=10, verb="abort")
    revert.finish(place, revert.precheck(place, NAME, deployment_id=row.id, reason=""))
    again = ask(place, "retry")
    assert again.deployment_id != row.id
    assert place.registry.deployment(again.deployment_id).version == row.version
    assert state(place, place.registry.deployment(again.deployment_id)) == "captured"


def test_a_newer_deployment_supersedes_the_one_that_moves(place):
    row = announce(place)
    metrics, newer = release_module.metrics_of(place.config, NAME), []

    def wait(_seconds):
        for version in ("2.0.0", row.version):
            metrics.add(NAME, version, requests=20, errors=0)
        if weight(place) == 50 and not newer:
            newer.append(announce(place, version="2.2.0", url=SECOND))

    report = release(place.case(row.id), wait=wait)
    assert report.outcome == "superseded"
    revert.finish(place, revert.precheck(place, NAME, deployment_id=row.id, reason=""))
    taken_back(place, row, "superseded")
    assert state(place, row) == "superseded"
    assert place.registry.rollbacks(NAME)[0].detail["asked_for"]
    assert run(place, newer[0]).outcome == "promoted"


def test_a_newer_deployment_supersedes_the_one_that_rests_through_0_percent(place):
    row = paused(place)
    newer = announce(place, version="2.2.0", url=SECOND)
    assert run(place, newer).outcome == "promoted"
    router = release_module.router_of(place.config, NAME)
    shares = [(shown.candidate.version, shown.weight) for shown in router.applied]
    assert shares == [("2.1.0", 10), ("2.1.0", 50), ("2.1.0", 0), ("2.2.0", 10), ("2.2.0", 50), ("2.2.0", 100)]
    assert place.registry.deployment(row.id).outcome == "superseded"
    assert state(place, row) == "superseded"


def test_of_those_that_wait_the_latest_wins(place):
    first, second = announce(place), announce(place, version="2.2.0", url=SECOND)
    assert run(place, first).outcome == "superseded"
    assert state(place, first) == "superseded"
    assert run(place, second).outcome == "promoted"


def test_one_that_was_rejected_supersedes_nobody(place):
    first = announce(place)
    announce(place, version="2.2.0", url=SECOND, verdict="rejected")
    assert run(place, first).outcome == "promoted"


def test_a_retained_version_is_kept_by_a_pause_of_the_next(place):
    promoted(place)
    row = announce(place, version="2.2.0", url=SECOND)
    run(place, row, at=10)
    assert place.registry.serving(NAME).previous_version == "2.0.0"


def test_production_that_goes_back_takes_back_first_what_rests(place):
    before = promoted(place)
    row = announce(place, version="2.2.0", url=SECOND)
    assert run(place, row, at=10).outcome == "paused"
    baton = revert.precheck(place, NAME, deployment_id="", reason="production is broken")
    assert revert.finish(place, baton)["to_version"] == "2.0.0"
    assert place.registry.serving(NAME).version == "2.0.0"
    assert [back.deployment_id for back in place.registry.rollbacks(NAME)] == [before.id, row.id], "the latest first"
    closed = place.registry.deployment(row.id)
    assert closed.outcome == "rolled_back"
    assert "production goes back: production is broken" in place.registry.rollout(row.id).reason
    assert state(place, row) == "rolled_back"
    assert place.registry.lease(NAME) is None
    assert weight(place) == 0


def seen(place, row, role, digest):
    place.registry.record_snapshot(
        NAME,
        environment="canary",
        deployment_id=row.id,
        role=role,
        digest=digest,
        artifact=digest,
        source="http://127.0.0.1",
        version="1",
    )


@pytest.mark.parametrize(
    ("digest", "facts", "pace"),
    [
        ("a", {}, "fast"),
        ("b", {"breaking": 0, "approved": 0}, "normal"),
        ("b", {"breaking": 0, "approved": 1}, "slow"),
        ("b", {"breaking": 2, "approved": 0}, "slow"),
        (None, {}, "normal"),
    ],
)
def test_what_changed_decides_how_carefully_and_is_recorded(place, digest, facts, pace):
    row = announce(place)
    seen(place, row, "baseline", "a")
    if digest:
        seen(place, row, "candidate", digest)
    place.registry.record_gate(row.id, GateResult(gate="schema_diff", outcome=Outcome.PASS, summary="", facts=facts))
    assert run(place, row).outcome == "promoted"
    assert place.registry.rollout(row.id).detail["pace"] == pace
    (event,) = [each for each in place.registry.events(row.id) if each.kind == "rollout_shaped"]
    assert (event.detail["pace"], event.detail["steps"]) == (pace, [10, 50, 100])
