"""The suite against a real service: what it lets pass, what it catches, what it leaves behind."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines.contract import Suite, SuiteResult, Trial, coverage, honours, operation_rows, rows, run
from olorin_pipelines.errors import DocumentInvalid, ToolFailed, UsageError
from olorin_pipelines.gate import Outcome

ALL_FAULTS = ("schema", "boundary", "undocumented", "undead", "open")


@pytest.fixture
def test_it(service: Any, document: dict[str, Any], headers: dict[str, str], tmp_path: Path, tables: Path) -> Any:
    def _run(*faults: str, **options: Any) -> SuiteResult:
        service.reset(*faults)
        suite = Suite(**{"stateful_examples": 10, **options})
        data = json.dumps(document).encode()
        return run(
            Trial(
                document=data,
                url=service.url,
                workdir=tmp_path / "run",
                suite=suite,
                headers=headers,
                cache=tables,
            )
        )

    return _run


def sent(service: Any) -> list[tuple[str, str, bytes]]:
    return [(method, path, body) for method, path, _, body in service.requests]


def test_a_clean_service_passes_is_covered_and_gets_the_same_requests_again(test_it: Any, service: Any) -> None:
    first = test_it()
    assert not rows(first)
    verdict = honours(first, name="own_document")
    assert verdict.outcome is Outcome.PASS
    assert verdict.summary.endswith("cases over 4 of 4 operations, no violation")
    assert first.complete
    assert first.exit_code == 0
    assert coverage(first, threshold=1.0).outcome is Outcome.PASS
    assert {row["operation"] for row in operation_rows(first)} == {
        "GET /items",
        "POST /items",
        "GET /items/{item_id}",
        "DELETE /items/{item_id}",
    }
    assert all(path.startswith("/base") for _, path, *_ in service.requests[2:] if path != "/")
    assert all(asked.get("X-Olorin-Synthetic") == "contract-test" for *_, asked, _ in service.requests)
    requests = sent(service)
    assert "cookie" not in {name.lower() for *_, asked, _ in service.requests for name in asked}
    test_it()
    assert sorted(sent(service)) == sorted(requests), "two that change nothing may change places"


def test_every_seeded_fault_is_named(test_it: Any) -> None:
    result = test_it(*ALL_FAULTS)
    found = {(failure.operation, failure.check) for failure in result.failures}
    assert ("GET /items/{item_id}", "response_schema") in found
    assert ("GET /items", "server_error") in found
    assert ("POST /items", "status_documented") in found
    assert ("GET /items", "auth_required") in found
    assert {check for operation, check in found} >= {"use_after_delete"}
    verdict = honours(result, name="own_document")
    assert verdict.outcome is Outcome.FAIL
    assert verdict.facts["violations"] == len(result.failures)
    failure = next(failure for failure in result.failures if failure.check == "server_error")
    assert failure.status == 500
    assert "limit=50" in failure.curl
    assert failure.curl.startswith("curl -X GET ")


def test_only_valid_requests_test_the_old_document(test_it: Any, service: Any, headers: dict[str, str]) -> None:
    assert honours(test_it(mode="positive"), name="old").outcome is Outcome.PASS
    assert service.methods() == {"GET", "POST", "DELETE"}
    broken = test_it("renamed", mode="positive")
    assert honours(broken, name="old").outcome is Outcome.FAIL
    assert {failure.check for failure in broken.failures} == {"response_schema"}
    assert '"name" is a required property' in broken.failures[0].message


def test_secrets_are_nowhere(test_it: Any, tmp_path: Path, secret: str) -> None:
    result = test_it("echo", "schema", include_operations=("GET /items",))
    told = repr(result) + repr(rows(result))
    kept = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert {path.name for path in kept} >= {"contract.ndjson.gz", "openapi.json", "schemathesis.toml"}
    data = [gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes() for p in kept]
    assert secret not in told
    assert not any(secret.encode() in each for each in data)
    bodies = [base64.b64decode(each) for each in re.findall(rb'"\$base64":"([^"]+)"', b"".join(data))]
    assert not any(secret.encode() in body for body in bodies)
    assert any(b"you sent Bearer [Filtered]" in body or b"you sent [Filtered]" in body for body in bodies)
    assert [operation.key for operation in result.operations] == ["GET /items"]


def test_operations_that_were_only_refused_are_not_covered(
    service: Any, document: dict[str, Any], tmp_path: Path, tables: Path
) -> None:
    suite = Suite(mode="positive", phases=("coverage",))
    result = run(
        Trial(document=json.dumps(document).encode(), url=service.url, workdir=tmp_path, suite=suite, cache=tables)
    )
    check = coverage(result, threshold=0.95)
    assert check.outcome is Outcome.FAIL
    assert check.facts["coverage"] == 0.0
    assert "GET /items/{item_id}" in str(check.facts["not_reached"])


def test_nobody_answers(document: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match=r"http://127\.0\.0\.1:1 does not answer") as caught:
        run(Trial(document=json.dumps(document).encode(), url="http://127.0.0.1:1", workdir=tmp_path, suite=Suite()))
    assert caught.value.hint


def test_a_document_that_schemathesis_refuses_is_told(service: Any, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="no usable result"):
        run(Trial(document=b'{"openapi": "3.1.0"}', url=service.url, workdir=tmp_path, suite=Suite()))
    with pytest.raises(DocumentInvalid):
        run(Trial(document=b"[1]", url=service.url, workdir=tmp_path, suite=Suite()))
    with pytest.raises(DocumentInvalid):
        run(Trial(document=b"{", url=service.url, workdir=tmp_path, suite=Suite()))


@pytest.mark.parametrize("name", ["X Bad", "", "X-A\n"])
def test_a_header_that_cannot_be_sent_is_refused(service: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be sent"):
        run(Trial(document=b"{}", url=service.url, workdir=tmp_path, suite=Suite(), headers={name: "x"}))


def test_the_budget_is_kept_and_what_was_seen_so_far_too(test_it: Any) -> None:
    slow = test_it(seconds=0.2)
    assert not slow.complete
    assert slow.stop_reason == "out_of_time"
    assert slow.seconds < 30
    assert honours(slow, name="own").outcome is Outcome.NO_DATA


FAKE = """
import os, subprocess, sys
report = open(sys.argv[sys.argv.index("--report-ndjson-path") + 1], "w")
print("my secret is", os.environ["OLORIN_HEADER_1"])
report.write('{"Initialize":{"schemathesis_version":"9"}}\\n'); report.flush()
%s
"""


def fake(body: str) -> list[str]:
    return [sys.executable, "-c", FAKE % body]


def test_a_tool_that_fails_is_quoted_without_secrets(
    service: Any, tmp_path: Path, headers: dict[str, str], secret: str
) -> None:
    with pytest.raises(ToolFailed, match="ended with 3") as caught:
        run(
            Trial(
                document=b"{}",
                url=service.url,
                workdir=tmp_path,
                suite=Suite(),
                headers=headers,
                program=fake("sys.exit(3)"),
            )
        )
    assert secret not in str(caught.value)
    assert "my secret is" in str(caught.value)


def test_a_program_that_ignores_every_signal_leaves_nothing_behind(
    service: Any, tmp_path: Path, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("olorin_pipelines.contract.process.GRACE", 0.1)
    body = (
        "import signal, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('pids', 'w').write(f'{os.getpid()} {child.pid}')\n"
        "time.sleep(600)"
    )
    result = run(
        Trial(
            document=b"{}",
            url=service.url,
            workdir=tmp_path,
            suite=Suite(seconds=1.5),
            headers=headers,
            program=fake(body),
        )
    )
    assert result.stop_reason == "out_of_time"
    assert result.exit_code == -9
    for pid in (tmp_path / "pids").read_text().split():
        assert gone(int(pid))


def test_an_exception_on_the_way_leaves_nothing_behind(
    service: Any, tmp_path: Path, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()

    def interrupted(*_: object) -> bool:
        started.wait(5)
        raise KeyboardInterrupt

    def noticed(_self: object, _line: bytes) -> None:
        started.set()

    monkeypatch.setattr("olorin_pipelines.contract.process._wait", interrupted)
    monkeypatch.setattr("olorin_pipelines.contract.events.Fold.add", noticed)
    body = (
        "open('pids', 'w').write(str(os.getpid())); report.write('{}\\n'); report.flush(); import time; time.sleep(600)"
    )
    with pytest.raises(KeyboardInterrupt):
        run(
            Trial(document=b"{}", url=service.url, workdir=tmp_path, suite=Suite(), headers=headers, program=fake(body))
        )
    pids = tmp_path / "pids"
    assert not pids.exists() or gone(int(pids.read_text() or "0") or 2**22)


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has reaped yet has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
