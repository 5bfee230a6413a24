"""The registry in a real PostgreSQL: the same promises where several write at once."""

from __future__ import annotations

import contextlib
import threading

import pytest
from sqlalchemy import text

from olorin_pipelines.errors import LeaseHeld
from olorin_pipelines.registry import Registry
from tests.postgres import fresh

pytestmark = pytest.mark.slow
NEW = {"environment": "canary", "version": "2.0.0", "url": "http://127.0.0.1:2"}


@pytest.fixture
def url(postgres, request):
    return fresh(postgres, request.node.name.split("[")[0])


@pytest.fixture
def registry(url):
    registry = Registry(url)
    registry.found_serving("pets", version="1.0.0", url="http://127.0.0.1:1")
    yield registry
    registry.close()


def together(count: int, act) -> list[Exception]:
    faults: list[Exception] = []
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait(10)
        try:
            act(number)
        except Exception as error:  # noqa: BLE001 - the test looks at all of them
            faults.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return faults


def test_a_new_database_is_opened_by_several_at_once(url):
    assert together(6, lambda number: Registry(url).close()) == []


def test_one_deployment_announced_by_several_at_once_is_one_row(registry):
    rows: list[str] = []
    assert together(8, lambda number: rows.append(registry.announce("pets", **NEW)[0].id)) == []
    assert len(set(rows)) == 1
    assert len(registry.deployments("pets")) == 1


def test_of_several_at_once_one_takes_the_lease_and_fences_only_grow(registry):
    fences: list[int] = []

    def take(number: int) -> None:
        for _ in range(5):
            with contextlib.suppress(LeaseHeld):
                lease = registry.take_lease(
                    "pets", holder=f"h{number}", kind="rollout", deployment_id=None, seconds=60, work={}
                )
                fences.append(lease.fence)
                registry.renew_lease("pets", fence=lease.fence)
                registry.release_lease("pets", fence=lease.fence)

    assert together(6, take) == []
    assert fences
    assert fences == sorted(set(fences)), "the list was appended to while the lease was held"


def test_promoting_and_taking_the_lease_do_not_lock_each_other_out(registry):
    row, _ = registry.announce("pets", **NEW)
    lease = registry.take_lease("pets", holder="a", kind="rollout", deployment_id=row.id, seconds=60, work={})
    registry.open_rollout(row.id, fence=lease.fence, deadline=0)

    def act(number: int) -> None:
        if number:
            with contextlib.suppress(LeaseHeld):
                registry.take_lease("pets", holder=f"h{number}", kind="rollout", deployment_id=None, seconds=9, work={})
        else:
            registry.promote("pets", version="2.0.0", url=row.url, deployment_id=row.id, fence=lease.fence)

    assert together(5, act) == []
    assert registry.serving("pets").version == "2.0.0"
    assert registry.deployment(row.id).outcome == "promoted"


def test_a_cursor_skips_nothing(registry):
    """A row whose transaction ends late has a lower number than one that is visible already."""
    first = registry.writing()
    session = first.__enter__()
    session.execute(
        text(
            "INSERT INTO rollback_requests (service, deployment_id, reason, requested_at) VALUES ('pets', NULL, 'a', 1)"
        )
    )
    late = threading.Thread(target=lambda: registry.request_rollback("pets", deployment_id=None, reason="b"))
    late.start()
    late.join(1)
    seen = [row.reason for row in registry.rollback_requests_after(0)]
    cursor = max((row.sequence for row in registry.rollback_requests_after(0)), default=0)
    first.__exit__(None, None, None)
    late.join(20)
    seen += [row.reason for row in registry.rollback_requests_after(cursor)]
    assert sorted(seen) == ["a", "b"]
