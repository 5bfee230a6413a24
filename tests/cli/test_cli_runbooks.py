"""The runbooks for a rejected deployment and for a breaking change: their commands are run as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines.config import load_config
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.decide import decide
from olorin_pipelines.pipeline.release import release
from olorin_pipelines.pipeline.verify import QUESTIONS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"
SERVICE = "investigations"
OLD, NEW = "/api/v1/investigations/{id}", "/api/v2/investigations/{id}"
CODE = """\
import type { paths } from "./api/schema";

type Found = paths["%s"]["get"]["responses"]["200"]["content"]["application/json"];
export const worst = (found: Found): boolean => found.%s > 70;
"""
CONFIG = """\
services:
  investigations:
    environments:
      production: {{ url: "{production}" }}
      canary: {{ url: "{canary}", isolated_data: true }}
    consumers: [{{ name: front, path: ../front }}]
    policy: {{ approvals: api-policy.yaml, contract_seconds: 30 }}
"""


def operation(*properties: str, **more: Any) -> dict[str, Any]:
    """An operation that answers with an object of these numbers."""
    shape = {"type": "object", "properties": {name: {"type": "number"} for name in properties}}
    content = {"application/json": {"schema": {**shape, "required": list(properties)}}}
    own = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}, "example": "one"}
    answers = {"200": {"description": "found", "content": content}, "400": {"description": "not an id"}}
    return {"get": {"parameters": [own], "responses": answers, **more}}


def document(version: str, **paths: Any) -> dict[str, Any]:
    where = {"old": OLD, "new": NEW}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Investigations", "version": version},
        "paths": {where[name]: one for name, one in paths.items()},
    }


BEFORE = document("2.0.0", old=operation("id", "risk_score"))
LOST = document("3.0.0", old=operation("id"))
BOTH = document("2.1.0", old=operation("id", "risk_score"), new=operation("id", "risk"))


def ending(day: str) -> dict[str, Any]:
    old = operation("id", "risk_score", deprecated=True, **{"x-sunset": day})
    return document("2.2.0", old=old, new=operation("id", "risk"))


AFTER = document("3.0.0", new=operation("id", "risk"))


class Host:
    """A service that serves a document, and answers as it says."""

    def __init__(self, served: dict[str, Any]) -> None:
        self.served = served
        host = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                known = host.answer(self.path)
                body = json.dumps(known).encode()
                self.send_response(404 if known is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, path: str) -> Any:
        if path == "/openapi.json":
            return self.served
        for template, item in self.served["paths"].items():
            if path.startswith(template.removesuffix("{id}")):
                content = item["get"]["responses"]["200"]["content"]["application/json"]
                return dict.fromkeys(content["schema"]["properties"], 50)
        return None


class World:
    """A repository with a service, its front end beside it, and what runs in production and as canary."""

    def __init__(self, folder: Path) -> None:
        self.repository, self.front = folder / "repository", folder / "front"
        self.repository.mkdir()
        self.production, self.canary = Host(BEFORE), Host(LOST)
        urls = {"production": self.production.url, "canary": self.canary.url}
        (self.repository / "olorin.yaml").write_text(CONFIG.format(**urls))
        (self.repository / "api-policy.yaml").write_text("approvals: []\n")
        (self.front / "src" / "api").mkdir(parents=True)
        options = {"strict": True, "module": "esnext", "moduleResolution": "bundler", "lib": ["es2022"]}
        (self.front / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["src"]}))
        (self.front / "src" / "api" / "schema.d.ts").write_text("export interface paths {}\n")
        self.calls(OLD, "risk_score")
        subprocess.run(["git", "init", "-q", "--bare", str(folder / "origin.git")], check=True)
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", str(folder / "origin.git"))
        self.merged(BEFORE)

    def calls(self, path: str, property_: str) -> None:
        (self.front / "src" / "index.ts").write_text(CODE % (path, property_))

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=self.repository, check=True, capture_output=True)

    def changed(self, content: dict[str, Any]) -> None:
        (self.repository / "openapi.json").write_text(json.dumps(content, indent=1))

    def merged(self, content: dict[str, Any]) -> None:
        self.changed(content)
        self.git("add", "openapi.json")
        self.git("commit", "-q", "-m", content["info"]["version"])
        self.git("push", "-q", "origin", "main")

    @property
    def place(self) -> Workplace:
        return Workplace(load_config(self.repository / "olorin.yaml", environ={}))

    def judged(self) -> tuple[str, str]:
        """Work on the deployment that was announced last, as its run does; returns its id and verdict."""
        place = self.place
        case = place.case(place.registry.deployments(SERVICE, limit=1)[0].id)
        for gate, (question, checks) in QUESTIONS.items():
            case.ask(gate, question, checks=checks)
        verdict = decide(case).verdict.value
        report = release(case)
        if report.outcome == "refused":
            place.registry.end(case.deployment.id, report.outcome)  # as the asset `rollback` does, having moved nothing
        place.registry.close()
        return case.deployment.id, verdict

    def run(self, line: str, **places: str) -> str:
        """Run a line of a page as a shell does, and expect the exit code that it names; returns what was said."""
        for name, value in places.items():
            line = line.replace(name, value)
        expected = re.search(r"# exit code (\d)", line)
        program = f"{sys.executable} -m olorin_pipelines"
        command = re.sub(r"(?:(?<=^)|(?<= ))olorin(?= )", program, line, count=1)
        env = {name: value for name, value in os.environ.items() if name != "OLORIN_CONFIG"}
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.repository,
            env={**env, "HOME": str(self.repository.parent)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == (int(expected[1]) if expected else 0), (line, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def close(self) -> None:
        for host in (self.production, self.canary):
            host.server.shutdown()
            host.server.server_close()


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def lines(page: str, language: str = "sh") -> list[str]:
    text = (RUNBOOKS / page).read_text(encoding="utf-8")
    blocks = re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return blocks if language != "sh" else [line for block in blocks for line in block.splitlines()]


def test_the_runbook_for_a_rejected_deployment_leads_to_the_cause_and_out(world):
    world.changed(LOST)
    world.place.registry.announce(SERVICE, environment="canary", version="3.0.0", url=world.canary.url)
    rejected, verdict = world.judged()
    assert verdict == "rejected"
    status, record, explain, check, approved, deploy, warn = lines("rejected.md")
    assert "schema_diff" in world.run(status)
    said = world.run(record, DEPLOYMENT_ID=rejected)
    rule = re.search(r"explain (\S+)", explain)[1]
    assert f"[{rule}]" in said
    assert "consumer" in world.run(explain)
    assert f"[{rule}]" in world.run(check)
    (policy,) = lines("rejected.md", "yaml")
    (world.repository / "api-policy.yaml").write_text(re.sub(r"expires: .*", "expires: 2999-01-01", policy))
    world.calls(OLD, "id")  # nobody is hurt
    assert "agreed with everybody" in world.run(approved)
    world.run(deploy, **{"http://127.0.0.1:8002": world.canary.url})
    again, verdict = world.judged()
    assert (again != rejected, verdict) == (True, "accepted")
    (world.repository / "api-policy.yaml").write_text("approvals: []\n")
    assert "would be rejected" in world.run(warn)


def test_the_runbook_for_a_breaking_change_leads_through_without_a_break(world):
    who, beside, ending_soon, explain, verify, may, removal, verify_again, may_now = lines("api-migration.md")
    world.changed(AFTER)
    assert "src/index.ts:3" in world.run(who)
    world.changed(BOTH)
    assert "accepted" in world.run(beside)
    world.merged(BOTH)
    world.changed(ending("2999-06-30"))
    assert "accepted" in world.run(ending_soon)
    world.merged(ending("2999-06-30"))
    assert "deprecate it first" in world.run(explain)
    world.production.served, world.canary.served = ending("2999-06-30"), AFTER
    world.run(verify)
    assert "front" in world.run(may)
    world.calls(NEW, "risk")
    world.merged(ending("2026-01-31"))  # its day came
    world.production.served = ending("2026-01-31")
    world.changed(AFTER)
    assert "accepted" in world.run(removal)
    world.run(verify_again)
    assert "yes" in world.run(may_now)
