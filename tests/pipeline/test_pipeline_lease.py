"""Who lives, who is called dead, and who waits for whom. On clocks of the tests."""

from __future__ import annotations

import pytest

from olorin_pipelines.errors import LeaseHeld, RegistryError, StaleFence
from olorin_pipelines.pipeline import release as release_module
from olorin_pipelines.pipeline.lease import Pulse, Silence, claim
from olorin_pipelines.pipeline.release import release
from olorin_pipelines.registry import Lease
from tests.pipeline.test_pipeline_revert import NAME, announce, leased, place

__all__ = ["place"]


class Clock:
    def __init__(self) -> None:
        self.mono, self.wall = 100.0, 5000.0

    def pass_by(self, seconds: float) -> None:
        self.mono += seconds
        self.wall += seconds

    def silence(self, **options) -> Silence:
        return Silence(monotonic=lambda: self.mono, wall=lambda: self.wall, **options)


def lease(clock, *, beats=0, fence=3, idle=0.0, age=0.0, allowed=300.0):
    return Lease(
        service=NAME,
        holder="run@a",
        kind="rollout",
        deployment_id="d",
        fence=fence,
        beats=beats,
        taken_at=clock.wall - age,
        renewed_at=clock.wall - idle,
        deadline=clock.wall - age + allowed,
        work={},
    )


def test_silence_is_counted_from_the_last_heartbeat_that_was_seen():
    clock = Clock()
    silence, first = clock.silence(), lease(clock)
    assert silence.why(first) == ""
    clock.pass_by(14.9)
    assert silence.why(first) == ""
    clock.pass_by(0.2)
    assert "no heartbeat of run@a for 15.1 s" in silence.why(first)
    assert silence.why(lease(clock, beats=1)) == ""


def test_a_guard_that_was_just_started_believes_the_clock_but_looks_for_a_while():
    clock = Clock()
    silence, old = clock.silence(), lease(clock, idle=60.0)
    assert silence.why(old) == ""
    clock.pass_by(3.0)
    assert "for 63.0 s" in silence.why(old)


@pytest.mark.parametrize("jump", [3600.0, -3600.0, 86400.0])
def test_a_clock_that_jumps_calls_nobody_dead(jump):
    clock = Clock()
    silence = clock.silence()
    for second in range(60):
        clock.pass_by(1.0)
        clock.wall += jump if second == 10 else 0.0
        alive = lease(clock, beats=second)
        alive.taken_at, alive.deadline = 5000.0, 5300.0
        alive.renewed_at = 5000.0 if second < 30 else clock.wall
        assert silence.why(alive) == ""


def test_one_that_beats_and_never_ends_is_overdue():
    clock = Clock()
    silence = clock.silence()
    for second in range(40):
        said = silence.why(lease(clock, beats=second, age=float(second), allowed=30.0))
        clock.pass_by(1.0)
    assert "did not end within 30 s" in said


def test_a_new_holder_is_looked_at_anew():
    clock = Clock()
    silence = clock.silence()
    silence.why(lease(clock))
    clock.pass_by(20.0)
    assert silence.why(lease(clock, fence=4)) == ""


class Renewals:
    def __init__(self) -> None:
        self.count, self.fault = 0, None

    def renew_lease(self, service, *, fence) -> None:
        if self.fault:
            raise self.fault
        self.count += 1


def test_a_pulse_beats_once_a_second_also_in_a_long_wait():
    clock, registry = Clock(), Renewals()
    pulse = Pulse(registry, NAME, 3, sleep=clock.pass_by, monotonic=lambda: clock.mono)
    for _ in range(100):
        pulse.wait(0.01)
    assert registry.count <= 1
    pulse.wait(10.0)
    assert 9 <= registry.count <= 11


def test_a_pulse_bears_a_lost_registry_for_a_while_and_a_rollback_for_ever():
    clock, registry = Clock(), Renewals()
    pulse = Pulse(registry, NAME, 3, sleep=clock.pass_by, monotonic=lambda: clock.mono)
    registry.fault = RegistryError("gone")
    pulse.wait(5.0)
    with pytest.raises(RegistryError, match="could not be renewed for 6 s"):
        pulse.wait(5.0)
    Pulse(registry, NAME, 3, users_first=True, sleep=clock.pass_by, monotonic=lambda: clock.mono).wait(100.0)
    registry.fault = StaleFence("taken")
    with pytest.raises(StaleFence):
        Pulse(registry, NAME, 3, users_first=True, sleep=clock.pass_by, monotonic=lambda: clock.mono).wait(3.0)


def test_a_second_rollout_waits_and_is_paused_when_the_first_takes_too_long(place, monkeypatch):
    monkeypatch.setattr(release_module, "_LEASE_SECONDS", 0.0)
    leased(place, announce(place))
    second = announce(place, version="2.2.0", url="http://127.0.0.1:29")
    report = release(place.case(second.id), wait=lambda seconds: None)
    assert report.outcome == "paused"
    assert "run@elsewhere moves the traffic" in report.reason
    assert place.registry.deployment(second.id).outcome == "paused"
    assert place.registry.open_rollouts() == []
    assert place.registry.lease(NAME).holder == "run@elsewhere"


def test_a_deployment_during_a_rollback_waits_for_its_end(place):
    held = leased(place, announce(place), kind="rollback")
    second = announce(place, version="2.2.0", url="http://127.0.0.1:29")

    def give_back_and_close(_seconds):
        place.registry.release_lease(NAME, fence=held.fence)
        place.registry.end(second.id, "refused")  # so that nothing moves here; another test moves

    report = release(place.case(second.id), wait=give_back_and_close)
    assert report.reason == "no traffic was moved: it was closed meanwhile as refused"
    assert place.registry.lease(NAME) is None


def test_a_rollback_takes_over_a_rollout_that_ended_by_its_record(place):
    row = announce(place)
    lease = leased(place, row)
    place.registry.open_rollout(row.id, fence=lease.fence, deadline=0)
    asked = {"who": "run", "kind": "rollback", "deployment_id": row.id, "seconds": 9, "work": {}, "within": 0.0}
    with pytest.raises(LeaseHeld):
        claim(place.registry, NAME, **asked)
    place.registry.update_rollout(row.id, state="aborted")
    taken = claim(place.registry, NAME, **asked)
    assert (taken.before.holder, taken.lease.fence) == ("run@elsewhere", lease.fence + 1)
