"""A dry run: gates are asked and the rollout is told; no weight is moved, nothing stopped, nobody waits for it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from olorin_pipelines.delivery.metrics.memory import MemoryMetrics
from olorin_pipelines.delivery.model import Backend, RouteState
from olorin_pipelines.delivery.probe import Answer
from olorin_pipelines.delivery.routers.memory import MemoryRouter
from olorin_pipelines.delivery.scalers.memory import MemoryScaler
from olorin_pipelines.pipeline import release as release_module
from olorin_pipelines.pipeline import revert
from olorin_pipelines.pipeline.command import command, position
from olorin_pipelines.pipeline.rehearsal import rehearsal_of
from olorin_pipelines.pipeline.release import release

NAME = "investigations"
OLD, NEW = "http://127.0.0.1:9", "http://127.0.0.1:19"
ROLLOUT = (
    "    rollout: {router: envoy, steps: [10, 100], min_requests: 50, latency_floor_ms: 1, approve_before: [100]}\n"
)


@pytest.fixture
def world(workplace, monkeypatch):
    place = workplace(OLD, extra=ROLLOUT)
    world = SimpleNamespace(place=place, router=MemoryRouter(), metrics=MemoryMetrics(), scaler=MemoryScaler())
    for module in (release_module, revert):
        monkeypatch.setattr(module, "router_of", lambda config, name, **_: world.router)
        monkeypatch.setattr(module, "probe", lambda url: Answer(200, "2.0.0"))
    monkeypatch.setattr(release_module, "metrics_of", lambda config, name: world.metrics)
    monkeypatch.setattr(revert, "scaler_of", lambda config, name, **_: world.scaler)
    place.registry.found_serving(NAME, version="2.0.0", url=OLD)
    world.router.apply(RouteState(service=NAME, stable=Backend("2.0.0", OLD), rollout_id="begin", fence=1))
    world.metrics.add(NAME, "2.0.0", requests=0)
    return world


def announced(world, *, version="2.1.0", verdict="accepted", dry_run=True):
    row, _ = world.place.registry.announce(NAME, environment="canary", version=version, url=NEW, dry_run=dry_run)
    if verdict:
        world.place.registry.decide(row.id, verdict=verdict, decided_by="", because="because")
    return row


def traffic(world, *, requests):
    return lambda _seconds: world.metrics.add(NAME, "2.0.0", requests=requests, milliseconds=10)


def rehearsed(world, row, *, requests=1000):
    before, lease = world.router.read(NAME), world.place.registry.lease(NAME)
    report = release(world.place.case(row.id), wait=traffic(world, requests=requests))
    assert revert.precheck(world.place, NAME, deployment_id=row.id, reason="") is None
    assert (world.router.read(NAME), world.place.registry.lease(NAME)) == (before, lease)
    assert world.place.registry.serving(NAME).version == "2.0.0"
    assert world.scaler.stopped == []
    assert world.place.registry.deployment(row.id).outcome == "dry_run"
    assert position(world.place, row.id).state == "unmoved"
    assert position(world.place, row.id).strange == ()
    return report, rehearsal_of(world.place, row.id)


def test_the_steps_are_told_with_their_limits_and_what_stable_does(world):
    report, record = rehearsed(world, announced(world))
    assert report.outcome == "dry_run"
    assert report.reason.startswith("dry run: accepted; would walk 10 → 100 % (normal: ")
    assert (record["would"], record["trouble"], record["pace"]) == ("roll_out", [], "normal")
    assert [(row["weight"], row["approval"], row["min_requests"]) for row in record["steps"]] == [
        (10, False, 50),
        (100, True, 50),
    ]
    assert record["steps"][0]["p95_limit_ms"] == pytest.approx(20, rel=0.25)
    assert record["measured"][0]["requests"] == 1000


@pytest.mark.parametrize(("verdict", "would"), [("rejected", "refuse"), ("held", "hold")], ids=["rejected", "held"])
def test_what_would_get_no_traffic_is_told_and_not_stopped(world, verdict, would):
    report, record = rehearsed(world, announced(world, verdict=verdict))
    assert (report.outcome, record["would"]) == ("dry_run", would)


TROUBLE = {
    "few-users": (lambda world: None, 0, "got no request"),
    "no-counters": (lambda world: setattr(world.metrics, "unreachable", True), 5, "told to be unreachable"),
    "no-route": (lambda world: world.router.routes.clear(), 5, "no route of ours"),
}


@pytest.mark.parametrize("row", TROUBLE)
def test_what_stands_in_the_way_today_is_told(world, row):
    break_it, requests, said = TROUBLE[row]
    break_it(world)
    report, record = rehearsed(world, announced(world), requests=requests)
    assert any(said in each for each in record["trouble"])
    assert said in report.reason


def test_an_unfinished_one_is_closed_and_stops_nothing_whoever_asks(world):
    row = announced(world, verdict=None)
    assert revert.precheck(world.place, NAME, deployment_id=row.id, reason="its run died") is None
    assert world.place.registry.deployment(row.id).outcome == "dry_run"
    assert world.scaler.stopped == []


def test_it_neither_takes_the_place_of_a_real_one_nor_is_taken_for_it(world):
    real = announced(world, dry_run=False)
    dry = announced(world)
    newer = announced(world, version="2.2.0")
    assert len({real.id, dry.id, newer.id}) == 3
    assert world.place.registry.newer_deployment(real.id, but="") is None
    assert announced(world).id == dry.id
    assert command(world.place, NAME, "abort", who="ada", reason="it means the real one").deployment_id == real.id


def test_to_retry_a_dry_run_is_another_dry_run(world):
    row = announced(world)
    rehearsed(world, row)
    again = command(world.place, row.id, "retry", who="ada", reason="once more")
    assert again.created
    assert world.place.registry.is_dry_run(again.deployment_id)
