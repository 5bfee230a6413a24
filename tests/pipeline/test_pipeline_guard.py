"""What a guard looks at, and what it does not load. What it does is tested on real processes, in tests/delivery."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from olorin_pipelines.pipeline.guard import Guard, await_dead
from tests.pipeline.test_pipeline_revert import NAME, announce, leased, place

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


def test_a_request_that_cannot_be_done_is_refused_once(place):
    place.registry.request_rollback(NAME, deployment_id=None, reason="slow")
    guard = Guard(place, stale_seconds=0.0)
    (rescue,) = guard.look()
    assert (rescue.outcome, "no earlier version" in rescue.detail) == ("nothing_to_do", True)
    assert list(guard.look()) == []


def test_a_service_that_is_not_configured_is_left_alone(place):
    place.registry.found_serving("other", version="1", url="http://127.0.0.1:9")
    place.registry.take_lease("other", holder="x", kind="rollout", deployment_id=None, seconds=1, work={})
    assert list(Guard(place, stale_seconds=0.0).look()) == []
