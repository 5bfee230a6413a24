"""What has users and no run is watched: a rollout that rests, and production that was just promoted. On doubles."""

from __future__ import annotations

import time

import pytest

from olorin_pipelines.pipeline import held as held_module
from olorin_pipelines.pipeline import release as release_module
from olorin_pipelines.pipeline.guard import Guard
from olorin_pipelines.pipeline.held import Watch
from tests.pipeline.test_pipeline_command import configure, on_doubles, paused, place, run, state, taken_back, weight
from tests.pipeline.test_pipeline_revert import NAME, announce

__all__ = ["on_doubles", "place"]


class World:
    """A watch on a clock of its own; `second` lets requests come and looks."""

    def __init__(self, place, monkeypatch) -> None:
        self.now, self.jumped = 0.0, 0.0
        self.metrics = release_module.metrics_of(place.config, NAME)
        self.router = release_module.router_of(place.config, NAME)
        monkeypatch.setattr(held_module, "metrics_of", lambda config, name: self.metrics)
        monkeypatch.setattr(held_module, "router_of", lambda config, name: self.router)
        self.guard = Guard(place, stale_seconds=15.0, observe_seconds=0.0)
        self.guard._held = self.watch = Watch(place, monotonic=lambda: self.now, wall=lambda: time.time() + self.jumped)

    def second(self, *, errors=0, stable_errors=0, requests=50):
        self.now += 1.0
        for version, failed in (("2.0.0", stable_errors), ("2.1.0", errors)):
            self.metrics.add(NAME, version, requests=requests, errors=failed)
        return list(self.watch.failing())


@pytest.fixture
def world(place, monkeypatch):
    return World(place, monkeypatch)


def test_a_version_that_rests_and_does_well_is_left_alone(place, world):
    row = paused(place)
    assert [world.second() for _ in range(20)] == [[]] * 20
    assert state(place, row) == "paused"


def test_a_version_that_rests_and_fails_is_taken_back_by_the_guard(place, world):
    row = paused(place)
    world.second()
    (failing,) = next(filter(None, (world.second(errors=25) for _ in range(5))))
    assert (failing.deployment_id, failing.lease.kind) == (row.id, "paused")
    world.second(errors=25)
    (done,) = world.guard.look()
    assert done.outcome == "rolled_back"
    assert "paused at 50 %" in done.detail
    assert "while it rested: error rate" in done.detail
    taken_back(place, row)


def test_an_outage_that_stable_shares_is_not_held_against_it(place, world):
    paused(place)
    assert [world.second(errors=25, stable_errors=25) for _ in range(20)] == [[]] * 20


def test_what_cannot_be_told_takes_nobody_back(place, world):
    paused(place)
    world.second()
    world.metrics.unreachable = True
    world.router.unreachable = True
    assert [world.second() for _ in range(20)] == [[]] * 20


def test_more_traffic_than_it_rests_with_is_taken_back(place, world):
    from dataclasses import replace

    paused(place, at=10)
    world.second()
    world.router.routes[NAME] = replace(world.router.routes[NAME], weight=90)
    (failing,) = world.second()
    assert "more than the 10 %" in failing.why


def test_a_version_that_fails_after_its_promotion_goes_back_in_one_step(place, world):
    configure(place, post_bake_seconds=600.0)
    row = announce(place)
    run(place, row)
    assert (state(place, row), weight(place)) == ("post_bake", 100)
    world.second()
    assert world.second() == []
    (failing,) = next(filter(None, (world.second(errors=25) for _ in range(5))))
    assert failing.lease is None
    world.second(errors=25)
    (done,) = world.guard.look()
    assert done.outcome == "rolled_back"
    assert "after its promotion" in place.registry.rollbacks(NAME)[0].reason
    taken_back(place, row)
    assert place.registry.serving(NAME).version == "2.0.0"
    assert world.second(errors=25) == []


def test_the_time_after_a_promotion_ends_and_is_recorded_once(place, world):
    configure(place, post_bake_seconds=0.0)
    row = announce(place)
    run(place, row)
    assert [world.second(errors=25) for _ in range(5)] == [[]] * 5
    assert state(place, row) == "succeeded"
    assert [event.kind for event in place.registry.events(row.id)].count("post_bake_ended") == 1
    assert list(Watch(place).failing()) == []
    assert [event.kind for event in place.registry.events(row.id)].count("post_bake_ended") == 1
    assert place.registry.serving(NAME).previous_version == "2.0.0", "still retained"


@pytest.mark.parametrize("seconds", [-7200.0, 7200.0])
def test_a_clock_that_jumps_neither_ends_the_time_after_a_promotion_nor_makes_it_longer(place, world, seconds):
    configure(place, post_bake_seconds=600.0)
    row = announce(place)
    assert run(place, row).outcome == "promoted"
    world.second()
    world.jumped = seconds
    assert [world.second() for _ in range(20)] == [[]] * 20
    assert state(place, row) == "post_bake"
    world.now += 600.0
    world.second()
    assert state(place, row) == "succeeded"
