"""A policy grades, leaves out and approves; whatever it does not say clearly is an error with its place."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from olorin_pipelines.diff import Finding, Reach, Severity
from olorin_pipelines.errors import ConfigError
from olorin_pipelines.policy import FAIL_ON, apply, exit_status, outside, read
from olorin_pipelines.policy.glob import matches

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
SHARED = replace(
    FINDING,
    fingerprint="f" * 16,
    reachable_from=("POST /internal/orders", "POST /orders"),
    operation="POST /internal/orders",
    uses=(Reach("POST /internal/orders", "request"), Reach("POST /orders", "request")),
)
HIDDEN = replace(FINDING, reachable_from=("POST /internal/orders",), operation="POST /internal/orders", uses=())


def policy(tmp_path, text):
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    return read(path)


def approval(**fields):
    given = {"reason": "'nobody sends it'", "expires": "2026-06-01", **fields}
    return "approvals:\n- " + "\n  ".join(f"{key}: {value}" for key, value in given.items() if value is not None)


BY_ID = {"id": "request-property-removed"}
COVERING = [
    {"fingerprint": "'0123456789abcdef'"},
    {**BY_ID, "location": "'*'"},
    {**BY_ID, "location": "'POST /ord*'"},
    {**BY_ID, "location": "/components/schemas/Order/*"},
]


@pytest.mark.parametrize("named", COVERING)
def test_an_approval_takes_a_finding_out_until_its_last_day(tmp_path, named):
    judged = apply([FINDING], policy(tmp_path, approval(**named)), TODAY)
    assert judged.findings == judged.expired == judged.stale == ()
    ((found, by),) = judged.approved
    assert (found, by.reason) == (FINDING, "nobody sends it")
    assert "nobody sends it" in judged.notes[0]


@pytest.mark.parametrize("named", COVERING)
def test_an_approval_that_ended_covers_nothing_and_is_told(tmp_path, named):
    judged = apply([FINDING], policy(tmp_path, approval(**named)), date(2026, 6, 2))
    assert (judged.findings, judged.approved, judged.stale) == ((FINDING,), (), ())
    assert len(judged.expired) == 1
    assert "no longer holds" in judged.notes[0]


@pytest.mark.parametrize(
    "named",
    [
        {"fingerprint": "'ffffffffffffffff'"},
        {"id": "request-body-removed", "location": "'*'"},
        {**BY_ID, "location": "'GET *'"},
        {**BY_ID, "location": "'post /orders'"},
    ],
)
def test_an_approval_that_covers_nothing_is_stale(tmp_path, named):
    judged = apply([FINDING], policy(tmp_path, approval(**named)), TODAY)
    assert (judged.findings, judged.approved, judged.expired) == ((FINDING,), (), ())
    assert len(judged.stale) == 1
    assert "covers nothing" in judged.notes[0]


def test_an_edit_that_reaches_more_than_what_was_approved_stays(tmp_path):
    given = policy(tmp_path, approval(**BY_ID, location="'POST /orders'"))
    judged = apply([SHARED], given, TODAY)
    assert judged.findings == (SHARED,)
    assert len(judged.stale) == 1


def test_two_approvals_of_one_finding_are_both_in_use(tmp_path):
    text = approval(**COVERING[0]) + "\n" + approval(**COVERING[1]).removeprefix("approvals:\n")
    judged = apply([FINDING], policy(tmp_path, text), TODAY)
    assert (len(judged.approved), judged.stale) == (1, ())


def test_severities_are_ones_own_and_the_worst_come_first(tmp_path):
    other = replace(FINDING, id="response-body-added", severity=Severity.WARNING)
    graded = apply([other, FINDING], policy(tmp_path, "severities: {request-property-removed: breaking}"), TODAY)
    assert [(one.id, one.severity) for one in graded.findings] == [
        ("request-property-removed", Severity.BREAKING),
        ("response-body-added", Severity.WARNING),
    ]
    dropped = apply([FINDING], policy(tmp_path, "severities: {request-property-removed: none}"), TODAY)
    assert (dropped.findings, dropped.ignored) == ((), (FINDING,))


def test_an_empty_policy_changes_nothing(tmp_path):
    given = policy(tmp_path, "")
    assert apply([FINDING, SHARED], given, TODAY).findings == (FINDING, SHARED)
    assert outside(given, {"paths": {"/a": {"get": {}}}}) == frozenset()


def test_a_finding_loses_the_operations_that_are_left_out(tmp_path):
    left_out = frozenset({"POST /internal/orders"})
    judged = apply([SHARED, HIDDEN], policy(tmp_path, ""), TODAY, outside=left_out)
    (kept,) = judged.findings
    assert (kept.operation, kept.reachable_from, kept.uses) == ("POST /orders", ("POST /orders",), FINDING.uses)
    assert judged.ignored == (HIDDEN,)


DOCUMENT = {
    "paths": {
        "/orders": {"get": {"tags": ["shop"]}, "post": {"tags": ["shop", "beta"]}},
        "/internal/x": {"get": {"x-internal": True}},
        "/{id}[1]": {"x-team": "a", "get": {}},
    }
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("paths: {exclude: ['/internal/*']}", {"GET /internal/x"}),
        ("paths: {include: ['/orders']}", {"GET /internal/x", "GET /{id}[1]"}),
        ("paths: {exclude: ['/{id}[1]']}", {"GET /{id}[1]"}),
        ("tags: {exclude: [beta]}", {"POST /orders"}),
        ("tags: {include: [shop], exclude: [beta]}", {"POST /orders", "GET /internal/x", "GET /{id}[1]"}),
        ("extensions: {exclude: [x-internal]}", {"GET /internal/x"}),
        ("extensions: {include: [x-t*]}", {"GET /orders", "POST /orders", "GET /internal/x"}),
    ],
)
def test_operations_are_left_out_by_path_tag_and_extension(tmp_path, text, expected):
    assert outside(policy(tmp_path, text), DOCUMENT) == expected


def test_marking_an_operation_internal_does_not_hide_what_breaks_in_the_same_step(tmp_path):
    given = policy(tmp_path, "extensions: {exclude: [x-internal]}")
    public = {"paths": {"/a": {"get": {}}}}
    internal = {"paths": {"/a": {"get": {"x-internal": True}}}}
    assert outside(given, public, internal) == frozenset()
    assert outside(given, internal, internal) == outside(given, internal, {}) == {"GET /a"}


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        (
            "severities:\n  request-property-remved: info",
            ":2: severities.request-property-remved: no rule is called 'request-property-remved'",
            "did you mean 'request-property-removed'?",
        ),
        ("severities:\n  request-property-removed: bad", ":2: severities.request-property-removed: Input should", ""),
        ("approval: []", ":1: approval: 'approval' is not a key here", "did you mean 'approvals'?"),
        (approval(id="request-property-remved", location="a"), ":4: approvals.0.id: no rule", "property-removed'?"),
        (approval(**BY_ID, location="a", reson="x"), ":6: approvals.0.reson", "did you mean 'reason'?"),
        (approval(), ":2: approvals.0: an approval names either", ""),
        (approval(**BY_ID), ":2: approvals.0: `id` and `location` go together", ""),
        (approval(**BY_ID, location="a", fingerprint="'0123456789abcdef'"), ":2: approvals.0: an approval names", ""),
        (approval(fingerprint="1234567890123456"), ":4: approvals.0.fingerprint: a fingerprint made of digits", ""),
        (approval(fingerprint="12345678e1234567"), ":4: approvals.0.fingerprint: a fingerprint made of digits", ""),
        (approval(fingerprint="abc"), ":4: approvals.0.fingerprint: 'abc' is not a fingerprint", ""),
        (approval(**BY_ID, location="a", expires="soon"), ":3: approvals.0.expires: 'soon' is not a day", ""),
        (approval(**BY_ID, location="a", expires="2026-02-30"), ":3: approvals.0.expires: '2026-02-30' is not in", ""),
        (approval(**BY_ID, location="a", expires=None), ":2: approvals.0: 'expires' is required", "add `expires:`"),
        (approval(**BY_ID, location="a", reason=None), ":2: approvals.0: 'reason' is required", "add `reason:`"),
        (approval(**BY_ID, location="a", reason="' '"), ":2: approvals.0.reason: String should have at least", ""),
        ("paths: {exclud: []}", ":1: paths.exclud: 'exclud' is not a key here", "did you mean 'exclude'?"),
        ("[]", ":1: a mapping is expected", "severities"),
        ("severities: {a: info, a: none}", ":1:23: the key 'a' is given twice", ""),
    ],
)
def test_what_is_not_understood_is_an_error_with_its_place(tmp_path, text, said, hint):
    with pytest.raises(ConfigError) as caught:
        policy(tmp_path, text)
    assert f"policy.yaml{said}" in str(caught.value)
    assert hint in caught.value.hint


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        read(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("GET /a*", "GET /a/b", True),
        ("GET /a?", "GET /a/b", False),
        ("/x[1]/{id}", "/x[1]/{id}", True),
        ("a**b", "ab", True),
        ("A", "a", False),
    ],
)
def test_only_stars_and_question_marks_are_special(pattern, name, expected):
    assert matches(pattern, name) is expected


@pytest.mark.parametrize("fail_on", FAIL_ON)
@pytest.mark.parametrize("severity", Severity)
def test_the_exit_status_is_one_at_or_above_the_level(severity, fail_on):
    expected = fail_on != "none" and FAIL_ON.index(severity.value) <= FAIL_ON.index(fail_on)
    assert exit_status([replace(FINDING, severity=severity)], fail_on) == int(expected)
    assert exit_status([], fail_on) == 0


def test_judging_without_a_file_loads_no_models():
    script = "import sys, olorin_pipelines.policy as p; p.exit_status([], 'info'); print('pydantic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "False", done.stderr
