"""Every rule proves itself: its pair gives exactly its id, the pair turned round gives its mirror."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import Any

import pytest

from olorin_pipelines import openapi
from olorin_pipelines.diff import RULES, Finding, Rule, Severity, diff

WAIVED = {
    "api-path-removed-without-deprecation": "a new path is told by its operations",
    "api-path-removed-with-deprecation": "a new path is told by its operations",
    "api-path-removed-before-sunset": "a new path is told by its operations",
    "api-path-removed-after-sunset": "a new path is told by its operations",
}
"""Rules whose pair, turned round, gives several findings, all of the mirror's id."""


WAIVED |= dict.fromkeys(
    ("api-path-removed-before-sunset", "api-path-removed-after-sunset"), next(iter(WAIVED.values()))
)
ACCOMPANIED = {"api-version-not-bumped", "api-version-decreased", "api-major-version-not-bumped"}
"""Rules about a version: they speak only beside a break, which is left out here."""


def findings(old: Any, new: Any) -> tuple[Finding, ...]:
    base = {"openapi": "3.1.0", "info": {"title": "example", "version": "1"}}
    snapshots = (openapi.parse(json.dumps({**base, **side}).encode(), source="test") for side in (old, new))
    found = diff(*snapshots, today=date(2026, 1, 1))
    versions = tuple(finding for finding in found if finding.id in ACCOMPANIED)
    return versions or found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_finds_its_example_alone_and_has_its_mirror(rule: Rule) -> None:
    (finding,) = findings(rule.before, rule.after)
    assert finding.id == rule.id
    assert findings(rule.before, rule.before) == findings(rule.after, rule.after) == ()
    turned = findings(rule.after, rule.before)
    assert {found.id for found in turned} == {rule.mirror}
    assert len(turned) == 1 or rule.id in WAIVED
    assert finding.message
    assert not any(field in finding.message for field in ("{subject}", "{before}", "{after}"))
    assert finding.why
    assert finding.fix or rule.severity is not Severity.BREAKING


def test_ids_are_unique() -> None:
    assert [id_ for id_, n in Counter(rule.id for rule in RULES).items() if n > 1] == []


def test_every_mirror_is_a_rule() -> None:
    known = {rule.id for rule in RULES}
    assert {rule.mirror for rule in RULES} <= known
