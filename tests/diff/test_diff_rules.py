"""Every rule proves itself: its pair gives exactly its id, the pair turned round gives its mirror."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from olorin_pipelines.diff import RULES, Rule, Severity, compare, judge

WAIVED = {
    "api-path-removed-without-deprecation": "a new path is told by its operations",
    "api-path-removed-with-deprecation": "a new path is told by its operations",
}
"""Rules whose pair, turned round, gives several findings, all of the mirror's id."""


def ids(old: Any, new: Any) -> list[str]:
    base = {"openapi": "3.1.0", "info": {"title": "example", "version": "1"}}
    return [finding.id for finding in judge(compare({**base, **old}, {**base, **new}))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
class TestEveryRule:
    def test_finds_its_example_and_nothing_else(self, rule: Rule) -> None:
        assert ids(rule.before, rule.after) == [rule.id]

    def test_is_silent_when_nothing_changed(self, rule: Rule) -> None:
        assert ids(rule.after, rule.after) == []
        assert ids(rule.before, rule.before) == []

    def test_has_its_mirror_the_other_way_round(self, rule: Rule) -> None:
        found = ids(rule.after, rule.before)
        assert set(found) == {rule.mirror}
        assert len(found) == 1 or rule.id in WAIVED

    def test_says_what_changed_and_why(self, rule: Rule) -> None:
        base = {"openapi": "3.1.0", "info": {"title": "example", "version": "1"}}
        (finding,) = judge(compare({**base, **rule.before}, {**base, **rule.after}))
        assert finding.message
        assert not any(field in finding.message for field in ("{subject}", "{before}", "{after}"))
        assert finding.why
        assert finding.fix or rule.severity is Severity.INFO or "default-value" in rule.id or "enum-value" in rule.id


def test_ids_are_unique() -> None:
    assert [id_ for id_, n in Counter(rule.id for rule in RULES).items() if n > 1] == []


def test_every_mirror_is_a_rule() -> None:
    known = {rule.id for rule in RULES}
    assert {rule.mirror for rule in RULES} <= known
