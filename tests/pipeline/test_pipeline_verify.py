"""All gates of one deployment on real parts: a real service, Schemathesis, TypeScript."""

from __future__ import annotations

import pytest

from olorin_pipelines.gate import Outcome
from olorin_pipelines.pipeline.production import check_production
from olorin_pipelines.pipeline.verify import QUESTIONS, verify_without_dagster
from olorin_pipelines.verdict import Verdict

NOWHERE = "http://127.0.0.1:9"


def verify(place, url, *, environment="canary"):
    told: list[str] = []
    case, decision = verify_without_dagster(
        place,
        "investigations",
        environment=environment,
        url=url,
        version="x",
        progress=lambda gate, outcome, summary: told.append(gate),
    )
    assert told == list(QUESTIONS), "progress is told for every gate"
    return decision, place.registry.gates(case.deployment.id)


FEW = '    policy: {contract_include: ["*/api/v1/investigations/"]}\n'


@pytest.mark.parametrize(
    "extra", [pytest.param("", id="all operations", marks=pytest.mark.slow), pytest.param(FEW, id="two")]
)
def test_an_additive_release_is_accepted(workplace, release, extra):
    decision, gates = verify(workplace(release("stable"), extra=extra), release("additive"))
    assert decision.verdict is Verdict.ACCEPTED, decision.because
    assert {gate: result.outcome for gate, result in gates.items()} == dict.fromkeys(QUESTIONS, Outcome.PASS)
    assert gates["schema_diff"].facts["breaking"] == 0
    assert gates["schema_diff"].facts["infos"] > 0
    assert gates["contract_tests"].facts["coverage"] == 1.0


def test_a_breaking_release_is_rejected_by_the_diff_before_the_contract_tests_run(workplace, release):
    decision, gates = verify(workplace(release("stable")), release("breaking"))
    assert (decision.verdict, decision.decided_by) == (Verdict.REJECTED, "schema_diff")
    assert gates["contract_tests"].outcome is Outcome.NOT_RUN
    assert gates["consumer_compatibility"].outcome is Outcome.FAIL
    rows = gates["consumer_compatibility"].rows
    broken = {(row["where"], str(row["because"])[:6]) for row in rows if row["answer"] == "breaks"}
    assert broken == {("src/index.ts:14:11", "TS2741"), ("src/index.ts:33:54", "TS2339")}
    assert "breaks at src/index.ts:14" in decision.because, "the verdict names the line"
    rules = {row["rule"] for row in gates["schema_diff"].rows if row["severity"] == "breaking"}
    assert {"response-required-property-removed", "request-property-became-required"} <= rules


def test_what_nobody_uses_is_rejected_where_any_breaking_change_is(workplace, release):
    decision, gates = verify(workplace(release("additive")), release("unused"))
    assert (decision.verdict, decision.decided_by) == (Verdict.REJECTED, "schema_diff")
    answers = gates["consumer_compatibility"]
    assert answers.outcome is Outcome.PASS
    assert {row["answer"] for row in answers.rows} == {"no break found"}
    assert any("does not use GET" in str(row["because"]) for row in answers.rows)


@pytest.mark.slow
def test_what_nobody_uses_is_accepted_where_the_consumers_decide(workplace, release):
    place = workplace(release("additive"), extra="    policy: {breaking: consumers}\n")
    decision, gates = verify(place, release("unused"))
    assert decision.verdict is Verdict.ACCEPTED, decision.because
    assert gates["schema_diff"].checks[0].advisory
    assert gates["schema_diff"].facts["breaking"] > 0


def test_what_breaks_a_consumer_is_rejected_where_the_consumers_decide(workplace, release):
    place = workplace(release("stable"), extra="    policy: {breaking: consumers}\n")
    decision, gates = verify(place, release("breaking"))
    assert (decision.verdict, decision.decided_by) == (Verdict.REJECTED, "consumer_compatibility")
    assert "src/index.ts:14" in decision.because
    assert gates["schema_diff"].outcome is Outcome.PASS


@pytest.mark.slow
def test_a_lying_release_is_rejected_by_the_contract_tests(workplace, release):
    decision, gates = verify(workplace(release("additive")), release("lying"))
    assert (decision.verdict, decision.decided_by) == (Verdict.REJECTED, "contract_tests")
    assert gates["schema_diff"].outcome is Outcome.PASS
    violated = {row["check"] for row in gates["contract_tests"].rows}
    assert {"server_error", "response_schema"} <= violated
    reproduce = gates["contract_tests"].tables["reproduce"]
    assert len(reproduce) == len(gates["contract_tests"].rows)
    assert all(str(row["curl"]).startswith("curl") and "Bearer ey" not in str(row["curl"]) for row in reproduce)


def test_the_first_deployment_has_no_baseline(workplace, release):
    decision, gates = verify(workplace(NOWHERE), release("stable"), environment="shared")
    assert decision.verdict is Verdict.ACCEPTED, decision.because
    assert gates["schema_diff"].outcome is Outcome.NOT_APPLICABLE


def test_production_that_answers_badly_is_not_a_first_deployment(workplace, release):
    place = workplace(release("stable") + "/no-such-base")
    decision, gates = verify(place, release("stable"), environment="shared")
    assert gates["baseline_schema"].outcome is Outcome.ERROR
    assert decision.verdict is Verdict.REJECTED


def test_production_that_vanished_is_not_a_first_deployment(workplace, release, tmp_path):
    place = workplace(release("stable"))
    verify(place, release("stable", "--version", "2.0.1"), environment="shared")
    place.registry.found_serving("investigations", version="2.0.0", url=NOWHERE, replace=True)
    decision, gates = verify(place, release("stable", "--version", "2.0.1"), environment="shared")
    assert gates["baseline_schema"].outcome is Outcome.ERROR
    assert gates["schema_diff"].outcome is Outcome.NO_DATA
    assert decision.verdict is Verdict.REJECTED


def test_an_unreachable_candidate_is_an_error_never_a_pass(workplace, release):
    decision, gates = verify(workplace(release("stable")), NOWHERE)
    assert decision.verdict is Verdict.REJECTED
    assert gates["openapi_schema"].outcome is Outcome.ERROR
    assert not any(gates[name].outcome.good for name in QUESTIONS if name != "baseline_schema")


def test_policy_hold_holds_what_could_not_be_told(workplace, release):
    place = workplace(release("stable"), extra="    policy: {on_unknown: hold}\n")
    decision, _ = verify(place, NOWHERE)
    assert decision.verdict is Verdict.HELD


def test_policy_warn_shows_and_accepts(workplace, release):
    place = workplace(release("stable"), extra="    policy: warn\n")
    decision, gates = verify(place, release("breaking"), environment="shared")
    assert decision.verdict is Verdict.ACCEPTED
    assert "would be rejected" in decision.because
    assert gates["contract_tests"].outcome is not Outcome.NOT_RUN, "under warn everything runs"


def test_an_environment_without_isolated_data_is_only_read(workplace, release):
    decision, gates = verify(workplace(release("stable")), release("additive"), environment="shared")
    assert decision.verdict is Verdict.ACCEPTED, decision.because
    assert gates["contract_tests"].facts["read_only"] is True
    own = next(check for check in gates["contract_tests"].checks if check.name == "honours_own_schema")
    assert "writing operations were not called" in own.summary


def test_a_missing_token_is_an_error_that_names_the_variable(workplace, release, monkeypatch):
    place = workplace(release("stable"))
    monkeypatch.delenv("INVESTIGATIONS_TOKEN")
    decision, gates = verify(place, release("additive"), environment="shared")
    assert decision.verdict is Verdict.REJECTED
    assert "INVESTIGATIONS_TOKEN is not set" in gates["openapi_schema"].summary


def test_production_that_keeps_its_contract(workplace, release):
    report = check_production(workplace(release("stable")), "investigations")
    assert report.result.outcome is Outcome.PASS, report.result.summary
    assert not report.rollback_requested


@pytest.mark.parametrize(("policy", "asked"), [("rollback", True), ("alert", False)])
def test_production_that_breaks_its_contract(workplace, release, tmp_path_factory, policy, asked):
    fault = tmp_path_factory.mktemp("fault") / "on"
    url = release("stable", fault=fault)
    place = workplace(url, extra=f"    policy: {{on_production_failure: {policy}}}\n")
    place.registry.found_serving("investigations", version="1.9.0", url=NOWHERE)
    place.registry.promote("investigations", version="2.0.0", url=url, deployment_id="d")
    fault.touch()
    report = check_production(place, "investigations")
    assert report.result.outcome is Outcome.FAIL
    assert report.rollback_requested is asked
    requests = place.registry.rollback_requests_after(0)
    assert [row.reason.startswith("production check") for row in requests] == [True] * asked


def test_unreachable_production_is_an_error_and_asks_for_no_rollback(workplace):
    place = workplace(NOWHERE, extra="    policy: {on_production_failure: rollback}\n")
    report = check_production(place, "investigations")
    assert report.result.outcome is Outcome.ERROR
    assert not report.rollback_requested


def test_production_that_drifted_stays_red_until_something_is_deployed(workplace, release):
    place = workplace(release("additive"))
    check_production(place, "investigations")
    promised = place.registry.last_observed("investigations")
    place.registry.record_snapshot(
        "investigations",
        environment="production",
        deployment_id=None,
        role="production",
        digest=promised.digest,
        artifact=promised.artifact,
        source=f"{release('stable')}/openapi.json",
        version=promised.version,
    )
    place.registry.found_serving("investigations", version="2.1.0", url=release("stable"))
    for _ in range(2):  # 2.0.0 lacks what 2.1.0 promised; having seen it once does not make it right
        report = check_production(place, "investigations")
        assert report.result.outcome is Outcome.FAIL
        assert "serves_what_was_promoted" in report.result.summary
