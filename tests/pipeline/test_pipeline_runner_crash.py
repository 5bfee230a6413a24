"""The contract test runner crashes: the gate says that it could not tell, the verdict is no, and no traffic moves."""

from __future__ import annotations

import sys

import pytest

from olorin_pipelines.contract import settings
from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.pipeline import release as release_module
from olorin_pipelines.pipeline.decide import decide
from olorin_pipelines.pipeline.release import release as move_traffic
from olorin_pipelines.pipeline.verify import QUESTIONS
from olorin_pipelines.verdict import Verdict

CRASHES = {
    "it raises": "import sys; sys.stderr.write('Traceback: on purpose'); sys.exit(1)",
    "it is killed": "import os; os.kill(os.getpid(), 9)",
}


@pytest.mark.parametrize("crash", CRASHES)
def test_a_runner_that_crashes_is_an_error_and_moves_no_traffic(workplace, release, monkeypatch, crash):
    place = workplace(release("stable"))
    row, _ = place.registry.announce(
        "investigations", environment="canary", version="2.1.0", url=release("additive"), run_id="run"
    )
    case = place.case(row.id)
    monkeypatch.setattr(settings, "program", lambda: [sys.executable, "-c", CRASHES[crash]])
    asked = {"baseline_schema", "openapi_schema", "contract_tests"}
    for gate, (question, checks) in QUESTIONS.items():
        passed = GateResult(gate=gate, outcome=Outcome.PASS, summary="")
        case.ask(gate, question if gate in asked else lambda _case, said=passed: said, checks=checks)
    gates = place.registry.gates(case.deployment.id)
    assert gates["contract_tests"].outcome is Outcome.ERROR
    assert "no usable result" in gates["contract_tests"].summary
    assert {check.outcome for check in gates["contract_tests"].checks if not check.advisory} == {Outcome.ERROR}

    decision = decide(case)
    assert (decision.verdict, decision.decided_by) == (Verdict.REJECTED, "contract_tests")
    monkeypatch.setattr(release_module, "router_of", lambda *_: pytest.fail("traffic was moved"))
    report = move_traffic(place.case(row.id))
    assert report.outcome == "refused"
    assert place.registry.rollout(row.id) is None
    assert place.registry.lease("investigations") is None
