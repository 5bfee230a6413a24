"""Services, documents and programs that are broken: the reason is named, it is never a pass, and nothing is left."""

from __future__ import annotations

import gzip
import json
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest

from olorin_pipelines import contract
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.gate import Outcome
from tests.contract.faulty import BUSY, FAULTS, breaking

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
    "too many requests": (Outcome.NO_DATA, "rate limited by the service, which asks to come back in 3,600 s"),
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
    wanted = {Outcome.FAIL} if fault == "no UTF-8" else {Outcome.ERROR, Outcome.NO_DATA}
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


NODE = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
ENDLESS = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}},
    },
    "responses": ANSWERS,
}


@pytest.mark.slow
def test_a_body_that_must_hold_itself_without_end_was_not_tested(tmp_path: Path) -> None:
    """No valid request can be made: what is sent is invalid, and says nothing of the operation."""
    document = {**DOCUMENT, "components": {"schemas": {"Node": NODE}}, "paths": {"/things": {"post": ENDLESS}}}
    with breaking("hangs", after=10_000) as url:
        outcome, said = ran(tmp_path, url, document=document)
    assert outcome is Outcome.NO_DATA, said
    assert "POST /things (no valid request can be made: its body must contain itself without end)" in said


def with_operations(count: int) -> dict[str, Any]:
    """A document of so many operations that are told alike."""
    get = DOCUMENT["paths"]["/things"]["get"]
    return {**DOCUMENT, "paths": {f"/things{n}": {"get": get} for n in range(count)}}


@pytest.fixture(params=[signal.default_int_handler, signal.SIG_IGN], ids=["", "started in the background"])
def interrupts(request: pytest.FixtureRequest) -> Iterator[None]:
    """What this process does on SIGINT; what it ignores its children ignore too."""
    before = signal.signal(signal.SIGINT, request.param)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.usefixtures("interrupts")
def test_a_service_that_refuses_for_ever_is_left_alone_and_nothing_is_said_of_it(tmp_path: Path) -> None:
    with breaking("too many requests", after=2) as url:
        outcome, said = ran(tmp_path, url, document=with_operations(6), seconds=90.0)
    assert outcome is Outcome.NO_DATA, said
    assert "rate limited by the service, which asks to come back in 3,600 s" in said
    assert "not reached: GET /things0" in said
    assert "no request was sent: the service had asked to be left alone" in said


@pytest.mark.slow
@pytest.mark.parametrize("status", BUSY)
def test_a_service_that_is_busy_for_a_moment_is_waited_for(tmp_path: Path, status: str) -> None:
    """What it refused is sent again: nothing is missing, and a refusal for now is no undocumented status."""
    suite = contract.Suite(seconds=30.0, phases=("coverage",))
    with breaking(status, after=9) as url:
        trial = contract.Trial(document=json.dumps(with_operations(6)).encode(), url=url, workdir=tmp_path, suite=suite)
        result = contract.run(trial)
    assert (result.complete, result.exercised, result.errors) == (True, 6, ())
    assert {each.check for each in result.failures} == {"unsupported_method"}, "this service answers any method"
    said = gzip.decompress(result.report.read_bytes()).decode()
    assert re.search(rf'"status_code": ?{status[:3]}', said), "it did refuse"


@pytest.mark.parametrize("status", BUSY)
def test_the_probe_waits_for_a_service_that_is_busy_for_a_moment(status: str) -> None:
    with breaking(status, after=1) as url:
        result = contract.probe(with_operations(6), url=url)
    assert [row.outcome for row in result.rows] == [Outcome.PASS] * 6


def test_the_probe_leaves_a_service_alone_that_goes_on_to_refuse() -> None:
    waits: list[float] = []
    with breaking("too many requests", after=1) as url:
        result = contract.probe(with_operations(6), url=url, seconds=10_000.0, sleep=waits.append)
    outcomes = [row.outcome for row in result.rows]
    assert outcomes[:2] == [Outcome.PASS, Outcome.NO_DATA]
    assert outcomes[-1] is Outcome.NOT_RUN
    assert "rate limited by the service: it was left alone after 10 refusals" in result.rows[-1].detail
    assert set(waits) == {3600.0}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "stopped", "seconds"),
    [("dies in the middle", "the service stopped answering", 60.0), ("hangs", "its time was up", 25.0)],
)
def test_a_run_that_is_cut_short_says_what_was_reached_and_what_was_not(
    tmp_path: Path, fault: str, stopped: str, seconds: float
) -> None:
    suite = contract.Suite(seconds=seconds, request_timeout=4.0, phases=("coverage",), after_requests=0)
    with breaking(fault, after=30) as url:
        trial = contract.Trial(
            document=json.dumps(with_operations(20)).encode(), url=url, workdir=tmp_path, suite=suite
        )
        result = contract.run(trial)
    assert not result.complete
    said = contract.honours(result, name="honours").summary
    assert stopped in said
    assert re.search(r"over \d of 20 operations|no request was sent \(its time was up\)", said), said
    reached = contract.coverage(result, threshold=0.95)
    assert "GET /things19 (no request was sent: the " in str(reached.facts["not_reached"])
    reasons = {each.why for each in result.operations if not each.exercised}
    assert "" not in reasons
    assert not [why for why in reasons if why == "no request was sent"], "and why not"
