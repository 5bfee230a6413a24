"""A process with several documents gets traffic when all of them were accepted. On doubles of router and metrics."""

from __future__ import annotations

import pytest

from olorin_pipelines.config import load_config
from olorin_pipelines.errors import ConfigError
from olorin_pipelines.pipeline import release as release_module
from olorin_pipelines.pipeline.can_deploy import observe
from olorin_pipelines.pipeline.record import decision_rows
from olorin_pipelines.pipeline.release import release
from olorin_pipelines.registry import BY_HAND
from tests.pipeline.test_pipeline_revert import NEW, OLD, announce, leased, with_doubles

OTHER = "investigations-v2"
NEEDS = f"""\
    rollout: {{router: envoy, needs: [{OTHER}], steps: [100], step_seconds: 1, step_deadline_seconds: 1}}
  {OTHER}:
    schema: /v2/openapi.json
    environments: {{production: {{url: "{OLD}"}}, canary: {{url: "{NEW}"}}}}
"""
HOOK = "router: webhook, webhook: {url: 'http://127.0.0.1:9'}, metrics: prometheus"


@pytest.fixture
def place(workplace, monkeypatch):
    return with_doubles(workplace(OLD, extra=NEEDS), monkeypatch)


def other(place, *, verdict, url=NEW, version="2.1.0", **values):
    row, _ = place.registry.announce(OTHER, environment="canary", version=version, url=url, **values)
    if verdict:
        place.registry.decide(row.id, verdict=verdict, decided_by="", because="a path is gone")
    return row


def released(place, wait=lambda _seconds: None):
    row = announce(place)
    report = release(place.case(row.id), wait=wait)
    return row, report


def test_traffic_moves_when_the_other_document_was_accepted(place):
    other(place, verdict="accepted", url=f"{NEW}/")
    row, _ = released(place)
    assert place.registry.rollout(row.id) is not None


@pytest.mark.parametrize(
    ("verdict", "outcome", "said"),
    [
        ("rejected", "refused", "investigations-v2 2.1.0 was rejected: a path is gone"),
        ("held", "paused", "investigations-v2 2.1.0 was held: a path is gone"),
        (None, "paused", "investigations-v2 2.1.0 has no verdict: it is not judged yet"),
    ],
)
def test_no_traffic_moves_otherwise_and_the_record_says_why(place, verdict, outcome, said):
    other(place, verdict=verdict)
    row, report = released(place)
    assert (report.outcome, place.registry.deployment(row.id).outcome) == (outcome, outcome)
    assert report.reason == f"no traffic was moved: {said}"
    assert place.registry.rollout(row.id) is None
    assert {"what": "no traffic", "because": said}.items() <= decision_rows(place.registry.events(row.id))[-2].items()
    assert [unmet.reason for unmet in observe(place, "investigations", "2.1.0", "production").needs] == [said]


@pytest.mark.parametrize(
    "values",
    [{"version": "2.0.9"}, {"url": OLD}, {"run_id": BY_HAND}, {"dry_run": True}],
    ids=lambda values: next(iter(values)),
)
def test_only_the_same_deployment_counts(place, values):
    other(place, verdict="accepted", **values)
    _, report = released(place)
    assert report.outcome == "paused"
    assert "was not announced at this version and URL" in report.reason


def test_a_rollout_that_rested_with_traffic_is_not_closed_for_it(place, monkeypatch):
    class GoesOn(Exception):
        pass

    def walks(*_args, **_values):
        raise GoesOn

    monkeypatch.setattr(release_module, "_walked", walks)
    row = announce(place)
    lease = leased(place, row)
    place.registry.open_rollout(row.id, fence=lease.fence, deadline=lease.deadline)
    place.registry.update_rollout(row.id, state="paused", weight=50)
    place.registry.release_lease("investigations", fence=lease.fence)
    other(place, verdict="rejected")
    with pytest.raises(GoesOn):
        release(place.case(row.id), wait=lambda _seconds: None)
    assert place.registry.deployment(row.id).outcome is None


def test_a_verdict_that_is_not_there_yet_is_waited_for(place):
    open_ = other(place, verdict=None)
    waits: list[float] = []

    def wait(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            place.registry.decide(open_.id, verdict="rejected", decided_by="", because="late")

    _, report = released(place, wait)
    assert (report.outcome, len(waits)) == ("refused", 3)


@pytest.mark.parametrize(
    ("rollouts", "said"),
    [
        ({"a": "{router: envoy, needs: [b]}"}, "a needs b, which is no other entry"),
        ({"a": "{router: envoy, needs: [a]}"}, "a needs a, which is no other entry"),
        ({"a": "{router: envoy, needs: [b]}", "b": f"{{{HOOK}, needs: [c]}}", "c": "{}"}, "which needs others itself"),
        ({"a": "{needs: [b]}", "b": "{}"}, "give it to the other entry"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, rollouts, said):
    lines = [
        f"  {name}: {{environments: {{production: {{url: '{OLD}'}}}}, rollout: {it}}}" for name, it in rollouts.items()
    ]
    (tmp_path / "olorin.yaml").write_text("\n".join(["services:", *lines]) + "\n")
    with pytest.raises(ConfigError, match=said):
        load_config(tmp_path / "olorin.yaml", environ={})
