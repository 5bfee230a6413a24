"""One Node process lives on: it answers again and again, is started anew when it died, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from olorin_pipelines.errors import ToolFailed, ToolMissing
from olorin_pipelines.typegen import Toolchain, Worker, worker, worker_of
from tests.typegen.conftest import CASES, canonical, eventually


@pytest.fixture
def made(toolchain: Toolchain) -> Iterator[Worker]:
    one = Worker(toolchain)
    yield one
    one.close()


@pytest.fixture
def hanging(toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Worker]:
    """A worker whose script is another one."""

    def make(script: str) -> Worker:
        path = tmp_path / "worker.mjs"
        path.write_text(script)
        monkeypatch.setattr(worker, "_SCRIPT", path)
        return Worker(toolchain)

    return make


def test_one_process_answers_again_and_again(made):
    first = made.ask("types", canonical(CASES), timeout=60)
    pid = made.pid
    assert made.ask("types", canonical(CASES), timeout=60) == {**first, "id": first["id"] + 1}
    assert made.pid == pid


def test_what_was_prepared_is_not_taken_for_an_answer(made):
    made.prepare()
    assert made.ask("types", canonical(CASES), timeout=60)["text"].startswith("/**")


def test_a_project_that_is_prepared_need_not_be_there(made, tmp_path):
    (tmp_path / "tsconfig.json").write_text("{")
    made.prepare([tmp_path / "tsconfig.json", tmp_path / "absent.json"])
    assert made.ask("types", canonical(CASES), timeout=60)["text"].startswith("/**")


def test_threads_get_their_own_answers(made):
    def ask(number: int) -> bool:
        document = {**CASES, "components": {"schemas": {f"Only{number}": {"type": "string"}}}, "paths": {}}
        return f"Only{number}" in made.ask("types", canonical(document), timeout=60)["text"]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(8)))


def test_a_worker_killed_while_idle_is_started_again(made):
    made.ask("types", canonical(CASES), timeout=60)
    pid = made.pid
    os.kill(pid, signal.SIGKILL)
    assert made.ask("types", canonical(CASES), timeout=60)["ok"]
    assert made.pid != pid


def test_a_worker_killed_in_the_middle_is_asked_again(hanging, tmp_path):
    """The first process hangs and is killed; the second answers."""
    one = hanging(f"""
        import {{ existsSync, writeFileSync }} from "node:fs";
        const mark = {json.dumps(str(tmp_path / "mark"))};
        process.stdin.on("data", (data) => {{
          if (existsSync(mark)) process.stdout.write(JSON.stringify({{ id: 2, ok: true, text: "second" }}) + "\\n");
          else writeFileSync(mark, "");
        }});
    """)
    killer = threading.Thread(
        target=lambda: eventually((tmp_path / "mark").exists) and os.kill(one.pid, signal.SIGKILL), daemon=True
    )
    killer.start()
    try:
        assert one.ask("types", b"{}", timeout=30)["text"] == "second"
    finally:
        one.close()


def test_a_worker_that_dies_twice_says_its_last_words(hanging):
    one = hanging("process.stdin.once('data', () => { console.error('out of everything'); process.exit(7); });")
    with pytest.raises(ToolFailed, match=r"died twice.*code 7, out of everything"):
        one.ask("types", b"{}", timeout=30)
    assert one.pid is None


def test_a_worker_that_hangs_is_killed_with_what_it_started(hanging, tmp_path):
    one = hanging(f"""
        import {{ spawn }} from "node:child_process";
        import {{ writeFileSync }} from "node:fs";
        const child = spawn(process.execPath, ["-e", "setInterval(() => {{}}, 1000)"]);
        writeFileSync({json.dumps(str(tmp_path / "pids"))}, `${{process.pid}} ${{child.pid}}`);
        for (;;);
    """)
    with pytest.raises(ToolFailed, match="did not answer within"):
        one.ask("types", b"{}", timeout=4.0)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert eventually(lambda: not any(psutil.pid_exists(pid) for pid in pids))


def test_output_without_end_is_stopped(hanging, monkeypatch):
    monkeypatch.setattr(worker, "MAX_MESSAGE", 1000)
    one = hanging("process.stdin.once('data', () => { for (;;) process.stdout.write('x'.repeat(500)); });")
    with pytest.raises(ToolFailed, match="larger than 1,000 bytes"):
        one.ask("types", b"{}", timeout=30)
    assert one.pid is None


def test_a_document_that_is_too_large_starts_nothing(made, monkeypatch):
    monkeypatch.setattr(worker, "MAX_MESSAGE", 10)
    with pytest.raises(ToolFailed, match="larger than 10 bytes"):
        made.ask("types", canonical(CASES), timeout=60)
    assert made.pid is None


def test_no_node_is_said(tmp_path):
    absent = Worker(Toolchain(node=tmp_path / "node", modules=tmp_path))
    with pytest.raises(ToolMissing, match="Node cannot be started") as caught:
        absent.ask("types", b"{}", timeout=5)
    assert caught.value.hint.startswith("make install")


def test_a_generator_that_breaks_leaves_the_process_alive(made):
    with pytest.raises(worker.GeneratorBroken):
        made.ask("validators", b"{}", timeout=60)
    pid = made.pid
    assert made.ask("types", canonical(CASES), timeout=60)["ok"]
    assert made.pid == pid


def test_it_ends_when_it_was_not_asked_for_a_while_and_starts_again(made, monkeypatch):
    monkeypatch.setattr(worker, "_IDLE_SECONDS", 0.1)
    made.ask("types", canonical(CASES), timeout=60)
    assert eventually(lambda: made.pid is None)
    assert made.ask("types", canonical(CASES), timeout=60)["ok"]


@pytest.mark.parametrize("end", ["exit", "kill"])
def test_it_ends_with_the_process_that_asked(toolchain, end):
    program = f"""
import os, signal, sys
from olorin_pipelines.typegen import find_toolchain, worker_of
worker = worker_of(find_toolchain())
worker.ask("types", {canonical(CASES)!r}, timeout=60)
print(worker.pid, flush=True)
if {end == "kill"}:
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    pid = int(ended.stdout)
    assert eventually(lambda: not psutil.pid_exists(pid))


def test_a_busy_worker_ends_with_its_parent_even_when_a_fork_holds_its_pipes(toolchain, tmp_path):
    """Nothing closes the pipe, and the worker would not look: its second thread sees the parent go."""
    busy = tmp_path / "busy.mjs"
    script = worker._SCRIPT.read_text().replace("for await (const [header", "for (;;);\nfor await (const [header")
    busy.write_text(script)
    program = f"""
import os, signal, threading, time
from pathlib import Path
from olorin_pipelines.typegen import find_toolchain, worker
worker._SCRIPT = Path({str(busy)!r})
one = worker.worker_of(find_toolchain())
one.prepare()
print(one.pid, flush=True)
fork = os.fork()
if fork == 0:
    os.close(1), os.close(2)
    time.sleep(30)
    os._exit(0)
print(fork, flush=True)
time.sleep(1)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    pid, fork = (int(text) for text in ended.stdout.split())
    try:
        assert eventually(lambda: not psutil.pid_exists(pid))
    finally:
        os.kill(fork, signal.SIGKILL)


def test_a_forked_process_starts_a_worker_of_its_own(toolchain):
    program = f"""
import os
from olorin_pipelines.typegen import find_toolchain, worker_of
tools = find_toolchain()
worker_of(tools).ask("types", {canonical(CASES)!r}, timeout=60)
parent = worker_of(tools).pid
if os.fork() == 0:
    worker_of(tools).ask("types", {canonical(CASES)!r}, timeout=60)
    other = worker_of(tools).pid
    worker_of(tools).close()
    os._exit(other == parent)
code = os.waitstatus_to_exitcode(os.wait()[1])
worker_of(tools).ask("types", {canonical(CASES)!r}, timeout=60)
raise SystemExit(code or worker_of(tools).pid != parent)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr


def test_one_worker_serves_a_toolchain(toolchain):
    assert worker_of(toolchain) is worker_of(toolchain)
