"""A policy grades and approves; whatever it does not say clearly is an error with its place."""

from __future__ import annotations

from datetime import date

import pytest

from olorin_pipelines.diff import Finding, Reach, Severity
from olorin_pipelines.errors import ConfigError
from olorin_pipelines.policy import apply, read

TODAY = date(2026, 6, 1)
FINDING = Finding(
    id="request-property-removed",
    severity=Severity.WARNING,
    operation="POST /orders",
    message="m",
    why="w",
    fix="",
    old_pointer="/components/schemas/Order/properties/a",
    new_pointer=None,
    fingerprint="0123456789abcdef",
    reachable_from=("POST /orders",),
    uses=(Reach("POST /orders", "request"),),
    before="",
    after="",
)


def policy(tmp_path, text):
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    return read(path)


def approval(**fields):
    given = {"reason": "'nobody sends it'", "expires": "2026-06-01", **fields}
    return "approvals:\n- " + "\n  ".join(f"{key}: {value}" for key, value in given.items())


@pytest.mark.parametrize(
    "named",
    [
        {"fingerprint": "'0123456789abcdef'"},
        {"id": "request-property-removed"},
        {"id": "request-property-removed", "location": "'POST /ord*'"},
        {"id": "request-property-removed", "location": "/components/schemas/Order/*"},
    ],
)
def test_an_approval_takes_a_finding_out_until_its_last_day(tmp_path, named):
    judged = apply(policy(tmp_path, approval(**named)), [FINDING], today=TODAY)
    assert judged.findings == ()
    assert "nobody sends it" in judged.notes[0]
    later = apply(policy(tmp_path, approval(**named)), [FINDING], today=date(2026, 6, 2))
    assert later.findings == (FINDING,)
    assert "no longer holds" in later.notes[0]


@pytest.mark.parametrize(
    "named",
    [
        {"fingerprint": "'ffffffffffffffff'"},
        {"id": "request-body-removed"},
        {"id": "request-property-removed", "location": "'GET *'"},
    ],
)
def test_an_approval_that_covers_nothing_is_told(tmp_path, named):
    judged = apply(policy(tmp_path, approval(**named)), [FINDING], today=TODAY)
    assert judged.findings == (FINDING,)
    assert "covers nothing any more" in judged.notes[0]


def test_severities_are_ones_own(tmp_path):
    graded = apply(policy(tmp_path, "severities: {request-property-removed: breaking}"), [FINDING], today=TODAY)
    assert [finding.severity for finding in graded.findings] == [Severity.BREAKING]
    dropped = apply(policy(tmp_path, "severities: {request-property-removed: none}"), [FINDING], today=TODAY)
    assert dropped.findings == ()


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("severities:\n  request-property-remved: info", ":2:3", "'request-property-removed'"),
        ("severities:\n  request-property-removed: bad", ":2:3", "breaking, warning, info, none"),
        ("approval: []", ":1:1", "'approvals'"),
        (approval(id="request-property-remved"), ":4:", "'request-property-removed'"),
        (approval(), ":2:", ""),
        (approval(id="request-property-removed", fingerprint="'0'"), ":2:", ""),
        (approval(id="request-property-removed", expires="soon"), ":3:", "2027-01-31"),
        ("approvals:\n- id: request-property-removed\n  expires: 2026-01-01", ":2:", ""),
        ("[]", ":1:1", ""),
    ],
)
def test_what_is_not_understood_is_an_error_with_its_place(tmp_path, text, place, hint):
    with pytest.raises(ConfigError) as caught:
        policy(tmp_path, text)
    assert f"policy.yaml{place}" in str(caught.value)
    assert hint in caught.value.hint
