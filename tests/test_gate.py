"""A gate never raises, never forgets a check, and never takes trouble for a pass."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from olorin_pipelines.errors import DocumentUnreachable, OlorinError
from olorin_pipelines.gate import CheckResult, GateResult, Outcome, ask, worst

CHECKS = ("first", "second")


def check(name: str, outcome: Outcome, *, advisory: bool = False) -> CheckResult:
    return CheckResult(name=name, outcome=outcome, summary=f"{name} said {outcome}", advisory=advisory)


def raising(error: BaseException):
    def question() -> GateResult:
        raise error

    return question


def test_an_answer_comes_back_as_it_was_given_with_its_time():
    clock = itertools.count(10.0, 2.5)
    given_ = GateResult.of_checks("g", [check("first", Outcome.PASS), check("second", Outcome.PASS)])
    result = ask("g", lambda: given_, checks=CHECKS, monotonic=lambda: next(clock))
    assert (result.outcome, result.checks, result.seconds) == (Outcome.PASS, given_.checks, 2.5)


@pytest.mark.parametrize("error", [OlorinError("it broke"), ValueError("it broke"), RecursionError("it broke")])
def test_whatever_is_raised_is_an_error_of_the_gate_and_of_every_check(error):
    result = ask("g", raising(error), checks=CHECKS)
    assert result.outcome is Outcome.ERROR
    assert [(c.name, c.outcome) for c in result.checks] == [(name, Outcome.ERROR) for name in CHECKS]
    assert "it broke" in result.summary
    assert all("it broke" in c.summary for c in result.checks)
    assert not any(c.advisory for c in result.checks)


def test_an_error_of_the_tree_keeps_its_message_and_its_hint():
    error = DocumentUnreachable("refused", source="http://h/openapi.json", hint="start it")
    result = ask("g", raising(error), checks=())
    assert (result.summary, result.hint) == ("http://h/openapi.json: refused", "start it")


def test_a_foreign_exception_is_named_and_called_a_defect():
    result = ask("g", raising(KeyError("x")), checks=())
    assert result.summary.startswith("KeyError")
    assert "defect" in result.hint


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit(3), GeneratorExit()])
def test_what_ends_the_process_is_never_swallowed(stop):
    with pytest.raises(type(stop)):
        ask("g", raising(stop), checks=CHECKS)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_check_the_question_forgot_gets_the_outcome_of_the_gate(outcome):
    result = ask("g", lambda: GateResult(gate="g", outcome=outcome, summary="why"), checks=CHECKS)
    assert [(c.name, c.outcome, c.summary) for c in result.checks] == [(name, outcome, "why") for name in CHECKS]


def test_a_check_that_was_answered_is_not_answered_again():
    given_ = GateResult.of_checks("g", [check("second", Outcome.FAIL)])
    result = ask("g", lambda: given_, checks=CHECKS)
    assert [(c.name, c.outcome) for c in result.checks] == [("second", Outcome.FAIL), ("first", Outcome.FAIL)]


@pytest.mark.parametrize(
    ("outcomes", "decides"),
    [
        ([], Outcome.NO_DATA),
        ([Outcome.PASS], Outcome.PASS),
        ([Outcome.NOT_APPLICABLE], Outcome.NOT_APPLICABLE),
        ([Outcome.PASS, Outcome.NOT_APPLICABLE], Outcome.PASS),
        ([Outcome.PASS, Outcome.NOT_RUN], Outcome.NOT_RUN),
        ([Outcome.NOT_RUN, Outcome.NO_DATA], Outcome.NO_DATA),
        ([Outcome.NO_DATA, Outcome.ERROR], Outcome.ERROR),
        ([Outcome.ERROR, Outcome.FAIL], Outcome.FAIL),
    ],
)
def test_worst(outcomes, decides):
    assert worst(outcomes) is decides


@given(st.lists(st.sampled_from(Outcome)))
def test_worst_ignores_order_and_repetition_and_is_good_only_when_all_are(outcomes):
    assert worst(outcomes) is worst(outcomes[::-1]) is worst(outcomes * 2)
    assert worst(outcomes).good == (bool(outcomes) and all(outcome.good for outcome in outcomes))


@given(st.sampled_from(Outcome))
def test_an_advisory_check_is_shown_and_never_decides(outcome):
    result = GateResult.of_checks("g", [check("audit", outcome, advisory=True), check("first", Outcome.PASS)])
    assert result.outcome is Outcome.PASS
    assert [c.name for c in result.checks] == ["audit", "first"]


def test_advisory_checks_alone_are_no_data():
    result = GateResult.of_checks("g", [check("audit", Outcome.PASS, advisory=True)])
    assert (result.outcome, result.summary) == (Outcome.NO_DATA, "nothing was checked")


def test_the_summary_is_that_of_the_first_check_that_decided():
    checks = [check("a", Outcome.PASS), check("b", Outcome.FAIL), check("c", Outcome.FAIL)]
    assert GateResult.of_checks("g", checks).summary == "b: b said fail"


def test_a_result_survives_the_registry():
    result = GateResult.of_checks(
        "g",
        [check("a", Outcome.FAIL, advisory=True), check("b", Outcome.PASS)],
        facts={"requests": 3, "share": 0.5, "note": None, "ok": True},
        rows=[{"operation": "GET /", "failures": 0}],
        tables={"more": [{"x": 1}]},
        evidence={"report": "0" * 64},
    )
    assert GateResult.from_json(result.to_json()) == result
