"""What if the clock jumps, an answer is lost, a runner crashes, or nobody takes the news? Envoy is the judge."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import psutil
import pytest
from delivery_world import SERVICE, TinyBackend, eventually
from fault_world import FaultWorld, said

from olorin_pipelines.contract import settings
from olorin_pipelines.delivery.envoy.files import EnvoyFiles
from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.pipeline.decide import decide
from olorin_pipelines.pipeline.herald import Herald
from olorin_pipelines.pipeline.verify import QUESTIONS
from tests.notify.receivers import receiving

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    with FaultWorld(tmp_path) as world:
        yield world


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_rollout_whose_clock_jumps_is_left_alone_by_the_guard(tmp_path, seconds):
    slow = "steps: [10, 100], step_seconds: 4, step_deadline_seconds: 20, min_requests: 3"
    with FaultWorld(tmp_path, rollout=slow) as world:
        worker = world.worker(f"jump:{seconds}:after:apply_evidence#1")
        assert world.guarded(stale_seconds=3.0, within=60) == []
        assert said(worker) == ["promoted"]
        world.users_get("2.2.0")


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_one_that_dies_after_its_clock_jumped_is_taken_back_in_time(world, seconds):
    """Its last heartbeat seems to be an hour old, or to come in an hour."""
    worker = world.worker(f"jump:{seconds}:after:apply_evidence#1")

    def jumped() -> bool:
        lease = world.registry.lease(SERVICE)
        return lease is not None and abs(lease.renewed_at - time.time()) > 3000

    eventually(jumped, within=30)
    os.killpg(worker.pid, signal.SIGKILL)
    world.guarded()
    world.taken_back()


def test_a_write_whose_answer_was_lost_is_done_again(world):
    """The route is there, and the one who wrote it does not know."""
    assert said(world.worker("lose:after:write:rds.json#1")) == ["promoted"]
    world.users_get("2.2.0")
    intents = [e.detail["weight"] for e in world.registry.events(world.deployment) if e.kind == "apply_intent"]
    assert intents == [10, 10, 50, 100]


def test_a_write_of_a_rollback_whose_answer_was_lost_is_done_again(world):
    world.candidate.status = 500
    assert said(world.worker("lose:after:write:rds.json#2")) == ["aborted", "rolled_back"]
    world.candidate.status = 200
    world.taken_back()


def test_the_same_deployment_twice_is_moved_once(world):
    """Announced again while it is open, by two runs at once; and once more when it is production."""
    assert world.announce(world.candidate.backend) == world.deployment
    one, two = world.worker(), world.worker()
    assert sorted(said(one) + said(two)) == ["overtaken", "promoted"]
    world.users_get("2.2.0")
    weights = [e.detail["weight"] for e in world.registry.events(world.deployment) if e.kind == "apply_intent"]
    assert weights == [10, 50, 100]
    again, route = world.announce(world.candidate.backend), EnvoyFiles(world.envoy.directory).rds.stat()
    assert again != world.deployment
    assert said(world.worker(deployment=again)) == ["not_routed"]
    assert EnvoyFiles(world.envoy.directory).rds.stat() == route
    world.users_get("2.2.0")


def test_a_deployment_during_a_rollback_waits_for_its_proof(world):
    newer = TinyBackend("2.3.0")
    try:
        world.candidate.status = 500
        first = world.worker("stop:step:confirm")
        eventually(lambda: psutil.Process(first.pid).status() == psutil.STATUS_STOPPED, within=30)
        deployment = world.announce(newer.backend)
        second = world.worker(deployment=deployment)
        eventually(lambda: psutil.Process(second.pid).cpu_times().user > 0.5, within=30)
        world.candidate.status = 200
        world.users_get("2.1.0")
        assert newer.seen == 0
        assert world.registry.lease(SERVICE).kind == "rollback"
        os.kill(first.pid, signal.SIGCONT)
        assert said(first) == ["aborted", "rolled_back"]
        assert said(second) == ["promoted"]
        versions = [line["service_version"] for line in world.log()]
        assert versions.index("2.3.0") > max(place for place, one in enumerate(versions) if one == "2.2.0")
        assert world.outcome == "rolled_back"
        assert world.weights() == {"2.3.0": 100}
    finally:
        newer.close()


CRASHES = {
    "it raises": "import sys; sys.stderr.write('Traceback: on purpose'); sys.exit(1)",
    "it is killed": "import os; os.kill(os.getpid(), 9)",
}


@pytest.mark.parametrize("crash", CRASHES)
def test_a_contract_runner_that_crashes_moves_no_traffic(tmp_path, release, token, monkeypatch, crash):
    monkeypatch.setattr(settings, "program", lambda: [sys.executable, "-c", CRASHES[crash]])
    monkeypatch.setenv("INVESTIGATIONS_TOKEN", token)
    candidate = Backend("2.4.0", release("additive"))
    with FaultWorld(tmp_path) as world:
        row, _ = world.registry.announce(SERVICE, environment="canary", version="2.4.0", url=candidate.url)
        case = world.place.case(row.id)
        for gate, (question, checks) in QUESTIONS.items():
            passed = GateResult(gate=gate, outcome=Outcome.PASS, summary="")
            asked = question if gate in ("openapi_schema", "contract_tests") else lambda _case, said=passed: said
            case.ask(gate, asked, checks=checks)
        assert world.registry.gates(row.id)["contract_tests"].outcome is Outcome.ERROR
        assert decide(case).decided_by == "contract_tests"
        assert said(world.worker(deployment=row.id))[0] == "refused"
        world.users_get("2.1.0")
        hosts = {line["upstream_host"] for line in world.log()}
        assert hosts == {world.stable.backend.url.removeprefix("http://")}


def test_news_that_nobody_takes_keeps_no_rollback_waiting(tmp_path):
    with receiving() as receiver:
        receiver.held.clear()
        hook = f'notify: {{tries: 3, slack: {{team: {{url: "{receiver.url}/hook"}}}}}}\n'
        with FaultWorld(tmp_path, extra=hook) as world:
            row, _ = world.registry.announce(SERVICE, environment="canary", version="1.0.0", url="http://127.0.0.1:9")
            world.registry.decide(row.id, verdict="rejected", decided_by="schema_diff", because="it breaks")
            world.registry.end(row.id, "refused")
            stop = threading.Event()
            teller = threading.Thread(target=Herald(world.place).watch, args=(stop,), daemon=True)
            teller.start()
            eventually(lambda: receiver.asked, within=30)
            world.candidate.status = 500
            assert said(world.worker()) == ["aborted", "rolled_back"]
            assert receiver.came == [], "nobody has been told yet, and it is over"
            world.taken_back()
            receiver.held.set()
            eventually(lambda: receiver.came, within=30)
            stop.set()
            teller.join(30)
