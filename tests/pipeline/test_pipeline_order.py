"""What goes back to where is decided from records alone."""

from __future__ import annotations

import pytest

from olorin_pipelines.errors import UsageError
from olorin_pipelines.pipeline.order import order_rollback
from olorin_pipelines.registry import Deployment, Serving

SERVING = Serving(service="pets", version="2", url="http://b", previous_version="1", previous_url="http://a", fence=3)


def deployment(**values) -> Deployment:
    return Deployment(
        **{"id": "d", "service": "pets", "version": "3", "url": "http://c", "verdict": "rejected", **values}
    )


def order(deployment_=None, serving=SERVING, reason="", because="gone"):
    return order_rollback("pets", deployment=deployment_, serving=serving, reason=reason, because=because)


def test_a_rejected_deployment_leaves_and_production_stays():
    found = order(deployment())
    assert (found["leaving"]["version"], found["stable"]["version"]) == ("3", "2")
    assert (found["reason"], found["asked_for"], found["production"]) == ("gone", False, False)


@pytest.mark.parametrize("outcome", ["promoted", "paused", "not_routed", "rolled_back"])
def test_a_closed_deployment_needs_no_rollback(outcome):
    assert order(deployment(outcome=outcome)) is None


def test_production_goes_back_when_asked():
    found = order(reason="slow")
    assert (found["leaving"]["version"], found["stable"]["version"]) == ("2", "1")
    assert (found["reason"], found["asked_for"], found["production"]) == ("slow", True, True)


def test_a_promoted_deployment_that_is_production_goes_back_when_asked():
    serving = Serving(
        service="pets", version="3", url="http://c", previous_version="2", previous_url="http://b", deployment_id="d"
    )
    found = order(deployment(outcome="promoted"), serving=serving, reason="slow")
    assert (found["leaving"]["version"], found["stable"]["version"], found["production"]) == ("3", "2", True)


def test_a_run_that_died_after_promoting_is_not_rolled_back_onto_itself():
    serving = Serving(service="pets", version="3", url="http://c", deployment_id="d")
    assert order(deployment(verdict="accepted"), serving=serving) is None


def test_without_a_stable_version_there_is_nowhere_to_route():
    assert order(deployment(), serving=None)["stable"] is None


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ({}, "no deployment of pets is open"),
        ({"deployment_": deployment(verdict=None)}, "has no verdict yet"),
        ({"deployment_": deployment(outcome="promoted"), "reason": "x"}, "is not what production serves"),
        ({"serving": None, "reason": "x"}, "nothing to go back to"),
        ({"serving": Serving(service="pets", version="2", url="http://b"), "reason": "x"}, "no earlier version"),
    ],
)
def test_what_cannot_be_rolled_back_is_refused_with_the_fix(case, said):
    with pytest.raises(UsageError, match=said) as caught:
        order(**case)
    assert caught.value.hint


def test_a_rollback_asked_for_twice_finds_nothing_to_do():
    assert order(deployment(outcome="rolled_back"), reason="again") is None


@pytest.mark.parametrize("same", [{"version": "2"}, {"url": "http://b/"}])
def test_what_is_production_itself_is_not_routed_away_from(same):
    assert order(deployment(**same))["stable"] is None
