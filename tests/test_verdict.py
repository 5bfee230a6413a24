"""The gates together: the first failed gate rejects, doubt is never a pass, and the policy has the last word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from olorin_pipelines.config import Policy
from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.verdict import GATES, Decision, Verdict, judge

P, F, E, D, R, A = (
    Outcome.PASS,
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.NO_DATA,
    Outcome.NOT_RUN,
    Outcome.NOT_APPLICABLE,
)
DOUBT = (Outcome.ERROR, Outcome.NO_DATA, Outcome.NOT_RUN)


def results(*outcomes: Outcome | None) -> list[GateResult]:
    """One result per gate in deciding order; None leaves the gate out."""
    return [
        GateResult(gate=gate, outcome=outcome, summary="because")
        for gate, outcome in zip(GATES, outcomes, strict=True)
        if outcome is not None
    ]


def test_the_gates_and_their_order():
    expected = ("openapi_schema", "schema_diff", "generated_types", "consumer_compatibility", "contract_tests")
    assert expected == GATES


@pytest.mark.parametrize(
    ("outcomes", "reject", "hold", "decided_by"),
    [
        ((P, P, P, P, P), "accepted", "accepted", ""),
        ((P, A, P, A, P), "accepted", "accepted", ""),  # the first deployment, without consumers
        ((A, A, A, A, A), "accepted", "accepted", ""),
        ((P, F, P, P, R), "rejected", "rejected", "schema_diff"),
        ((P, F, P, F, R), "rejected", "rejected", "schema_diff"),
        ((P, P, P, F, R), "rejected", "rejected", "consumer_compatibility"),
        ((P, P, P, P, F), "rejected", "rejected", "contract_tests"),
        ((E, E, E, E, F), "rejected", "rejected", "contract_tests"),  # a FAIL goes before any doubt
        ((E, P, P, P, P), "rejected", "held", "openapi_schema"),
        ((P, D, P, P, P), "rejected", "held", "schema_diff"),
        ((P, P, P, P, R), "rejected", "held", "contract_tests"),
        ((P, P, P, P, None), "rejected", "held", "contract_tests"),
        ((None, None, None, None, None), "rejected", "held", "openapi_schema"),
    ],
)
def test_the_table(outcomes, reject, hold, decided_by):
    given_ = results(*outcomes)
    first, second = judge(given_, on_unknown="reject"), judge(given_, on_unknown="hold")
    assert (first.verdict, first.decided_by) == (reject, decided_by)
    assert (second.verdict, second.decided_by) == (hold, decided_by)
    warned = judge(given_, enforce=False)
    assert (warned.verdict, warned.decided_by) == ("accepted", decided_by)
    assert ("would be rejected" in warned.because) == (reject == "rejected")


def test_the_reason_names_gate_outcome_and_cause():
    assert judge(results(P, F, P, P, R)).because == "schema_diff fail: because"
    assert judge(results(P, A, P, A, P)).because == "3 of 5 gates passed, the rest do not apply"
    assert judge([]).because == "openapi_schema no_data: no result was recorded"


outcomes_ = st.tuples(*[st.sampled_from([*Outcome, None])] * len(GATES))
policies = st.sampled_from(["reject", "hold"])


@given(outcomes_, policies)
def test_accepted_under_enforce_means_that_every_gate_is_good(outcomes, on_unknown):
    decision = judge(results(*outcomes), on_unknown=on_unknown)
    good = all(outcome is not None and outcome.good for outcome in outcomes)
    assert (decision.verdict is Verdict.ACCEPTED) == good


@given(outcomes_, policies)
def test_a_fail_anywhere_rejects_whatever_else_is_unknown(outcomes, on_unknown):
    decision = judge(results(*outcomes), on_unknown=on_unknown)
    if Outcome.FAIL in outcomes:
        assert decision.verdict is Verdict.REJECTED
        assert decision.decided_by == GATES[outcomes.index(Outcome.FAIL)]


@given(outcomes_, policies, st.sampled_from(DOUBT), st.integers(0, len(GATES) - 1))
def test_doubt_in_place_of_a_pass_never_helps(outcomes, on_unknown, doubt, place):
    worse = (*outcomes[:place], doubt, *outcomes[place + 1 :])
    assert judge(results(*worse), on_unknown=on_unknown).verdict is not Verdict.ACCEPTED


@given(outcomes_, policies, st.booleans(), st.randoms())
def test_the_order_of_the_results_means_nothing_only_that_of_the_gates(outcomes, on_unknown, enforce, random):
    given_ = results(*outcomes)
    shuffled = random.sample(given_, len(given_))
    expected = judge(given_, on_unknown=on_unknown, enforce=enforce)
    assert judge(shuffled, on_unknown=on_unknown, enforce=enforce) == expected


@given(outcomes_, policies)
def test_warn_accepts_and_names_the_same_gate(outcomes, on_unknown):
    enforced = judge(results(*outcomes), on_unknown=on_unknown)
    warned = judge(results(*outcomes), on_unknown=on_unknown, enforce=False)
    assert warned.verdict is Verdict.ACCEPTED
    assert warned.decided_by == enforced.decided_by


def test_a_result_of_a_stranger_does_not_decide():
    stranger = GateResult(gate="baseline_schema", outcome=Outcome.ERROR, summary="no baseline")
    assert judge([*results(P, A, P, P, P), stranger]) == Decision(
        Verdict.ACCEPTED, "", "4 of 5 gates passed, the rest do not apply"
    )


@pytest.mark.parametrize(
    ("outcomes", "report_only", "verdict", "decided_by"),
    [
        ((P, F, P, P, P), ("schema_diff",), "accepted", ""),
        ((P, F, P, P, F), ("schema_diff",), "rejected", "contract_tests"),
        ((P, P, P, P, None), ("contract_tests",), "accepted", ""),
        ((P, E, P, P, P), ("contract_tests",), "rejected", "schema_diff"),
        ((P, F, P, P, P), (), "rejected", "schema_diff"),
    ],
)
def test_a_gate_that_only_reports_decides_nothing_and_is_named(outcomes, report_only, verdict, decided_by):
    decision = judge(results(*outcomes), report_only=report_only)
    assert (decision.verdict, decision.decided_by) == (verdict, decided_by)
    bad = [gate for gate, outcome in zip(GATES, outcomes, strict=True) if gate in report_only and outcome is not P]
    assert all(f"only reported: {gate}" in decision.because for gate in bad)


def test_the_configuration_knows_every_gate_that_may_only_report():
    assert Policy(report_only=GATES).report_only == GATES
