"""What a guard looks at, and what it does not load. What it does is tested on real processes, in tests/delivery."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from olorin_pipelines.delivery.model import Backend, RouteState
from olorin_pipelines.errors import RegistryError, StaleFence
from olorin_pipelines.pipeline import guard as guard_module
from olorin_pipelines.pipeline import revert
from olorin_pipelines.pipeline.guard import Guard, await_dead
from tests.pipeline.test_pipeline_revert import NAME, NEW, OLD, announce, leased, place

__all__ = ["place"]

_LOADED = """
import json, resource, sys
import olorin_pipelines.cli.guard, olorin_pipelines.pipeline.guard
import olorin_pipelines.delivery.routers.envoy, olorin_pipelines.delivery.scalers.process
import sqlalchemy.dialects.sqlite
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_the_guard_loads_nothing_that_it_does_not_need():
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(json.loads(done.stdout))
    assert not loaded & {"dagster", "numpy", "pandas", "pydantic_settings", "schemathesis", "httpx", "fastapi"}


def test_nothing_to_do(place):
    assert list(Guard(place).look()) == []
    leased(place, announce(place))
    assert list(Guard(place).look()) == []
    assert await_dead(place, stale_seconds=15.0, wait_seconds=0.0) == []


def test_a_dead_rollout_is_found_once_under_one_key(place):
    row = announce(place)
    lease = leased(place, row)
    place.registry.open_rollout(row.id, fence=lease.fence, deadline=0)
    place.registry.update_rollout(row.id, weight=25)
    (dead,) = await_dead(place, stale_seconds=0.0, wait_seconds=0.0)
    assert (dead.service, dead.deployment_id) == (NAME, row.id)
    assert dead.reason.startswith("the rollout was lost at 25 %: no heartbeat of run@elsewhere")
    assert await_dead(place, stale_seconds=0.0, wait_seconds=0.0)[0].key == dead.key


@pytest.mark.parametrize("outcome", ["rolled_back", "paused", "not_routed"])
def test_the_lease_of_a_closed_deployment_is_given_back(place, outcome):
    row = announce(place)
    leased(place, row)
    place.registry.end(row.id, outcome)
    (rescue,) = Guard(place, stale_seconds=0.0).look()
    assert rescue.outcome == "nothing_to_do"
    assert place.registry.lease(NAME) is None
    assert place.registry.rollbacks(NAME) == []


def unrecordable(*_args, **_values):
    raise RegistryError("the registry does not answer: database or disk is full")


@pytest.mark.parametrize("overtaken", [False, True], ids=["a rollout that died", "a rollback that died"])
def test_a_registry_that_takes_no_record_keeps_no_user_on_what_is_lost(place, monkeypatch, overtaken):
    """The weight is put to 0 first; it is proved and recorded when that is possible again."""
    row, router = announce(place), revert.router_of(place.config, NAME)
    lease = leased(place, row)
    place.registry.open_rollout(row.id, fence=lease.fence, deadline=0)
    split = RouteState(
        service=NAME, stable=Backend("2.0.0", OLD), candidate=Backend("2.1.0", NEW), weight=25,
        rollout_id=row.id, fence=lease.fence,
    )  # fmt: skip
    router.apply(split)
    if overtaken:
        leased(place, row, kind="rollback", holder="guard@elsewhere", seen=place.registry.lease(NAME))
    guard = Guard(place, stale_seconds=0.0)
    with monkeypatch.context() as full:
        full.setattr(place.registry, "take_lease", unrecordable)
        (rescue,) = guard.look()
        assert (rescue.outcome, "the weight was put to 0" in rescue.detail) == ("failed", True)
        assert router.read(NAME).weights == {"2.0.0": 100, "2.1.0": 0}
        with pytest.raises(StaleFence):
            router.apply(replace(split, weight=50))  # who was only stopped is overtaken
        written = len(router.applied)
        (rescue,) = guard.look()
        assert (rescue.outcome, len(router.applied)) == ("failed", written)
    (rescue,) = guard.look()
    assert rescue.outcome == "rolled_back"
    assert place.registry.deployment(row.id).outcome == "rolled_back"


@pytest.mark.parametrize("fence", [5, 0], ids=["a newer writer's", "not that of the lost one"])
def test_without_a_record_another_route_is_left_alone(place, monkeypatch, fence):
    row, router = announce(place), revert.router_of(place.config, NAME)
    lease = leased(place, row)
    route = RouteState(
        service=NAME, stable=Backend("2.0.0", OLD), candidate=Backend("3.0.0", NEW), weight=25,
        rollout_id="another", fence=lease.fence + 5 if fence else lease.fence,
    )  # fmt: skip
    router.apply(route)
    monkeypatch.setattr(place.registry, "take_lease", unrecordable)
    (rescue,) = Guard(place, stale_seconds=0.0).look()
    assert rescue.outcome == "failed"
    assert router.read(NAME) == route


def test_a_request_that_cannot_be_done_is_refused_once(place):
    place.registry.request_rollback(NAME, deployment_id=None, reason="slow")
    guard = Guard(place, stale_seconds=0.0)
    (rescue,) = guard.look()
    assert (rescue.outcome, "no earlier version" in rescue.detail) == ("nothing_to_do", True)
    assert list(guard.look()) == []


def test_a_request_is_left_when_it_has_waited_whatever_the_clock_says(place, monkeypatch):
    """The clock was set back by an hour since it was asked for: it seems to come in an hour."""
    place.registry.request_rollback(NAME, deployment_id=announce(place).id, reason="slow")
    monkeypatch.setattr(guard_module.time, "time", lambda: time.monotonic() - 1e6)
    done = list(Guard(place, stale_seconds=0.0).look())
    assert [rescue.reason for rescue in done] == ["slow (asked for, and not begun)"]


def test_a_service_that_is_not_configured_is_left_alone(place):
    place.registry.found_serving("other", version="1", url="http://127.0.0.1:9")
    place.registry.take_lease("other", holder="x", kind="rollout", deployment_id=None, seconds=1, work={})
    assert list(Guard(place, stale_seconds=0.0).look()) == []
