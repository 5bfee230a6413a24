"""A rollback outside Dagster, a rescue and a release, on doubles of router, metrics and scaler."""

from __future__ import annotations

import pytest

from olorin_pipelines.delivery.metrics.memory import MemoryMetrics
from olorin_pipelines.delivery.probe import Answer
from olorin_pipelines.delivery.routers.memory import MemoryRouter
from olorin_pipelines.delivery.scalers.memory import MemoryScaler
from olorin_pipelines.errors import RegistryError, StaleFence, UsageError
from olorin_pipelines.pipeline import release as release_module
from olorin_pipelines.pipeline import revert
from olorin_pipelines.pipeline.decide import decide
from olorin_pipelines.pipeline.lease import Claim
from olorin_pipelines.pipeline.release import release
from olorin_pipelines.pipeline.rescue import rescue
from olorin_pipelines.registry import BY_HAND

NAME = "investigations"
OLD, NEW = "http://127.0.0.1:9", "http://127.0.0.1:19"
ROUTED = "    rollout: {router: envoy}\n"


@pytest.fixture
def place(workplace, monkeypatch):
    return with_doubles(workplace(OLD, extra=ROUTED), monkeypatch)


def with_doubles(place, monkeypatch):
    router, metrics, scaler = MemoryRouter(entry_url="http://127.0.0.1:3"), MemoryMetrics(), MemoryScaler()

    def answered_by_stable(url):
        return Answer(200, router.routes[NAME].stable.version if NAME in router.routes else "")

    for module in (release_module, revert):
        monkeypatch.setattr(module, "router_of", lambda config, name, **_: router)
    monkeypatch.setattr(release_module, "metrics_of", lambda config, name: metrics)
    monkeypatch.setattr(revert, "scaler_of", lambda config, name, **_: scaler)
    for module in (release_module, revert):
        monkeypatch.setattr(module, "probe", answered_by_stable)
    place.registry.found_serving(NAME, version="2.0.0", url=OLD)
    return place


def announce(place, *, version="2.1.0", url=NEW, verdict="accepted", **values):
    row, _ = place.registry.announce(NAME, environment="canary", version=version, url=url, **values)
    if verdict:
        place.registry.decide(row.id, verdict=verdict, decided_by="", because="because")
    return row


def promoted(place, **values):
    row = announce(place, **values)
    place.registry.promote(NAME, version=row.version, url=row.url, deployment_id=row.id)
    return row


def leased(place, row, *, kind="rollout", holder="run@elsewhere", **values):
    return place.registry.take_lease(
        NAME, holder=holder, kind=kind, deployment_id=row.id, seconds=60, work={}, **values
    )


def now(place, **values):
    return revert.roll_back_now(place, NAME, **{"deployment_id": "", "reason": "slow", **values})


@pytest.mark.parametrize("values", [{"version": "2.0.0"}, {"url": OLD}, {"url": OLD + "/"}])
def test_what_cannot_be_told_apart_from_production_is_not_routed(place, values):
    row = announce(place, **values)
    report = release(place.case(row.id))
    assert (report.outcome, place.registry.deployment(row.id).outcome) == ("not_routed", "not_routed")
    assert "of its own" in report.reason
    assert place.registry.open_rollouts() == []


def test_a_rejected_version_in_the_process_of_production_stops_nothing(place):
    row = announce(place, url=OLD, verdict="rejected")
    assert now(place, deployment_id=row.id)["outcome"] == "refused"
    assert place.registry.serving(NAME).version == "2.0.0"


def test_one_that_was_stopped_before_it_recorded_the_revert_records_nothing(place, monkeypatch):
    """Somebody else finished its rollback, and the version is production again since: that stays true."""
    row = promoted(place)
    baton = revert.precheck(place, NAME, deployment_id="", reason="slow")
    original = place.registry.revert

    def stopped_before(service, **values):
        monkeypatch.setattr(place.registry, "revert", original)
        before = place.registry.lease(NAME)
        taken = Claim(leased(place, row, kind="rollback", holder="guard@elsewhere", seen=before), before)
        assert revert.finish(place, revert.begin(place, taken, reason="slow", who="guard"))["outcome"] == "rolled_back"
        promoted(place)
        original(service, **values)

    monkeypatch.setattr(place.registry, "revert", stopped_before)
    with pytest.raises(StaleFence):
        revert.finish(place, baton)
    assert place.registry.serving(NAME).version == "2.1.0"


def test_a_breach_that_cannot_be_recorded_keeps_no_user_on_the_version(place, monkeypatch):
    """The registry is lost between the last step's end and that of the rollout: nobody could take it over."""
    row, metrics = announce(place), release_module.metrics_of(place.config, NAME)
    metrics.add(NAME, "2.0.0", requests=0)

    def lost(*_args, **_values):
        raise RegistryError("the registry does not answer")

    def step(_seconds):
        metrics.add(NAME, "2.0.0", requests=500)
        metrics.add(NAME, "2.1.0", requests=500, errors=500)

    original = place.registry.update_rollout
    monkeypatch.setattr(
        place.registry,
        "update_rollout",
        lambda deployment_id, **values: (lost if "state" in values else original)(deployment_id, **values),
    )
    with pytest.raises(RegistryError, match="the weight was put to 0"):
        release(place.case(row.id), wait=step)
    assert release_module.router_of(place.config, NAME).read(NAME).weights == {"2.0.0": 100, "2.1.0": 0}


def test_production_goes_back_by_hand_and_a_second_time_is_refused(place):
    row = promoted(place)
    proved = now(place)
    assert (proved["from_version"], proved["to_version"]) == ("2.1.0", "2.0.0")
    assert place.registry.serving(NAME).version == "2.0.0"
    with pytest.raises(UsageError, match="no earlier version"):
        now(place)
    assert place.registry.deployment(row.id).verdict == "accepted"


def test_what_is_verified_by_hand_is_not_what_a_rollback_means(place):
    promoted(place)
    announce(place, version="3.0.0", url="http://127.0.0.1:29", verdict=None, run_id=BY_HAND)
    assert now(place)["from_version"] == "2.1.0"


def test_a_rollout_left_open_by_a_closed_deployment_hides_nothing(place):
    dead = announce(place)
    place.registry.open_rollout(dead.id, fence=1, deadline=0)
    place.registry.end(dead.id, "rolled_back")
    promoted(place, version="2.2.0", url="http://127.0.0.1:39")
    assert now(place)["from_version"] == "2.2.0"


def test_a_promotion_that_wins_against_the_abort_is_taken_back(place):
    row = announce(place)
    lease = leased(place, row)
    place.registry.open_rollout(row.id, fence=lease.fence, deadline=0)

    def promote_meanwhile(_seconds):
        if place.registry.lease(NAME) is not None:
            place.registry.promote(NAME, version=row.version, url=row.url, deployment_id=row.id, fence=lease.fence)

    proved = now(place, wait=promote_meanwhile)
    assert (proved["from_version"], proved["to_version"]) == ("2.1.0", "2.0.0")


def test_a_paused_rollout_says_so(place):
    row = announce(place)
    place.registry.end(row.id, "paused")
    with pytest.raises(UsageError, match="is paused and is not what production serves") as caught:
        now(place, deployment_id=row.id)
    assert caught.value.hint


def test_asked_for_twice_the_second_finds_nothing_to_do(place):
    row = promoted(place)
    now(place)
    place.registry.end(row.id, "rolled_back")
    assert revert.precheck(place, NAME, deployment_id=row.id, reason="again") is None


def test_a_request_about_a_version_that_is_not_production_any_more_is_refused(place):
    row = promoted(place)
    promoted(place, version="2.2.0", url="http://127.0.0.1:39")
    with pytest.raises(UsageError, match=r"2\.1\.0 is promoted and is not what production serves"):
        revert.precheck(place, NAME, deployment_id=row.id, reason="production check: it was bad")
    assert place.registry.serving(NAME).version == "2.2.0"


def test_a_verdict_of_a_closed_deployment_stands(place):
    row = promoted(place)
    with pytest.raises(UsageError, match="is closed already: promoted"):
        decide(place.case(row.id))
    assert place.registry.deployment(row.id).verdict == "accepted"


def test_a_run_that_died_is_rescued_once(place):
    row = announce(place)
    place.registry.started(row.id, "run-1")
    place.registry.open_rollout(row.id, fence=1, deadline=0)
    assert "run run-1 works on it now" in rescue(place, row.id, run_id="run-0")
    assert "asked for a rollback" in rescue(place, row.id, run_id="run-1")
    assert place.registry.rollout(row.id).state == "aborted"
    assert [found.deployment_id for found in place.registry.rollback_requests_after(0)] == [row.id]
    now(place, deployment_id=row.id)
    place.registry.end(row.id, "rolled_back")
    assert "nothing to do" in rescue(place, row.id, run_id="run-1")
