"""A baseline that production does not serve: from a file, a git revision, or the record; said so, and never a pass."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.pipeline.capture import BASELINE_CHECKS, CANDIDATE_CHECKS, capture_baseline, capture_candidate
from olorin_pipelines.pipeline.case import Case, Workplace
from olorin_pipelines.pipeline.compare import DIFF_CHECKS, compare_documents
from olorin_pipelines.pipeline.decide import decide
from olorin_pipelines.pipeline.production import check_production

NOWHERE = "http://127.0.0.1:9"
SERVICE = "investigations"


def document(version: str, *paths: str) -> dict[str, Any]:
    answer = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "object"}}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": version},
        "paths": {path: {"get": {"responses": answer}} for path in paths},
    }


OLD = document("1.0.0", "/orders", "/prices")
NEW = document("2.0.0", "/orders")


@pytest.fixture
def host() -> Iterator[Callable[..., str]]:
    """Start a service that answers what it is given, 404 elsewhere; returns its URL."""
    servers: list[ThreadingHTTPServer] = []

    def start(**answers: Any) -> str:
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                known = answers.get(self.path.strip("/").partition(".")[0])
                body = json.dumps(known).encode()
                self.send_response(404 if known is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def announced(place: Workplace, url: str, version: str = "2.0.0") -> Case:
    row, _ = place.registry.announce(SERVICE, environment="shared", version=version, url=url)
    return place.case(row.id)


def asked(place: Workplace, url: str, version: str = "2.0.0") -> tuple[Case, GateResult, GateResult]:
    """Ask for both documents and compare them, as a deployment does."""
    case = announced(place, url, version)
    baseline = case.ask("baseline_schema", capture_baseline, checks=BASELINE_CHECKS)
    case.ask("openapi_schema", capture_candidate, checks=CANDIDATE_CHECKS)
    return case, baseline, case.ask("schema_diff", compare_documents, checks=DIFF_CHECKS)


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def committed(folder: Path, content: dict[str, Any], tag: str) -> str:
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    (folder / "api.json").write_text(json.dumps(content))
    git(folder, "add", "api.json")
    git(folder, "commit", "--quiet", "-m", "its document")
    git(folder, "tag", tag)
    return git(folder, "rev-parse", "HEAD")


def test_a_file_is_the_baseline_of_a_production_that_serves_no_document(workplace, host, tmp_path):
    (tmp_path / "api.json").write_text(json.dumps(OLD))
    production = host(orders={})
    place = workplace(production, extra="    baseline: {file: api.json}\n")
    case, baseline, diff = asked(place, host(openapi=NEW))
    assert baseline.outcome is Outcome.PASS
    assert baseline.checks[0].outcome is Outcome.NOT_APPLICABLE, "nobody observed it"
    assert (baseline.facts["baseline_from"], baseline.facts["baseline_said"]) == ("file", "the file api.json")
    assert diff.outcome is Outcome.FAIL
    assert "GET /prices" in diff.summary
    decision = decide(case)
    assert decision.because.endswith("; the baseline was not asked of production: the file api.json")
    assert place.registry.deployment(case.deployment.id).because == decision.because
    serving = place.registry.serving(SERVICE)
    assert (serving.version, serving.url) == ("1.0.0", production), "a rollout needs a version to go back to"


def test_a_revision_is_the_baseline_at_the_commit_it_names_now(workplace, host, tmp_path):
    commit = committed(tmp_path, OLD, "live")
    committed(tmp_path, NEW, "later")
    place = workplace(host(), extra="    baseline: {git: live:api.json}\n")
    _, baseline, diff = asked(place, host(openapi=NEW))
    assert baseline.facts["baseline_commit"] == commit
    assert commit[:12] in baseline.summary
    assert diff.outcome is Outcome.FAIL


def test_the_last_snapshot_is_that_of_the_version_that_was_released_and_stayed(workplace, host):
    place = workplace(host(), extra="    baseline: {last_snapshot: true}\n")
    fates = (("1.0.0", OLD, "not_routed"), ("1.1.0", NEW, "refused"), ("1.2.0", NEW, "rolled_back"))
    for version, served, outcome in fates:
        case = announced(place, host(openapi=served), version)
        case.ask("openapi_schema", capture_candidate, checks=CANDIDATE_CHECKS)
        verdict = "rejected" if outcome == "refused" else "accepted"
        place.registry.decide(case.deployment.id, verdict=verdict, decided_by="", because="")
        place.registry.end(case.deployment.id, outcome)
    _, baseline, diff = asked(place, host(openapi=NEW))
    assert baseline.facts["baseline_from"] == "last_snapshot"
    assert baseline.summary.startswith("observed: 1.0.0, not asked of production: what the version served")
    assert diff.outcome is Outcome.FAIL


def test_as_long_as_nothing_is_recorded_production_is_asked(workplace, host):
    place = workplace(host(openapi=OLD), extra="    baseline: {last_snapshot: true}\n")
    _, baseline, diff = asked(place, host(openapi=NEW))
    assert (baseline.outcome, baseline.facts["baseline_from"]) == (Outcome.PASS, "served")
    assert diff.outcome is Outcome.FAIL


def test_a_production_without_document_and_record_is_no_first_deployment(workplace, host):
    place = workplace(host(), extra="    baseline: {last_snapshot: true}\n")
    case, baseline, diff = asked(place, host(openapi=NEW))
    assert (baseline.outcome, diff.outcome) == (Outcome.ERROR, Outcome.NO_DATA)
    assert "nothing is recorded of production yet" in baseline.summary
    assert "baseline: {file: …}" in baseline.hint
    assert decide(case).verdict == "rejected"


def test_where_nothing_ever_answered_it_is_a_first_deployment(workplace, host):
    place = workplace(NOWHERE, extra="    baseline: {last_snapshot: true}\n")
    _, baseline, diff = asked(place, host(openapi=NEW))
    assert (baseline.outcome, diff.outcome) == (Outcome.NOT_APPLICABLE, Outcome.NOT_APPLICABLE)


def test_a_file_says_nothing_of_who_serves_where_nobody_answers(workplace, host, tmp_path):
    (tmp_path / "api.json").write_text(json.dumps(OLD))
    place = workplace(NOWHERE, extra="    baseline: {file: api.json}\n")
    asked(place, host(openapi=NEW))
    assert place.registry.serving(SERVICE) is None


@pytest.mark.parametrize(
    ("baseline", "said"),
    [
        ("{file: gone.json}", "there is no such file"),
        ("{file: broken.json}", "broken.json"),
        ("{file: link.json}", "leads out of the folder"),
        ("{file: outside.json}", "leaves the folder"),
        ("{git: no-such-tag:api.json}", "no-such-tag"),
        ("{git: live:gone.json}", "gone.json"),
    ],
)
def test_what_cannot_be_read_is_an_error_never_a_pass(workplace, host, tmp_path, baseline, said):
    committed(tmp_path, OLD, "live")
    (tmp_path / "broken.json").write_text('{"openapi": "3.1.0", ')
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere.json"
    elsewhere.write_text(json.dumps(OLD))
    (tmp_path / "link.json").symlink_to(elsewhere)
    outside = {**OLD, "components": {"schemas": {"X": {"$ref": f"../{elsewhere.name}#/info"}}}}
    (tmp_path / "outside.json").write_text(json.dumps(outside))
    place = workplace(host(), extra=f"    baseline: {baseline}\n")
    case, found, diff = asked(place, host(openapi=NEW))
    assert (found.outcome, diff.outcome) == (Outcome.ERROR, Outcome.NO_DATA)
    assert said in found.summary
    assert decide(case).verdict == "rejected"


def test_production_is_held_to_the_document_it_does_not_serve(workplace, host, tmp_path):
    (tmp_path / "api.json").write_text(json.dumps(OLD))
    place = workplace(host(orders={}, prices=["not an object"]), extra="    baseline: {file: api.json}\n")
    report = check_production(place, SERVICE)
    served, honours = report.result.checks
    assert served.outcome is Outcome.NOT_APPLICABLE
    assert "held to the file api.json" in served.summary
    assert (honours.outcome, report.result.facts["operations_called"]) == (Outcome.FAIL, 2)
    assert "/prices" in honours.summary
    assert report.digest == "", "nothing was seen to be served"
