"""Routers that are told: a program and a webhook. They keep its promises, and claim no more than they can."""

from __future__ import annotations

import hashlib
import hmac
import json
import stat
import sys
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from olorin_pipelines.config import load_config
from olorin_pipelines.delivery.journal import MemoryJournal
from olorin_pipelines.delivery.model import Backend, RouteState
from olorin_pipelines.delivery.probe import Answer
from olorin_pipelines.delivery.rollback import Tools, roll_back
from olorin_pipelines.delivery.routers import open_router
from olorin_pipelines.delivery.routers.command import CommandRouter
from olorin_pipelines.delivery.routers.webhook import WebhookRouter
from olorin_pipelines.delivery.scalers.memory import MemoryScaler
from olorin_pipelines.errors import ConfigError, NotShown, RouterUnreachable, RouteUnconfirmed, StaleFence, UsageError

SERVICE = "pets"
OLD, NEW = Backend("2.0.0", "http://127.0.0.1:9"), Backend("2.1.0", "http://127.0.0.1:19")
ROUTE = RouteState(service=SERVICE, stable=OLD, candidate=NEW, weight=25, rollout_id="r", fence=3)
TELL = """\
import json, os, sys, time
route = json.load(sys.stdin)
with open("route.json", "w") as file:
    json.dump({"weights": {os.environ["OLORIN_STABLE"]: 100 - int(sys.argv[1]), sys.argv[2]: int(sys.argv[1])}}, file)
with open("told.txt", "a") as file:
    file.write(f"{route['weight']} {os.environ['OLORIN_FENCE']}\\n")
"""


class Weighty:
    """A service that is posted routes and tells them; `status` is answered, `came` are bodies and headers."""

    def __init__(self) -> None:
        self.status, self.shown, self.came = 200, None, []
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                world.came.append((body, dict(self.headers)))
                if world.status == 200:
                    world.shown = {"weights": json.loads(body)["weights"]}
                self._answer({})

            def do_GET(self):
                self._answer(world.shown or {"weights": {}})

            def _answer(self, said):
                body = json.dumps(said).encode()
                self.send_response(world.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def weighty():
    made = Weighty()
    yield made
    made.server.shutdown()
    made.server.server_close()


def command(tmp_path, *, read=True, source=TELL, **values):
    (tmp_path / "tell.py").write_text(source)
    (tmp_path / "read.py").write_text("print(open('route.json').read())")
    given = {
        "apply": (sys.executable, "tell.py", "{weight}", "{candidate}"),
        "read": (sys.executable, "read.py") if read else (),
        "entry_url": "http://127.0.0.1:3",
    }
    return CommandRouter(directory=tmp_path / "routes", folder=tmp_path, **{**given, **values})


@pytest.fixture(params=["command", "command, not read", "webhook", "webhook, not read"])
def router(request, tmp_path, weighty):
    read = "not" not in request.param
    if request.param.startswith("command"):
        return command(tmp_path, read=read)
    return WebhookRouter(
        directory=tmp_path / "routes",
        url=weighty.url,
        read_url=weighty.url if read else None,
        entry_url="http://127.0.0.1:3",
    )


class TestToldRouter:
    def test_shows_what_was_told(self, router):
        evidence = router.confirm(router.apply(ROUTE), within=5)
        assert router.read(SERVICE) == ROUTE
        assert evidence.weights == {"2.0.0": 75, "2.1.0": 25}

    def test_the_same_again_changes_nothing(self, router):
        router.apply(ROUTE)
        router.confirm(router.apply(ROUTE), within=5)
        assert router.read(SERVICE) == ROUTE

    def test_refuses_an_older_writer_and_a_twin(self, router):
        router.apply(ROUTE)
        for wrong in (replace(ROUTE, fence=2), replace(ROUTE, rollout_id="twin")):
            with pytest.raises(StaleFence):
                router.apply(wrong)
        with pytest.raises(StaleFence):
            router.apply(replace(ROUTE, fence=9), expect_fence=2)
        assert router.read(SERVICE) == ROUTE

    def test_nobody_counts(self, router):
        with pytest.raises(NotShown):
            router.activity(SERVICE, NEW)

    def test_knows_no_route_before_it_was_told_one(self, router):
        assert router.entry(SERVICE) == "http://127.0.0.1:3"


def tools(router, answer="2.0.0"):
    return Tools(
        router=router,
        scaler=MemoryScaler(),
        journal=MemoryJournal(),
        probe=lambda url: Answer(200, answer),
        wait=lambda seconds: None,
        confirm_seconds=1.0,
        drain_seconds=0.1,
    )


def taken_back(router, **values):
    found = roll_back(
        tools(router, **values), service=SERVICE, stable=OLD, candidate=NEW, rollout_id="back", fence=4, reason="slow"
    )
    return found, {proof.name: proof.outcome for proof in found.proofs}


def test_a_rollback_says_what_is_proved_and_what_cannot_be(router):
    router.apply(ROUTE)
    found, proofs = taken_back(router)
    read = router.read(SERVICE)
    assert (read.weight, read.fence) == (0, 4)
    assert found.outcome == "rolled_back_degraded", "what is not proved is not called proved"
    assert proofs == {
        "route_restored": "no_data" if read.believed else "pass",
        "answered_by_stable": "pass",
        "candidate_untouched": "no_data",
        "candidate_idle": "no_data",
        "stable_healthy": "pass",
    }
    assert "not proved: " in found.reason


def test_without_an_entry_and_a_read_back_nothing_is_proved(tmp_path):
    router = command(tmp_path, read=False, entry_url=None)
    router.apply(ROUTE)
    found, proofs = taken_back(router)
    assert set(proofs.values()) == {"no_data", "pass"}
    assert proofs["answered_by_stable"] == "no_data"
    assert found.outcome == "rolled_back_degraded"


def test_answers_of_the_candidate_fail_the_rollback(router):
    router.apply(ROUTE)
    found, proofs = taken_back(router, answer="2.1.0")
    assert (found.outcome, proofs["answered_by_stable"]) == ("rollback_failed", "fail")


def test_answers_that_name_nobody_are_no_proof(router):
    router.apply(ROUTE)
    assert taken_back(router, answer="")[1]["answered_by_stable"] == "no_data"


def test_a_foreign_weight_is_seen_where_it_can_be_read(tmp_path, weighty):
    router = WebhookRouter(directory=tmp_path / "routes", url=weighty.url, read_url=weighty.url)
    receipt = router.apply(ROUTE)
    weighty.shown = {"weights": {"2.0.0": 50, "2.1.0": 50}}
    assert (router.read(SERVICE).weight, router.read(SERVICE).rollout_id) == (50, "not ours")
    with pytest.raises(RouteUnconfirmed, match="50"):
        router.confirm(receipt, within=0.1)
    weighty.shown = {"weights": {"9.9.9": 100}}
    assert router.read(SERVICE) is None


@pytest.mark.parametrize("shown", [{"weights": "all"}, {"weights": {"2.0.0": "many"}}, {"weight": 3}, {"stable": 3}])
def test_what_cannot_be_read_is_no_route(tmp_path, weighty, shown):
    router = WebhookRouter(directory=tmp_path / "routes", url=weighty.url, read_url=weighty.url)
    router.apply(ROUTE)
    weighty.shown = shown
    with pytest.raises(RouterUnreachable):
        router.read(SERVICE)


def test_a_program_that_fails_says_why_without_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("CLUSTER_TOKEN", "the-token-of-the-cluster")
    source = "import os, sys; sys.exit('no right with ' + os.environ['CLUSTER_TOKEN'])"
    with pytest.raises(RouterUnreachable) as caught:
        command(tmp_path, source=source).apply(ROUTE)
    assert "no right with [redacted]" in caught.value.message


def test_a_program_that_failed_is_not_believed(tmp_path):
    router = command(tmp_path, read=False, source="import sys; sys.exit(1)")
    with pytest.raises(RouterUnreachable):
        router.apply(ROUTE)
    assert router.read(SERVICE) is None


def test_a_program_that_hangs_is_ended_with_all_it_started_while_the_heart_beats(tmp_path):
    beats = []
    source = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('child', 'w').write(str(child.pid)); time.sleep(60)"
    )
    started = time.monotonic()
    router = command(tmp_path, source=source, seconds=3.0, wait=lambda seconds: beats.append(seconds))
    with pytest.raises(RouterUnreachable, match="did not end within 3 s"):
        router.apply(ROUTE)
    assert time.monotonic() - started < 30
    assert len(beats) >= 2
    pid = (tmp_path / "child").read_text()
    until = time.monotonic() + 10
    while _runs(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_program_that_is_not_there(tmp_path):
    with pytest.raises(RouterUnreachable, match="cannot be started"):
        command(tmp_path, apply=("no-such-program",)).apply(ROUTE)


def test_a_version_is_an_argument_and_never_a_command(tmp_path):
    script = tmp_path / "show"
    script.write_text('#!/bin/sh\nprintf %s "$1" > said\n')
    script.chmod(script.stat().st_mode | stat.S_IEXEC)
    router = command(tmp_path, read=False, apply=(str(script), "--to={candidate}"))
    router.apply(replace(ROUTE, candidate=Backend("$(touch pwned); rm", NEW.url)))
    assert (tmp_path / "said").read_text() == "--to=$(touch pwned); rm"
    assert not (tmp_path / "pwned").exists()
    with pytest.raises(UsageError, match="option"):
        router.apply(replace(ROUTE, fence=9, candidate=Backend("--delete", NEW.url)))


def test_a_webhook_gets_the_route_signed_and_409_is_a_newer_writer(tmp_path, weighty):
    router = WebhookRouter(directory=tmp_path / "routes", url=weighty.url, token=lambda: "tok", secret=lambda: "key")
    router.apply(ROUTE)
    ((body, headers),) = weighty.came
    assert json.loads(body)["weights"] == {"2.0.0": 75, "2.1.0": 25}
    assert headers["Authorization"] == "Bearer tok"
    assert headers["X-Olorin-Signature-256"] == f"sha256={hmac.new(b'key', body, hashlib.sha256).hexdigest()}"
    weighty.status = 409
    with pytest.raises(StaleFence):
        router.apply(replace(ROUTE, fence=8))
    weighty.status = 500
    with pytest.raises(RouterUnreachable, match="500"):
        router.apply(replace(ROUTE, fence=9))


def test_who_was_overtaken_while_it_told_learns_it(tmp_path):
    newer = replace(ROUTE, rollout_id="newer", fence=7)
    other = command(tmp_path, read=False)

    def told_meanwhile(_seconds):
        other.apply(newer)

    router = command(tmp_path, read=False, wait=told_meanwhile)
    with pytest.raises(StaleFence, match="meanwhile"):
        router.apply(ROUTE)
    assert other.read(SERVICE) == newer


@pytest.mark.parametrize(
    ("rollout", "said"),
    [
        ("{router: command}", "needs the key `command`"),
        ("{router: webhook}", "needs the key `webhook`"),
        ("{router: command, command: {apply: [helm, '{weigth}']}}", "{weigth} is not known"),
        ("{router: command, command: {apply: [sh, -c, 'x {candidate}']}}", "$OLORIN_CANDIDATE"),
        ("{router: command, command: {apply: [helm]}}", "nobody would count the requests"),
        ("{router: webhook, webhook: {url: 'http://127.0.0.1:9'}}", "metrics: prometheus"),
    ],
)
def test_what_is_configured_wrongly_is_said(tmp_path, rollout, said):
    with pytest.raises(ConfigError) as caught:
        load_config(configured(tmp_path, pets=rollout), environ={})
    assert said in caught.value.diagnostics()
    assert "olorin.yaml:4: services.pets.rollout" in caught.value.diagnostics()


def test_two_services_do_not_share_an_envoy(tmp_path):
    with pytest.raises(ConfigError, match="one Envoy routes one service, and it is that of cats: dogs needs") as caught:
        load_config(configured(tmp_path, cats="{router: envoy}", dogs="{router: envoy}"), environ={})
    assert "olorin.yaml:1: " in caught.value.diagnostics()
    load_config(configured(tmp_path, cats="{router: envoy}", dogs="{router: none}"), environ={})


def configured(folder, **rollouts):
    file, lines = folder / "olorin.yaml", ["services:"]
    for name, rollout in rollouts.items():
        lines += [f"  {name}:", "    environments: {production: {url: 'http://127.0.0.1:9'}}"]
        lines.append(f"    rollout: {rollout}")
    file.write_text("\n".join(lines) + "\n")
    return file


def test_both_are_opened_by_name(tmp_path):
    assert isinstance(open_router("command", directory=tmp_path, folder=tmp_path, apply=["true"]), CommandRouter)
    assert isinstance(open_router("webhook", directory=tmp_path, url="http://127.0.0.1:9"), WebhookRouter)
