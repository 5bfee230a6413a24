"""How long does the contract gate take, how fast is a replay, and how does it compare with plain Schemathesis?

The example service and a generated one of sixty operations, each in a process of its own on loopback. The peer is
`schemathesis run` with the same phases and numbers of examples, in the same minutes: told to go on after a failure, as
ours does, and once more with its default, where it stops at the first failure of an operation and sends fewer cases.
The first is the fair comparison: its limits hold with no fewer cases than it. Seconds of the processor, ours and those
of the service, say what a replay costs where the machine is not at rest.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.sixty import create_app
from olorin_pipelines import contract, openapi
from olorin_pipelines.contract import Corpora, SuiteResult

__all__ = ["LIMITS", "measure"]

LIMITS = {
    "cold_s": 45.0,
    "changed_s": 8.0,
    "replay_s": 5.0,
    "ratio_cold": 1.1,
    "ratio_replay": 0.2,
    "peak_mib": 400.0,
}
FEWEST_PER_SECOND = 1_200.0
SUITE = contract.Suite(seconds=120)
Say = Callable[[str], None]


def measure(*, runs: int, say: Say) -> dict[str, Any]:
    """Return the figures of both services, the limits of the one of sixty operations, and which of them are missed."""
    with tempfile.TemporaryDirectory(prefix="olorin-bench-") as folder:
        place = Path(folder)
        sixty = _sixty(place / "sixty", runs, say)
        example = _example(place / "example", say)
    missed = [name for name, limit in LIMITS.items() if sixty[name] > limit]
    missed += ["replay_per_second"] if sixty["replay_per_second"] < FEWEST_PER_SECOND else []
    missed += ["fewer cases than the peer"] if min(sixty["cases"], sixty["replay_cases"]) < sixty["peer_cases"] else []
    return {
        "sixty": sixty,
        "example": example,
        "limits": {**LIMITS, "replay_per_second": FEWEST_PER_SECOND},
        "missed": missed,
    }


def _sixty(place: Path, runs: int, say: Say) -> dict[str, Any]:
    old = openapi.parse(json.dumps(create_app().openapi()).encode(), source="bench").canonical
    new = openapi.parse(json.dumps(create_app(changed=True).openapi()).encode(), source="bench").canonical
    figures: dict[str, Any] = {}
    with _served("bench.sixty") as url:
        _warm(place, old, url)
        figures["peer_s"], figures["peer_cases"], figures["peer_cpu_s"] = _peer(place, old, url, say, whole=True)
    with _served("bench.sixty") as url:
        figures["peer_default_s"], figures["peer_default_cases"], _ = _peer(place, old, url, say, whole=False)
    with _served("bench.sixty") as url, _watched() as peak:
        cold = _conducted(place, old, url, say=say, what="cold").result
    figures |= {"cold_s": cold.seconds, "cases": cold.cases, "cold_peak_mib": peak[0], **_judge_share(cold, old)}
    replays: list[SuiteResult] = []
    with _served("bench.sixty") as url, _watched() as replay_peak:
        before = _processor(os.getpid()), _processor(*_children(os.getpid()))
        replays += [_conducted(place, old, url, say=say, what="replay").result for _ in range(runs)]
        took = _processor(os.getpid()) - before[0], _processor(*_children(os.getpid())) - before[1]
    middle = sorted(replays, key=lambda each: each.seconds)[len(replays) // 2]
    figures |= {
        "replay_cpu_s": round(took[0] / runs, 3),
        "replay_service_cpu_s": round(took[1] / runs, 3),
        "replay_s": middle.seconds,
        "replay_cases": middle.cases,
        "replay_per_second": statistics.median(each.requests_per_second for each in replays),
        "replay_way": middle.way,
    }
    with _served("bench.sixty", "changed") as url, _watched() as changed_peak:
        changed = _conducted(place, new, url, old=old, say=say, what="changed").result
    memory = max(peak[0], replay_peak[0], changed_peak[0])
    say(f"memory: {memory:.0f} MiB at most, of all processes but the service")
    return figures | {
        "changed_s": changed.seconds,
        "changed_way": changed.way,
        "changed_first": len(changed.first),
        "changed_replayed": changed.replayed,
        "compared_with": "peer_s: told to go on after failures, as ours; peer_default_s sends fewer cases",
        "ratio_cold": round(cold.seconds / figures["peer_s"], 3),
        "ratio_cold_to_default": round(cold.seconds / figures["peer_default_s"], 3),
        "ratio_replay": round(middle.seconds / figures["peer_s"], 3),
        "ratio_replay_cpu": round(figures["replay_cpu_s"] / figures["peer_cpu_s"], 3),
        "peak_mib": memory,
        "failures": len(cold.failures) + sum(len(each.failures) for each in replays) + len(changed.failures),
        "coverage": cold.coverage,
    }


def _example(place: Path, say: Say) -> dict[str, Any]:
    """The example service: its gate cold and replayed."""
    made = subprocess.run(
        [sys.executable, "-m", "examples.olorin.server.token"], capture_output=True, text=True, check=True
    )
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    with _served("examples.olorin.server") as url:
        document = openapi.load(f"{url}/openapi.json").canonical
        cold = _conducted(place, document, url, headers=headers, say=say, what="example, cold").result
        again = _conducted(place, document, url, headers=headers, say=say, what="example, replay").result
    return {
        "operations": cold.total,
        "cold_s": cold.seconds,
        "cases": cold.cases,
        "replay_s": again.seconds,
        "replay_cases": again.cases,
        "replay_way": again.way,
    }


def _conducted(
    place: Path,
    document: bytes,
    url: str,
    *,
    say: Say,
    what: str,
    headers: dict[str, str] | None = None,
    old: bytes | None = None,
) -> contract.Conducted:
    trial = contract.Trial(
        document=document, url=url, workdir=place / "run", suite=SUITE, cache=place / "cache", headers=headers or {}
    )
    done = contract.conduct(trial, Corpora(place / "corpora"), old=old)
    result = done.result
    say(f"{what}: {result.seconds:.1f} s, {result.cases:,} cases, by {result.way}")
    return done


def _warm(place: Path, document: bytes, url: str) -> None:
    """Build the character tables that are built once in a machine's life, for both."""
    suite = contract.Suite(seconds=60, phases=("coverage",), include_operations=("POST /accounts",), after_requests=0)
    contract.run(contract.Trial(document=document, url=url, workdir=place / "warm", suite=suite, cache=place / "cache"))


def _peer(place: Path, document: bytes, url: str, say: Say, *, whole: bool) -> tuple[float, int, float]:
    """Plain Schemathesis with the same phases and numbers; returns seconds, cases and seconds of the processor.

    By its default it stops at the first failure of an operation, and so sends fewer cases; not so when `whole`.
    """
    folder = place / f"peer-{whole}"
    folder.mkdir(parents=True)
    (folder / "openapi.json").write_bytes(document)
    config = folder / "schemathesis.toml"
    config.write_text(
        f"continue-on-failure = {str(whole).lower()}\n[generation]\ndatabase = 'none'\n"
        f"[phases.stateful.generation]\nmax-examples = {SUITE.stateful_examples}\n"
    )
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "--config-file", str(config), "run", "openapi.json", "--url", url, "--no-color"]
    command += ["--phases", ",".join(SUITE.phases), "--seed", "0", "--report-ndjson-path", "cases.ndjson"]
    shutil.copytree(place / "cache", folder / ".hypothesis", dirs_exist_ok=True)
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, "--report", "ndjson"], cwd=folder, capture_output=True, env=os.environ | {"PYTHONHASHSEED": "0"}
    )
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    cases = 0
    with (folder / "cases.ndjson").open("rb") as lines:
        for line in lines:
            finished = json.loads(line).get("ScenarioFinished")
            cases += len(finished["recorder"].get("interactions") or {}) if finished else 0
    say(f"schemathesis run: {seconds:.1f} s, {cases:,} cases, exit {done.returncode}")
    return round(seconds, 3), cases, round(took, 3)


def _judge_share(result: SuiteResult, document: bytes) -> dict[str, float]:
    """What our own judge took of the processor, by folding the report of the run once more."""
    import gzip

    from olorin_pipelines.contract.events import Fold

    fold = Fold(json.loads(document))
    with gzip.open(result.report) as lines:
        kept = lines.readlines()
    started = time.process_time()
    for line in kept:
        fold.add(line)
    fold.end()
    took = time.process_time() - started
    return {"judge_cpu_s": round(took, 3), "judge_share": round(took / result.seconds, 3)}


@contextmanager
def _served(module: str, *arguments: str) -> Iterator[str]:
    """Run a server in a process of its own, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--port", str(port)] if module != "bench.sixty" else [str(port), *arguments]
    process = subprocess.Popen(
        [sys.executable, "-m", module, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 30
        while True:
            try:
                httpx.get(f"{url}/openapi.json", trust_env=False)
                break
            except httpx.HTTPError:
                if time.monotonic() > until or process.poll() is not None:
                    raise
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def _watched() -> Iterator[list[float]]:
    """Look at the memory (MiB, resident) of this process and all it starts, but the server; the most is what counts."""
    most, ended = [0.0], threading.Event()
    servers = set(_children(os.getpid()))

    def watch() -> None:
        while not ended.wait(0.05):
            tree = [os.getpid(), *_below(os.getpid(), leaving=servers)]
            most[0] = max(most[0], round(sum(map(_resident, tree)), 1))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def _processor(*pids: int) -> float:
    """Seconds of the processor that processes have taken."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _below(pid: int, *, leaving: set[int]) -> Iterator[int]:
    for child in _children(pid):
        if child not in leaving:
            yield child
            yield from _below(child, leaving=leaving)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0
