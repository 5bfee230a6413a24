"""Every traffic router keeps the same promises."""

from __future__ import annotations

from dataclasses import replace

import pytest
from delivery_world import SERVICE

from olorin_pipelines.delivery.model import Receipt, RouteState
from olorin_pipelines.delivery.routers import open_router
from olorin_pipelines.delivery.routers.memory import MemoryRouter
from olorin_pipelines.errors import RouteUnconfirmed, StaleFence, UnknownName, UsageError


@pytest.fixture(params=["memory", "envoy"])
def any_router(request):
    return (
        MemoryRouter(entry_url="http://127.0.0.1:1") if request.param == "memory" else request.getfixturevalue("router")
    )


class TestTrafficRouter:
    def test_shows_what_was_applied_and_confirmed(self, any_router, desired):
        evidence = any_router.confirm(any_router.apply(desired), within=5)
        assert any_router.read(SERVICE) == desired
        assert evidence.weights == {"2.1.0": 75, "2.2.0": 25}
        assert evidence.seconds < 5

    def test_applying_the_same_again_changes_nothing(self, any_router, desired):
        any_router.confirm(any_router.apply(desired), within=5)
        any_router.confirm(any_router.apply(desired), within=5)
        assert any_router.read(SERVICE) == desired

    def test_same_weights_of_another_rollout_are_another_route(self, any_router, desired, fences):
        any_router.confirm(any_router.apply(desired), within=5)
        other = replace(desired, rollout_id="other", fence=next(fences))
        any_router.confirm(any_router.apply(other), within=5)
        assert any_router.read(SERVICE) == other

    def test_refuses_an_older_writer(self, any_router, desired, fences):
        newer = replace(desired, rollout_id="newer", fence=next(fences))
        any_router.confirm(any_router.apply(newer), within=5)
        with pytest.raises(StaleFence, match="newer"):
            any_router.apply(desired)
        assert any_router.read(SERVICE) == newer

    def test_refuses_another_writer_with_the_same_fence(self, any_router, desired):
        any_router.confirm(any_router.apply(desired), within=5)
        with pytest.raises(StaleFence):
            any_router.apply(replace(desired, rollout_id="twin"))

    def test_refuses_when_the_fence_is_not_the_expected_one(self, any_router, desired, fences):
        any_router.confirm(any_router.apply(desired), within=5)
        with pytest.raises(StaleFence):
            any_router.apply(replace(desired, fence=next(fences)), expect_fence=desired.fence - 1)

    def test_takes_the_expected_fence(self, any_router, desired, fences):
        any_router.confirm(any_router.apply(desired), within=5)
        next_one = replace(desired, fence=next(fences), weight=0)
        any_router.confirm(any_router.apply(next_one, expect_fence=desired.fence), within=5)
        assert any_router.read(SERVICE).weight == 0

    def test_does_not_confirm_what_is_not_shown(self, any_router, desired):
        any_router.confirm(any_router.apply(desired), within=5)
        never = Receipt(desired=replace(desired, weight=50), token="never")
        with pytest.raises(RouteUnconfirmed):
            any_router.confirm(never, within=0.05)

    def test_knows_its_backends_and_no_others(self, any_router, desired, pair):
        any_router.confirm(any_router.apply(desired), within=5)
        activity = any_router.activity(SERVICE, pair[1].backend)
        assert activity is not None
        assert activity.active == 0
        assert any_router.activity(SERVICE, replace(pair[1].backend, version="0.0.1")) is None

    def test_shows_no_route_of_a_service_it_does_not_know(self, any_router):
        assert any_router.read("nobody") is None

    def test_has_an_entry(self, any_router):
        assert any_router.entry(SERVICE).startswith("http://127.0.0.1:")


def test_no_router_refuses_clearly(pair):
    none = open_router("none")
    assert none.read(SERVICE) is None
    assert none.entry(SERVICE) is None
    assert none.activity(SERVICE, pair[0].backend) is None
    with pytest.raises(UsageError, match="no traffic router"):
        none.apply(RouteState(service=SERVICE, stable=pair[0].backend))


def test_an_unknown_router_lists_the_known_ones():
    with pytest.raises(UnknownName) as caught:
        open_router("istio")
    assert caught.value.known == ["command", "envoy", "memory", "none", "webhook"]
