"""A story fails when an end is not as expected, when a user failed, or when two witnesses disagree."""

from __future__ import annotations

import pytest

from olorin_pipelines.demo.judgement import differences, line_of, unexpected
from olorin_pipelines.demo.story import Release
from olorin_pipelines.registry import Deployment

RELEASE = Release.model_validate(
    {
        "name": "breaking",
        "version": "3.0.0",
        "expect": {"verdict": "rejected", "outcome": "rolled_back", "decided_by": "schema_diff", "within_seconds": 15},
    }
)
PASSED = [{"weight": weight, "outcome": "pass"} for weight in (10, 100)]


def entry(**changes):
    return {
        "version": "3.0.0",
        "verdict": "rejected",
        "outcome": "rolled_back",
        "decided_by": "schema_diff",
        "event_to_verdict_s": 8.0,
        "event_to_rolled_back_s": 9.0,
        "user_requests": 900,
        "user_failures": 0,
        "failed_for_s": None,
        "user_requests_on_rejected": 0,
        "steps": [],
        **changes,
    }


def test_a_story_that_ends_as_expected():
    assert unexpected(RELEASE, entry()) == []
    assert "rejected by schema_diff, rolled_back; verdict after 8.0 s, rollback proved after 9.0 s" in line_of(entry())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verdict": "accepted"}, "verdict is 'accepted', the story expects 'rejected'"),
        ({"decided_by": "contract_tests"}, "decided_by is 'contract_tests'"),
        ({"event_to_rolled_back_s": 15.5}, "rolled back after 15.5 s, the story allows 15 s"),
        ({"event_to_rolled_back_s": None}, "rolled back after None s"),
        ({"user_failures": 1}, "1 user requests failed"),
        ({"user_requests_on_rejected": 2}, "2 user requests reached a rejected version"),
    ],
)
def test_what_is_not_as_expected_is_told(changes, said):
    found = unexpected(RELEASE, entry(**changes))
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("steps", "count"),
    [
        (PASSED, 0),
        ([], 1),
        ([{"weight": 10, "outcome": "pass"}], 1),
        ([{"weight": 10, "outcome": "no_data"}, PASSED[1]], 1),
    ],
)
def test_a_promotion_needs_a_pass_at_every_step_up_to_100(steps, count):
    release = Release(name="additive", version="2.1.0")
    found = unexpected(release, entry(verdict="accepted", outcome="promoted", steps=steps))
    assert len(found) == count


def test_a_registry_that_says_otherwise_is_a_disagreement():
    recorded = Deployment(version="3.0.0", verdict="accepted", outcome="rolled_back", decided_by=None)
    assert differences(recorded, entry()) == [
        "3.0.0: the registry says verdict 'accepted', Dagster says 'rejected'",
        "3.0.0: the registry says decided_by '', Dagster says 'schema_diff'",
    ]


def test_a_version_that_breaks_under_users_may_fail_some_for_a_while():
    expect = {"outcome": "rolled_back", "failed_for_seconds": 60, "user_failures": 100}
    release = Release.model_validate({"name": "slow", "version": "2.3.0", "expect": expect})
    seen = entry(version="2.3.0", verdict="accepted", decided_by="", user_failures=40, failed_for_s=35.2)
    assert unexpected(release, seen) == []
    assert "40 failed (the first 35.2 s before that)" in line_of(seen)
    assert unexpected(release, seen | {"failed_for_s": 61.0, "user_failures": 101}) == [
        "2.3.0: users failed for 61.0 s, the story allows 60 s",
        "2.3.0: 101 user requests failed, the story allows 100",
    ]
