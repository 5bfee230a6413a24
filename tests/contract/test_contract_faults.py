"""Services, documents and programs that are broken: the reason is named, it is never a pass, and nothing is left."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from olorin_pipelines import contract
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.gate import Outcome
from tests.contract.faulty import FAULTS, breaking

ANSWERS = {
    "200": {
        "description": "",
        "content": {
            "application/json": {
                "schema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
            }
        },
    }
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/things": {
            "get": {
                "parameters": [{"name": "n", "in": "query", "schema": {"type": "string"}}],
                "responses": ANSWERS,
            }
        }
    },
}
SECONDS = 20.0


def probed(url: str) -> tuple[Outcome, str]:
    check = contract.production_honours(contract.probe(DOCUMENT, url=url, timeout=1.0))
    return check.outcome, check.summary


def ran(folder: Path, url: str, *, document: Any = None, program: Sequence[str] | None = None, seconds: float = 20.0):
    """Run the suite as the gate does: what it raises is the gate's ERROR."""
    began = time.monotonic()
    suite = contract.Suite(seconds=seconds, request_timeout=1.0, phases=("coverage",), after_requests=50)
    data = json.dumps(document or DOCUMENT).encode()
    try:
        result = contract.run(contract.Trial(document=data, url=url, workdir=folder, suite=suite, program=program))
        check = contract.honours(result, name="honours")
        outcome, said = check.outcome, check.summary
    except OlorinError as error:
        outcome, said = Outcome.ERROR, error.message
    assert time.monotonic() - began < seconds + 15, "the budget, and what ending a program takes"
    left = [command_of(child) for child in psutil.Process().children(recursive=True) if child.name() != "envoy"]
    assert not [command for command in left if "schemathesis" in command or str(folder) in command]
    return outcome, said


def command_of(child: psutil.Process) -> str:
    """Its command line; empty for one that has ended and was not waited for yet, such as another test's Node."""
    try:
        return " ".join(child.cmdline())
    except (psutil.ZombieProcess, psutil.NoSuchProcess):
        return ""


PROBED = {
    "dies in the middle": (Outcome.ERROR, "no answer"),
    "hangs": (Outcome.ERROR, "no answer"),
    "too many requests": (Outcome.NO_DATA, "too many requests"),
    "a body of 100 MB": (Outcome.NO_DATA, "over 1,048,576 bytes"),
    "no UTF-8": (Outcome.FAIL, "not JSON"),
    "a redirect loop": (Outcome.FAIL, "status 302 is not documented"),
    "closes in the middle of an answer": (Outcome.ERROR, "no answer"),
    "closes without an answer": (Outcome.ERROR, "no answer"),
    "no HTTP": (Outcome.ERROR, "no answer"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_probe_names_what_is_wrong(fault: str) -> None:
    with breaking(fault, after=0) as url:
        outcome, said = probed(url)
    assert outcome is PROBED[fault][0], said
    assert PROBED[fault][1] in said


@pytest.mark.parametrize(("scheme", "said"), [("https", "no answer"), ("http", "no answer")])
def test_the_probe_of_the_wrong_protocol_and_of_nothing(scheme: str, said: str) -> None:
    with breaking("hangs", after=100) as url:
        where = url.replace("http://", "https://") if scheme == "https" else "http://127.0.0.1:1"
        outcome, found = probed(where)
    assert outcome is Outcome.ERROR
    assert said in found


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_suite_that_a_service_breaks_under_never_passes(tmp_path: Path, fault: str) -> None:
    """What arrives and breaks the document is a FAIL; what does not arrive, ERROR or NO_DATA."""
    with breaking(fault, after=2) as url:
        outcome, said = ran(tmp_path, url, seconds=SECONDS)
    wanted = {Outcome.FAIL} if fault in ("too many requests", "no UTF-8") else {Outcome.ERROR, Outcome.NO_DATA}
    if fault == "a body of 100 MB":  # a FAIL where all of it came within the time: it is no JSON
        wanted = {Outcome.FAIL, Outcome.NO_DATA, Outcome.ERROR}
    assert outcome in wanted, said
    assert said


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https-at-http", "hangs"])
def test_a_service_that_is_not_there_is_told_before_anything_is_started(tmp_path: Path, url: str) -> None:
    with breaking("hangs", after=0) as broken:
        where = {"https-at-http": broken.replace("http://", "https://"), "hangs": broken}.get(url, url)
        outcome, said = ran(tmp_path, where)
    assert outcome is Outcome.ERROR
    assert "does not answer" in said


PROGRAMS = {
    "it crashes": "import sys; sys.stderr.write('Traceback: on purpose'); sys.exit(3)",
    "it says nothing": "pass",
    "it prints rubbish": "import sys; [print('rubbish' * 50) for _ in range(1000)]; "
    "open(sys.argv[sys.argv.index('--report-ndjson-path') + 1], 'wb').write(b'rubbish\\xff\\n{}\\n[1]\\n')",
    "it is killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "it hangs": "import time; time.sleep(300)",
    "it hangs and will not end": "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (2, 15)]; "
    "time.sleep(300)",
    "it leaves a child": "import subprocess, sys; "
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])",
}


@pytest.mark.parametrize("fault", PROGRAMS)
def test_a_program_that_breaks_in_the_place_of_schemathesis(
    tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("olorin_pipelines.contract.process.GRACE", 0.3)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with breaking("hangs", after=1_000) as url:
        outcome, said = ran(tmp_path, url, program=[sys.executable, "-c", PROGRAMS[fault]], seconds=1.0)
    assert outcome in (Outcome.ERROR, Outcome.NO_DATA), said
    assert said
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    assert not [child for child in left if "time.sleep(300)" in command_of(child)]


DOCUMENTS: dict[str, dict[str, Any]] = {
    "no operations": {**DOCUMENT, "paths": {}},
    "a reference to nothing": {
        **DOCUMENT,
        "paths": {"/things": {"get": {"responses": {"200": {"$ref": "#/components/responses/None"}}}}},
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_that_cannot_be_tested_never_passes(tmp_path: Path, document: str) -> None:
    with breaking("hangs", after=1_000) as url:
        outcome, said = ran(tmp_path, url, document=DOCUMENTS[document])
    assert outcome in (Outcome.ERROR, Outcome.NO_DATA), said
    assert said


@pytest.mark.slow
def test_a_body_that_may_hold_itself_comes_to_an_end(tmp_path: Path) -> None:
    """The service takes whatever is sent: that a name of the wrong type is taken is what there is to be found."""
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}, "n": {"type": "integer"}}}
    media = {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}
    operation = {"requestBody": {"required": True, "content": media}, "responses": ANSWERS}
    document = {**DOCUMENT, "components": {"schemas": {"Node": node}}, "paths": {"/things": {"post": operation}}}
    with breaking("hangs", after=10_000) as url:
        outcome, said = ran(tmp_path, url, document=document)
    assert outcome is Outcome.FAIL, said
