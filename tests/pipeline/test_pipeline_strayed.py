"""What if somebody else writes the route while nobody moves traffic? On doubles; with Envoy it is in tests/delivery."""

from __future__ import annotations

from dataclasses import replace

import pytest

from olorin_pipelines.delivery.model import Backend, RouteState
from olorin_pipelines.pipeline import revert, strayed
from olorin_pipelines.pipeline.guard import Guard
from tests.pipeline.test_pipeline_revert import NAME, NEW, OLD, announce, leased, place, promoted

__all__ = ["place"]

STABLE, CANDIDATE = Backend("2.0.0", OLD), Backend("2.1.0", NEW)
RIGHT = RouteState(service=NAME, stable=STABLE, candidate=CANDIDATE, rollout_id="ours", fence=1)


@pytest.fixture
def router(place, monkeypatch):
    router = revert.router_of(place.config, NAME)
    monkeypatch.setattr(strayed, "router_of", lambda config, name: router)
    place.registry.next_fence(NAME)
    router.routes[NAME] = RIGHT
    return router


def looked(place):
    return list(Guard(place, observe_seconds=0.0).look())


def test_a_route_to_production_is_left_alone(place, router):
    assert strayed.strayed(place, NAME) is None
    router.routes[NAME] = replace(RIGHT, stable=Backend("2.0.0", OLD + "/"), candidate=None)
    assert looked(place) == []
    assert router.applied == []


@pytest.mark.parametrize(
    ("route", "said"),
    [
        (replace(RIGHT, weight=100, rollout_id="foreign"), "2.0.0 0 %, 2.1.0 100 % (fence 1, foreign)"),
        (replace(RIGHT, weight=1, fence=0), "2.0.0 99 %, 2.1.0 1 % (fence 0, ours)"),
        (replace(RIGHT, stable=CANDIDATE, candidate=None, fence=900), "2.1.0 100 % (fence 900, ours)"),
        (replace(RIGHT, stable=Backend("2.0.0", "http://127.0.0.1:99")), "2.0.0 100 %, 2.1.0 0 %"),
        (None, "no route of ours"),
    ],
)
def test_a_route_that_somebody_else_wrote_is_put_right_and_nothing_is_stopped(place, router, route, said):
    row = announce(place)
    place.registry.end(row.id, "rolled_back")
    router.routes = {NAME: route} if route else {}
    (rescue,) = looked(place)
    assert said in rescue.reason
    assert "nobody moves traffic" in rescue.reason
    assert router.read(NAME).weights == {"2.0.0": 100, "2.1.0": 0}
    assert router.read(NAME).stable == STABLE
    assert place.registry.lease(NAME) is None
    (back,) = place.registry.rollbacks(NAME)
    assert (back.deployment_id, back.from_version, back.to_version) == (None, "2.1.0", "2.0.0")
    assert back.detail["by"].startswith("guard@")
    assert "scale" not in back.detail["step_seconds"]
    assert looked(place) == []


def test_the_retained_version_is_where_traffic_is_taken_from_and_stays(place, router):
    promoted(place)
    router.routes[NAME] = RIGHT
    (rescue,) = looked(place)
    assert "production is 2.1.0" in rescue.reason
    assert router.read(NAME).weights == {"2.1.0": 100, "2.0.0": 0}
    assert place.registry.serving(NAME).previous_version == "2.0.0"


def test_what_somebody_moves_is_his(place, router):
    leased(place, announce(place))
    router.routes[NAME] = replace(RIGHT, weight=50)
    assert strayed.strayed(place, NAME) is None


def test_a_router_that_cannot_be_asked_is_no_stray(place, router):
    router.routes[NAME], router.unreachable = replace(RIGHT, weight=100), True
    assert strayed.strayed(place, NAME) is None


def test_before_olorin_moved_anything_the_route_is_somebody_elses(place, monkeypatch):
    router = revert.router_of(place.config, NAME)
    monkeypatch.setattr(strayed, "router_of", lambda config, name: router)
    assert strayed.strayed(place, NAME) is None


def test_it_is_believed_when_it_has_lasted(place, router):
    router.routes[NAME] = replace(RIGHT, weight=100)
    guard = Guard(place, observe_seconds=3.0)
    assert list(guard.look()) == [], "seen for the first time"
    assert router.applied == []
