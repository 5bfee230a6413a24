"""What a run of a job leaves behind: materialisations, checks, its colour, and the registry."""

from __future__ import annotations

import subprocess

import dagster as dg
import httpx
import pytest

from olorin_pipelines.gate import Outcome
from olorin_pipelines.pipeline.capture import CANDIDATE_CHECKS, capture_candidate
from olorin_pipelines.pipeline.release import ReleaseReport
from olorin_pipelines.verdict import GATES
from resources import DEPLOYMENT_TAG
from tests.surface.conftest import SERVICE, checks, first_words, materialised

NOWHERE = "http://127.0.0.1:9"
ROUTED = """\
    rollout: {router: envoy, steps: [50, 100], step_seconds: 0.01, step_deadline_seconds: 5, min_requests: 10}
"""


@pytest.mark.parametrize("parts", ["doubles", pytest.param("real", marks=pytest.mark.slow)])
def test_an_additive_release_without_a_router(surface, release, request, parts):
    if parts == "doubles":
        request.getfixturevalue("quick_gates")
    world = surface(release("stable"))
    row = world.deployment(release("additive"), "2.1.0")
    result = world.run("verify_deployment", deployment=row)
    found = materialised(result)
    assert result.success
    assert {*GATES, "baseline_schema", "deployment_verdict", "rollout"} == found.keys()
    assert found["rollout"]["outcome"] == "not_routed"
    assert found["deployment_verdict"]["verdict"] == "accepted"
    assert all(found[gate]["deployment_id"] == row.id for gate in GATES)
    assert set(checks(result).values()) == {True}
    assert "rollback.deployment_accepted" not in checks(result), "a skipped rollback is not judged"
    assert world.outcome(row) == "not_routed"
    assert world.place.registry.deployment(row.id).run_id == result.run_id


def test_a_breaking_release_is_red_by_one_check_that_names_the_gate(surface, release):
    world = surface(release("stable"))
    row = world.deployment(release("breaking"), "3.0.0")
    result = world.run("verify_deployment", deployment=row)
    found, said = materialised(result), checks(result)
    assert not result.success
    assert (found["deployment_verdict"]["verdict"], found["deployment_verdict"]["decided_by"]) == (
        "rejected",
        "schema_diff",
    )
    assert found["rollout"]["outcome"] == "refused"
    assert found["rollback"]["outcome"] == "refused"
    assert "report" in found["schema_diff"]
    assert not said["rollback.deployment_accepted"]
    accepted = next(e for e in result.get_asset_check_evaluations() if e.check_name == "deployment_accepted")
    assert accepted.description.startswith("schema_diff fail")
    assert said["rollback.stable_restored"], "nothing was moved"
    assert world.outcome(row) == "refused"


def declared(defs, job: str) -> set[str]:
    keys = defs.resolve_job_def(job).asset_layer.asset_graph.asset_check_keys
    return {f"{key.asset_key.to_user_string()}.{key.name}" for key in keys}


def test_every_declared_check_is_evaluated_when_the_candidate_is_unreachable(surface, release, defs):
    world = surface(release("stable"))
    row = world.deployment(NOWHERE, "2.1.0")
    result = world.run("verify_deployment", deployment=row)
    said = checks(result)
    gates = {name for name in declared(defs, "verify_deployment") if name.partition(".")[0] in GATES}
    assert gates
    assert gates <= said.keys()
    assert not any(said[name] for name in gates)
    assert world.place.registry.gates(row.id)["openapi_schema"].outcome is Outcome.ERROR
    assert not result.success
    failed = [event.step_key for event in result.all_events if event.is_step_failure]
    assert len(failed) == 1, "only the blocking check fails a step"


def test_a_missing_token_is_an_error_of_the_gate_not_a_dead_run(surface, release, monkeypatch):
    world = surface(release("stable"))
    monkeypatch.delenv("INVESTIGATIONS_TOKEN")
    row = world.deployment(release("additive"), "2.1.0")
    found = materialised(world.run("verify_deployment", deployment=row))
    assert "INVESTIGATIONS_TOKEN is not set" in str(found["openapi_schema"]["summary"]).replace("\\", "")
    assert found["rollback"]["outcome"] == "refused"


def test_a_promotion_turns_the_check_of_an_earlier_rejection_green(surface, release, quick_gates, monkeypatch):
    world = surface(release("stable"))

    def promote(case):
        case.place.registry.end(case.deployment.id, "promoted")
        return ReleaseReport("promoted", "fine")

    monkeypatch.setattr("assets.rollout.release", promote)
    row = world.deployment(release("additive"), "2.1.0")
    world.place.registry.found_serving(SERVICE, version="2.0.0", url=release("stable"))
    world.run("verify_deployment", deployment=row)
    key = dg.AssetCheckKey(dg.AssetKey("rollback"), "deployment_accepted")
    records = world.instance.event_log_storage.get_asset_check_execution_history(check_key=key, limit=5)
    assert records[0].status.value == "SUCCEEDED", "the newest; the run itself only planned it"


@pytest.fixture
def users(doubles, monkeypatch):
    """Requests that arrive while a rollout waits; the errors are those of the candidate."""
    import olorin_pipelines.pipeline.release as module

    behaviour = {"errors": 0}
    original = module.run_rollout
    doubles["metrics"].add(SERVICE, "2.0.0", requests=0)
    doubles["metrics"].add(SERVICE, "2.1.0", requests=0)

    def wait(_seconds: float) -> None:
        doubles["metrics"].add(SERVICE, "2.0.0", requests=50)
        doubles["metrics"].add(SERVICE, "2.1.0", requests=50, errors=behaviour["errors"])

    monkeypatch.setattr(
        module, "run_rollout", lambda *args, **options: original(*args, **{**options, "wait": wait, "poll_seconds": 0})
    )
    return behaviour


def test_an_accepted_release_is_promoted_and_is_the_next_baseline(surface, release, quick_gates, users, doubles):
    world = surface(release("stable"), extra=ROUTED)
    row = world.deployment(release("additive"), "2.1.0")
    result = world.run("verify_deployment", deployment=row)
    found = materialised(result)
    assert result.success
    assert found["rollout"]["outcome"] == "promoted", found["rollout"]["reason"]
    assert "100 % ┤" in found["rollout"]["weight_over_time"]
    assert found["rollout"]["last_weight"] == 100
    decided = str(found["rollout"]["decisions"])
    assert all(said in decided for said in ("announced as 2.1.0", "'accepted'", "step 100 %: pass", "rollout promoted"))
    assert doubles["router"].read(SERVICE).weights == {"2.0.0": 0, "2.1.0": 100}
    events = [e for e in result.get_asset_materialization_events() if e.asset_key == dg.AssetKey("baseline_schema")]
    assert len(events) == 2, "observed at first, then what was promoted"
    serving = world.place.registry.serving(SERVICE)
    assert (serving.version, serving.previous_version, serving.deployment_id) == ("2.1.0", "2.0.0", row.id)
    assert world.outcome(row) == "promoted"


DRY = {"ops": {"rollout": {"config": {"dry_run": True}}}}


@pytest.mark.parametrize("named", [True, False], ids=["by its tag", "the latest one"])
def test_a_run_launched_as_a_dry_run_moves_nothing(surface, release, quick_gates, users, doubles, named):
    """It is of a deployment of its own, and the one it was launched for goes on as if nothing had been asked."""
    world = surface(release("stable"), extra=ROUTED)
    world.place.registry.found_serving(SERVICE, version="2.0.0", url=release("stable"))
    row = world.deployment(release("additive"), "2.1.0")
    result = world.run("verify_deployment", deployment=row if named else None, config=DRY)
    found = materialised(result)
    assert result.success
    assert found["rollout"]["outcome"] == "dry_run", found["rollout"]["reason"]
    assert "would walk 50 → 100 %" in found["rollout"]["reason"]
    assert "rollback" not in found
    assert doubles["router"].applied == []
    (dry,) = [each for each in world.place.registry.deployments(SERVICE) if each.id != row.id]
    assert (dry.version, dry.url, dry.run_id, dry.outcome) == ("2.1.0", row.url, result.run_id, "dry_run")
    untouched = world.place.registry.deployment(row.id)
    assert (untouched.run_id, untouched.verdict, untouched.outcome) == (None, None, None)
    assert world.place.registry.gates(row.id) == {}
    assert world.instance.get_run_by_id(result.run_id).tags[DEPLOYMENT_TAG] == dry.id


def test_a_dry_run_that_is_rejected_takes_nothing_back(surface, release, doubles):
    world = surface(release("stable"), extra=ROUTED)
    world.place.registry.found_serving(SERVICE, version="2.0.0", url=release("stable"))
    row = world.deployment(release("breaking"), "3.0.0")
    result = world.run("verify_deployment", deployment=row, config=DRY)
    assert result.success, "it tells, and nothing went wrong"
    assert materialised(result)["rollout"]["reason"].startswith("dry run: would be rejected")
    assert (doubles["router"].applied, doubles["scaler"].stopped) == ([], [])
    assert world.outcome(row) is None


def test_a_rollout_that_rests_is_not_moved_by_a_dry_run(surface, release, doubles):
    world = surface(release("stable"), extra=ROUTED)
    row = world.deployment(release("additive"), "2.1.0")
    result = world.run("continue_rollout", deployment=row, config=DRY)
    assert not result.success
    assert "has no verdict yet" in first_words(result, "rollout")
    assert (doubles["router"].applied, world.outcome(row)) == ([], None)


def test_a_run_launched_by_its_service_alone_rolls_back_what_it_worked_on(surface, release, doubles):
    world = surface(release("stable"))
    row = world.deployment(NOWHERE, "2.1.0")
    result = world.run("verify_deployment")
    assert materialised(result)["rollback"]["outcome"] == "refused"
    assert world.outcome(row) == "refused"


def test_a_breach_under_traffic_is_rolled_back_and_red(surface, release, quick_gates, users, doubles, monkeypatch):
    users["errors"] = 25
    monkeypatch.setattr(
        "olorin_pipelines.delivery.rollback.prove_all", lambda *args, **options: proofs("route_restored")
    )
    world = surface(release("stable"), extra=ROUTED)
    row = world.deployment(release("additive"), "2.1.0")
    result = world.run("verify_deployment", deployment=row)
    found = materialised(result)
    assert not result.success
    assert found["rollout"]["outcome"] == "aborted"
    assert found["rollback"]["outcome"] == "rolled_back", found["rollback"]["reason"]
    assert doubles["router"].read(SERVICE).weights == {"2.0.0": 100, "2.1.0": 0}
    accepted = next(e for e in result.get_asset_check_evaluations() if e.check_name == "deployment_accepted")
    assert "error rate" in accepted.description
    assert (world.outcome(row), world.place.registry.serving(SERVICE).version) == ("rolled_back", "2.0.0")
    assert world.place.registry.open_rollouts() == []


def proofs(*names: str):
    from olorin_pipelines.delivery.model import Proof

    return tuple(Proof(name=name, passed=True, detail="shown") for name in names)


def test_a_rollback_by_reason_is_green_and_reverts_production(surface, release, doubles, monkeypatch):
    monkeypatch.setattr(
        "olorin_pipelines.delivery.rollback.prove_all", lambda *args, **options: proofs("route_restored")
    )
    world = surface(release("stable"), extra=ROUTED)
    registry = world.place.registry
    registry.found_serving(SERVICE, version="2.0.0", url=release("stable"))
    row = world.deployment(release("additive"), "2.1.0")
    registry.promote(SERVICE, version="2.1.0", url=row.url, deployment_id=row.id)
    result = world.roll_back(reason="slow", deployment_id=row.id)
    assert result.success
    assert materialised(result)["rollback"]["to_version"] == "2.0.0"
    assert checks(result) == {"rollback.deployment_accepted": True, "rollback.stable_restored": True}
    assert (registry.serving(SERVICE).version, world.outcome(row)) == ("2.0.0", "rolled_back")
    again = world.roll_back(reason="slow", deployment_id=row.id)
    assert again.success, "asked for twice, done once"
    assert materialised(again) == {}


@pytest.mark.parametrize(
    ("asset", "step", "said"),
    [
        ("rollout", "rollout", "no deployment of investigations was announced yet"),
        ("contract_tests", "contract_tests", "no deployment of investigations was announced yet"),
        ("rollback", "rollback.precheck", "no deployment of investigations is open"),
    ],
)
def test_by_hand_without_a_deployment_the_first_words_are_the_cause(surface, asset, step, said):
    result = surface(NOWHERE).materialise(asset)
    assert not result.success
    text = first_words(result, step)
    assert text.startswith(said)
    assert "fix:" in text
    assert "Traceback" not in text


def test_by_hand_a_closed_deployment_is_refused_and_its_record_stays(surface, release, quick_gates):
    world = surface(release("stable"))
    row = world.deployment(release("additive"), "2.1.0")
    first = world.run("verify_deployment", deployment=row)
    again = world.run("verify_deployment")
    assert not again.success
    assert "is closed already: not_routed" in first_words(again, "deployment_verdict")
    stored = world.place.registry.deployment(row.id)
    assert (stored.run_id, stored.verdict, stored.outcome) == (first.run_id, "accepted", "not_routed")
    failed = world.materialise("rollout")
    assert "is closed already" in first_words(failed, "rollout")


def test_a_broken_registry_or_configuration_is_told_first(surface, tmp_path, monkeypatch):
    world = surface(NOWHERE)
    (tmp_path / "olorin.yaml").write_text("servces: {}\n")
    result = world.materialise("rollout")
    assert "did you mean 'services'?" in first_words(result, "rollout")


def test_a_production_check_materialises_and_is_green_when_nothing_changed(surface, release):
    world = surface(release("stable"))
    result = world.run("check_production")
    found = materialised(result)
    assert result.success
    assert found["production_contract"]["outcome"] == "pass"
    assert found["baseline_schema"]["digest"]


def test_a_drift_of_production_turns_the_check_red_with_the_operation_named(surface, release, tmp_path_factory):
    fault = tmp_path_factory.mktemp("drift") / "on"
    world = surface(release("stable", fault=fault))
    assert world.run("check_production").success
    fault.touch()
    result = world.run("check_production")
    assert not result.success
    failed = [one for one in result.get_asset_check_evaluations() if not one.passed]
    assert [one.check_name for one in failed] == ["honours_its_schema"]
    assert "operations: GET /" in failed[0].description


def test_a_production_check_of_nothing_is_red_and_asks_for_nothing(surface):
    world = surface(NOWHERE, extra="    policy: {on_production_failure: rollback}\n")
    result = world.run("check_production")
    assert not result.success
    assert set(checks(result).values()) == {False}
    assert world.place.registry.rollback_requests_after(0) == []


@pytest.mark.parametrize("kind", ["file", "git", "last_snapshot"])
def test_a_deployment_is_judged_by_a_baseline_that_production_does_not_serve(
    surface, release, quick_gates, users, doubles, tmp_path, kind
):
    stable = release("stable")
    where = {"file": "file: api.json", "git": "git: HEAD:api.json", "last_snapshot": "last_snapshot: true"}
    world = surface(f"{stable}/nothing-here", extra=f"    baseline: {{{where[kind]}}}\n{ROUTED}")
    if kind == "last_snapshot":
        first = world.deployment(stable, "2.0.0")
        world.place.case(first.id).ask("openapi_schema", capture_candidate, checks=CANDIDATE_CHECKS)
        world.place.registry.decide(first.id, verdict="accepted", decided_by="", because="")
        world.place.registry.end(first.id, "not_routed")
    else:
        (tmp_path / "api.json").write_bytes(httpx.get(f"{stable}/openapi.json", trust_env=False).content)
    if kind == "git":
        for words in ("init -q", "add api.json", "-c user.name=t -c user.email=t@example.org commit -qm first"):
            subprocess.run(["git", *words.split()], cwd=tmp_path, check=True)
    row = world.deployment(release("additive"), "2.1.0")
    good = world.run("verify_deployment", deployment=row)
    found = materialised(good)
    assert good.success
    events = [e for e in good.get_asset_materialization_events() if e.asset_key == dg.AssetKey("baseline_schema")]
    shown = events[0].step_materialization_data.materialization.metadata
    assert shown["baseline_from"].value == kind
    assert "the baseline was not asked of production" in str(found["deployment_verdict"]["because"])
    assert found["rollout"]["outcome"] == "promoted", found["rollout"]["reason"]
    serving = world.place.registry.serving(SERVICE)
    assert (serving.version, serving.previous_version) == ("2.1.0", "2.0.0"), "there is a version to go back to"
    bad = world.run("verify_deployment", deployment=world.deployment(release("breaking"), "3.0.0"))
    assert not bad.success
    assert materialised(bad)["deployment_verdict"]["decided_by"] == "schema_diff"
