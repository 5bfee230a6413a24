"""The action's own steps judge four pull requests of a real repository: exit code, comment, SARIF, coverage."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from tests.ci.steps import Ran, run_action

ROOT = Path(__file__).parents[2]
LABEL = "api-break-intended"
SERVER = """
import json, pathlib
from fastapi import FastAPI, Response
from pydantic import BaseModel

class Pet(BaseModel):
    name: str
{extra}

app = FastAPI(title="pets", version="{version}")

@app.get("/pets", response_model=list[Pet]{declared})
def pets():
    return {answer}
"""
HEADS = {
    "harmless": {"version": "1.1.0", "extra": "    age: int | None = None", "answer": '[{"name": "Rex"}]'},
    "breaking": {"version": "2.0.0", "extra": "    chip: str | None = None", "answer": "[{}]", "drop": True},
    "lying": {"version": "1.0.1", "extra": "", "answer": "Response('[{\"name\": 7}]', media_type='application/json')"},
}
APPROVAL = """\
approvals:
  - { id: response-property-became-optional, location: "GET /pets", reason: agreed with all, expires: 2999-01-01 }
"""


class GitHub:
    """The part of GitHub's REST API that a comment needs; `forbid` makes it refuse to write, as to a fork."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.forbid = False
        self.url = ""


@pytest.fixture
def github() -> Iterator[GitHub]:
    known = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def _answer(self, status: int, data: Any) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            assert self.headers["Authorization"] == "Bearer t0ken"
            assert self.path.startswith("/repos/shop/pets/issues/7/comments?")
            self._answer(200, known.comments)

        def do_POST(self) -> None:
            text = json.loads(self.rfile.read(int(self.headers["content-length"])))["body"]
            if known.forbid:
                self._answer(403, {"message": "Resource not accessible by integration"})
                return
            known.comments.append({"id": len(known.comments) + 1, "body": text, "html_url": "http://comment"})
            self._answer(201, known.comments[-1])

        def do_PATCH(self) -> None:
            text = json.loads(self.rfile.read(int(self.headers["content-length"])))["body"]
            known.comments[int(self.path.rpartition("/")[2]) - 1]["body"] = text
            self._answer(200, {"html_url": "http://comment"})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield known
    server.shutdown()
    server.server_close()


def _source(version: str, extra: str, answer: str, *, drop: bool = False) -> str:
    text = SERVER.format(version=version, extra=extra, answer=answer, declared="")
    return text.replace("    name: str", '    name: str = ""') if drop else text


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A repository of a FastAPI service, whose document is committed; each head is a branch."""
    folder: Path = tmp_path_factory.mktemp("written")

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    def commit(source: str, message: str) -> None:
        (folder / "shop.py").write_text(source)
        tell = "import json, shop; print(json.dumps(shop.app.openapi(), indent=1))"
        done = subprocess.run([sys.executable, "-c", tell], cwd=folder, check=True, capture_output=True, text=True)
        (folder / "openapi.json").write_text(done.stdout)
        git("add", "-A")
        git("commit", "-q", "-m", message)

    git("init", "-q")
    commit(_source("1.0.0", "", '[{"name": "Rex"}]'), "base")
    for name, given in HEADS.items():
        git("checkout", "-q", "-b", name, "main")
        commit(_source(**given), name)  # type: ignore[arg-type]
    git("checkout", "-q", "-b", "approved", "breaking")
    (folder / "policy.yaml").write_text(APPROVAL)
    git("add", "-A")
    git("commit", "-q", "-m", "approved")
    return folder


@pytest.fixture
def repository(written, tmp_path) -> Path:
    """A copy of the repository that the test may change."""
    return Path(shutil.copytree(written, tmp_path / "repository"))


def judge(repository: Path, github: GitHub, head: str, *, labels: tuple[str, ...] = (), **inputs: str) -> Ran:
    """Check the head out and run the action on it."""
    subprocess.run(["git", "checkout", "-q", head], cwd=repository, check=True)
    temp = repository.parent / f"temp-{head}-{len(github.comments)}"
    (temp / "olorin-venv").mkdir(parents=True)
    (temp / "olorin-venv" / "bin").symlink_to(Path(sys.executable).parent)
    event = {"pull_request": {"number": 7, "labels": [{"name": name} for name in labels], "head": {"repo": {}}}}
    return run_action(
        ROOT / "action.yml",
        inputs={"base": "main:openapi.json", "head": "openapi.json", "budget": "60s", "skip": "consumer_compatibility",
                **inputs},
        event=event,
        cwd=repository,
        temp=temp,
        env={"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": "shop/pets"},
    )  # fmt: skip


def report_of(ran: Ran, name: str) -> str:
    outputs: Any = ran.outputs["judge"]["outputs"]
    return (Path(outputs["report"]) / name).read_text(encoding="utf-8")


def test_a_breaking_change_blocks_the_merge_and_updates_the_one_comment(repository, github):
    github.comments.append({"id": 1, "body": "what somebody said"})
    ran = judge(repository, github, "breaking")
    assert ran.code == 1, ran.said
    text = github.comments[1]["body"]
    assert text.startswith("<!-- olorin check: pets -->\n## ❌ API contract of pets")
    assert "`response-property-became-optional`" in text
    assert ran.summary == text
    assert ran.used == ["actions/setup-python", "github/codeql-action/upload-sarif"]
    (result,) = [one for one in json.loads(report_of(ran, "report.sarif"))["runs"][0]["results"] if
                 one["level"] == "error"]  # fmt: skip
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "openapi.json"
    assert place["region"]["startLine"] > 1
    suites = fromstring(report_of(ran, "junit.xml"))  # noqa: S314 - our own
    assert sum(int(suite.get("failures", 0)) for suite in suites) >= 1

    again = judge(repository, github, "harmless")
    assert again.code == 0, again.said
    assert len(github.comments) == 2, "the comment is updated, not written again"
    assert github.comments[1]["body"].startswith("<!-- olorin check: pets -->\n## ✅")
    assert github.comments[0]["body"] == "what somebody said"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"policy": "policy.yaml"}, "agreed with all"),
        ({"labels": (LABEL,)}, f"label {LABEL}"),
    ],
)
def test_an_approval_in_the_repository_or_a_label_lets_an_intended_break_through_and_says_so(
    repository, github, options, said
):
    ran = judge(repository, github, "approved", **options)
    assert ran.code == 0, ran.said
    assert said in github.comments[0]["body"].replace("&#45;", "-")


@pytest.mark.slow
def test_another_label_does_not(repository, github):
    assert judge(repository, github, "breaking", labels=("documentation",)).code == 1


@pytest.mark.slow
def test_a_server_that_lies_is_found_by_the_tests_though_its_document_is_fine(repository, github):
    ran = judge(repository, github, "lying", app="shop:app", skip="generated_types\nconsumer_compatibility")
    assert ran.code == 1, ran.said
    text = github.comments[0]["body"]
    assert "100% of operations tested" in text
    assert "`response_schema`" in text
    assert "`GET /pets`" in text
    runs = json.loads(report_of(ran, "report.sarif"))["runs"]
    assert {result["ruleId"] for result in runs[1]["results"]} >= {"response_schema"}
    data = json.loads(report_of(ran, "report.json"))
    assert (data["verdict"], data["decided_by"], data["coverage"]) == ("rejected", "contract_tests", 1.0)


@pytest.mark.slow
def test_a_fork_gets_no_comment_and_the_same_verdict(repository, github):
    github.forbid = True
    ran = judge(repository, github, "breaking", skip="generated_types\nconsumer_compatibility")
    assert ran.code == 1
    assert "::notice title=Olorin::" in ran.said
    assert "response-property-became-optional" in ran.summary


def test_a_document_that_is_not_there_is_a_fault_of_the_workflow(repository, github):
    ran = judge(repository, github, "harmless", base="main:nowhere.json")
    assert ran.code == 2
    assert "nowhere.json" in ran.said
    assert github.comments == []
