"""What each command prints and how it ends when all is well."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from olorin_pipelines.config import load_config
from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.pipeline import verify as verify_module
from olorin_pipelines.pipeline.case import Workplace

COMMANDS = ("deploy", "status", "verify", "diff", "rules", "explain", "rollback", "demo", "dev")
SCRIPT = Path(sys.executable).with_name("olorin")


def document(**paths) -> dict[str, object]:
    answer = {"responses": {"200": {"description": "fine"}}}
    return {"openapi": "3.1.0", "info": {"title": "pets", "version": "1"}, "paths": {p: {"get": answer} for p in paths}}


@pytest.fixture
def documents(home):
    (home / "old.json").write_text(json.dumps(document(**{"/a": 1, "/b": 1})))
    (home / "less.json").write_text(json.dumps(document(**{"/a": 1})))
    return home


@pytest.fixture
def place(home):
    place = Workplace(load_config(home / "olorin.yaml"))
    yield place
    place.registry.close()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_has_an_example_and_json(olorin, command, flag):
    said = olorin(command, flag)
    assert said.code == 0
    assert re.search(rf"Examples?:\s+olorin {command}", said.out)
    assert "--json" in said.out


def test_help_lists_every_command(olorin):
    said = olorin("--help")
    assert said.code == 0
    assert all(f"  {command} " in said.out for command in COMMANDS)


@pytest.mark.parametrize(
    ("old", "new", "code"), [("old.json", "old.json", 0), ("less.json", "old.json", 0), ("old.json", "less.json", 1)]
)
@pytest.mark.parametrize("shape", [(), ("--json",), ("--format", "markdown"), ("--format", "html")])
def test_diff_ends_by_what_it_finds(olorin, documents, old, new, code, shape):
    said = olorin("diff", old, new, *shape)
    assert said.code == code
    assert said.err == ""
    if shape == ("--json",):
        rules = {finding["severity"] for finding in said.data["findings"]} if code else set()
        assert rules <= {"breaking", "warning", "info"}
        assert json.dumps(said.data)


def test_diff_reads_standard_input(documents):
    done = subprocess.run(
        [SCRIPT, "diff", "-", "less.json", "--json"],
        cwd=documents,
        input=(documents / "old.json").read_bytes(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    json.loads(done.stdout)


def test_status_of_a_new_registry(olorin, home):
    assert "production not seen yet" in olorin("status").out
    (shown,) = olorin("status", "--json").data
    assert (shown["service"], shown["deployments"]) == ("pets", [])


def test_deploy_announces_once(olorin, home, place):
    first = olorin("deploy", "pets", "1.0.0", "--json")
    again = olorin("deploy", "pets", "1.0.0", "--json")
    assert (first.code, first.data["created"], again.data["created"]) == (0, True, False)
    assert first.data["deployment_id"] == again.data["deployment_id"]
    assert "is announced already" in olorin("deploy", "pets", "1.0.0").out
    assert place.registry.deployments("pets")[0].run_id is None


@pytest.mark.parametrize(("outcome", "code"), [("promoted", 0), ("not_routed", 0), ("rolled_back", 1), ("paused", 1)])
def test_deploy_waits_for_the_fate(olorin, home, place, monkeypatch, outcome, code):
    def fate(_seconds):
        row = place.registry.deployments("pets")[0]
        place.registry.decide(row.id, verdict="accepted", decided_by="", because="fine")
        place.registry.end(row.id, outcome)

    monkeypatch.setattr("olorin_pipelines.cli.deploy.time.sleep", fate)
    said = olorin("deploy", "pets", "1.0.0", "--wait", "--json")
    assert (said.code, said.data["outcome"]) == (code, outcome)


@pytest.mark.parametrize(
    ("would", "trouble", "code"),
    [("roll_out", [], 0), ("not_route", [], 0), ("roll_out", ["no route"], 3), ("refuse", [], 1), ("hold", [], 1)],
)
def test_a_dry_run_tells_what_would_happen(olorin, home, place, monkeypatch, would, trouble, code):
    def fate(_seconds):
        row = place.registry.deployments("pets")[0]
        told = {"would": would, "reason": "dry run: so it is", "steps": [{"weight": 10}], "trouble": trouble}
        place.registry.record("dry_run_ended", service="pets", deployment_id=row.id, detail=told)
        place.registry.end(row.id, "dry_run")

    monkeypatch.setattr("olorin_pipelines.cli.deploy.time.sleep", fate)
    said = olorin("deploy", "pets", "1.0.0", "--dry-run", "--wait", "--json")
    assert (said.code, said.data["outcome"], said.data["rehearsal"]["would"]) == (code, "dry_run", would)
    assert place.registry.is_dry_run(said.data["deployment_id"])


def test_deploy_that_nobody_decides_could_not_tell(olorin, home):
    said = olorin("deploy", "pets", "1.0.0", "--wait", "--timeout", "0")
    assert said.code == 3
    assert "nothing was decided" in said.out
    assert "fix: is Dagster up?" in said.out


def gates_answer(monkeypatch, outcome: Outcome) -> None:
    def answers(gate):
        return lambda case: GateResult(gate=gate, outcome=outcome, summary="so it is", hint="do that")

    questions = {gate: (answers(gate), checks) for gate, (_, checks) in verify_module.QUESTIONS.items()}
    monkeypatch.setattr(verify_module, "QUESTIONS", questions)


@pytest.mark.parametrize(("outcome", "code"), [(Outcome.PASS, 0), (Outcome.FAIL, 1), (Outcome.ERROR, 3)])
def test_verify_ends_by_its_verdict(olorin, home, place, monkeypatch, outcome, code):
    gates_answer(monkeypatch, outcome)
    said = olorin("verify", "pets", "--json")
    assert (said.code, said.err) == (code, "")
    assert {gate["outcome"] for gate in said.data["gates"]} == {outcome.value}
    assert place.registry.deployment(said.data["deployment_id"]).outcome == "verified"
    text = olorin("verify", "pets")
    assert text.code == code
    assert ("fix: do that" in text.out) is bool(code)
    assert outcome.value in text.err, "progress goes to standard error"


def test_json_stays_json_when_a_gate_has_a_defect(home):
    """The log of a defect, with its traceback, goes to standard error."""
    code = (
        "import sys; from olorin_pipelines.pipeline import verify\n"
        "def defect(case): raise ZeroDivisionError('x')\n"
        "verify.QUESTIONS = {gate: (defect, checks) for gate, (_, checks) in verify.QUESTIONS.items()}\n"
        "sys.argv = ['olorin', 'verify', 'pets', '--json']\n"
        "from olorin_pipelines.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=home, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 3
    assert "this is a defect" in done.stdout or json.loads(done.stdout)["because"].count("ZeroDivisionError")
    assert "ZeroDivisionError" in done.stderr


def test_status_of_one_deployment_is_its_whole_record(olorin, home, place):
    row, _ = place.registry.announce("pets", environment="canary", version="1.0.0", url="http://127.0.0.1:9")
    place.registry.decide(row.id, verdict="rejected", decided_by="schema_diff", because="a field is gone")
    place.registry.end(row.id, "refused")
    record = olorin("status", "--deployment", row.id, "--json").data
    assert record["deployment"]["because"] == "a field is gone"
    assert [event["kind"] for event in record["events"]] == ["deployment_announced", "verdict", "deployment_ended"]
    assert "a field is gone" in olorin("status", "--deployment", row.id).out
    assert "refused" in olorin("status", "pets").out


def test_rollback_of_a_candidate_without_a_router_is_refused_and_closes_it(olorin, home, place):
    row, _ = place.registry.announce("pets", environment="canary", version="1.0.0", url="http://127.0.0.1:9")
    said = olorin("rollback", "pets", "--reason", "no", "--json")
    assert (said.code, said.data["outcome"]) == (0, "refused")
    assert place.registry.deployment(row.id).outcome == "refused"


def test_a_closed_pipe_is_no_error(home):
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; '{SCRIPT}' status --json | true; echo ${{PIPESTATUS[0]}}"],
        cwd=home,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("0", "")
