"""How does the contract gate do on services that nobody here wrote? chromadb and prefect, from PyPI, on loopback.

    python -m tests.real.services [NAME …] [--json] [--seconds 120] [--valid]

Each is installed in an environment of its own below `var/real`, started twice with the same data (none, or what its
operations are about), gated, replayed, compared with its twin, and ended. Findings are what the service's own document
promises and its answers do not hold: they are printed, and do not fail the run. Exit code 1 when a run came to no
result, 3 when a service did not start.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from olorin_pipelines import contract, openapi
from olorin_pipelines.contract.model import Pinned
from olorin_pipelines.errors import OlorinError
from tests.real import prefect

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "var" / "real"
START_SECONDS = 400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """A service: how it is installed and started. `{port}` and `{home}` are filled in.

    `prepare` makes by its API what its operations are about, and returns the values of their parameters. `left_out`
    are operations that would take away what others are about.
    """

    package: str
    command: tuple[str, ...]
    documents: tuple[str, ...]
    base: str = ""
    env: dict[str, str] = field(default_factory=dict)
    prepare: Callable[[Mapping[str, Any], str], dict[str, dict[str, str]]] | None = None
    left_out: tuple[str, ...] = ()


SERVICES = {
    "chromadb": Real(
        package="chromadb",
        command=("chroma", "run", "--host", "127.0.0.1", "--port", "{port}", "--path", "{home}"),
        documents=("/openapi.json", "/docs/openapi.json"),
        env={"ANONYMIZED_TELEMETRY": "False"},
    ),
    "prefect": Real(
        package="prefect",
        command=("prefect", "server", "start", "--host", "127.0.0.1", "--port", "{port}", "--no-services"),
        documents=("/api/openapi.json", "/openapi.json"),
        base="/api",
        env={"PREFECT_HOME": "{home}", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"},
        prepare=prefect.values_of,
        left_out=tuple(f"POST /{kind}/bulk_delete" for kind in ("deployments", "flow_runs", "flows")),
    ),
}


def main() -> int:
    """Run the gate against each service; see the module."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.real.services", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SERVICES)} (default: all)")
    parser.add_argument("--json", action="store_true", help="print JSON, with every finding")
    parser.add_argument("--seconds", type=float, default=120.0, help="budget of a gate (default: %(default)s)")
    parser.add_argument("--valid", action="store_true", help="valid requests alone: a part of the time")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in SERVICES]:
        parser.error(f"unknown: {unknown[0]}; known are {', '.join(SERVICES)}")
    reports, code = {}, 0
    for name in arguments.names or SERVICES:
        try:
            reports[name] = tried(name, SERVICES[name], seconds=arguments.seconds, valid=arguments.valid)
        except (OlorinError, OSError, subprocess.CalledProcessError) as error:
            _say(f"{name}: {error}")
            reports[name], code = {"error": str(error)}, 3
        else:
            code = code or (0 if reports[name]["gate"]["cases"] else 1)
    said = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "services": reports}
    sys.stdout.write((json.dumps(said, indent=2) if arguments.json else _plain(reports)) + "\n")
    return code


def tried(name: str, real: Real, *, seconds: float, valid: bool = False) -> dict[str, Any]:
    """Install, start twice, gate, replay, compare; everything is ended when this returns."""
    version = installed(name, real)
    place = PLACE / name
    for old in ("candidate", "production", "corpora"):
        shutil.rmtree(place / old, ignore_errors=True)
    values = _prepared(name, real)
    suite = contract.Suite(
        seconds=seconds, enough=0.95, pinned=Pinned(by_operation=values), mode="positive" if valid else "all"
    )
    with running(name, real, "candidate") as url:
        snapshot = _document(real, url)
        _say(f"{name} {version}: {snapshot.operation_count} operations")
        url += real.base
        if real.left_out:
            keys = (each.key for each in openapi.operations(snapshot.document))
            suite = replace(suite, include_operations=tuple(key for key in keys if key not in real.left_out))
            _say(f"{name}: left out are {', '.join(real.left_out)}")
        trial = contract.Trial(
            document=snapshot.canonical,
            url=url,
            workdir=place / "run",
            suite=suite,
            cache=place / "cache",
            progress=_telling(name),
        )
        gate = contract.conduct(trial, contract.Corpora(place / "corpora"))
        _say(f"{name}, gate: {gate.result.cases:,} cases in {gate.result.seconds:.0f} s, {gate.result.stop_reason}")
        with running(name, real, "production") as site:
            other = site + real.base
            again = (
                contract.replay(replace(trial, url=other, workdir=place / "again"), gate.corpus)
                if gate.corpus
                else None
            )
            compared = _compared(gate.corpus, snapshot, url, other)
    return {
        "version": version,
        "operations": snapshot.operation_count,
        "gate": _figures(gate.result),
        "replay": _figures(again) if again else None,
        "twin": compared,
        "findings": _findings(gate.result),
        "not_named_by_the_replay": _unnamed(gate.result, again) if again else None,
    }


def _prepared(name: str, real: Real) -> dict[str, dict[str, str]]:
    """Fill an instance and copy its data, so that the same ids are there in both; returns the values to ask for."""
    if real.prepare is None:
        return {}
    with running(name, real, "candidate") as url:
        values = real.prepare(_document(real, url).document, url + real.base)
    shutil.copytree(PLACE / name / "candidate", PLACE / name / "production")
    _say(f"{name}: what {len(values)} operations are about was made")
    return values


def _findings(result: contract.SuiteResult) -> list[dict[str, str]]:
    return [
        {"operation": each.operation, "check": each.check, "message": each.message, "curl": each.curl[:400]}
        for each in result.failures
    ]


def _unnamed(gate: contract.SuiteResult, again: contract.SuiteResult) -> list[str]:
    """What the gate named and the replay did not."""
    named = {each.fingerprint for each in again.failures}
    return [f"{each.operation} {each.check}" for each in gate.failures if each.fingerprint not in named]


def _telling(name: str) -> Callable[[contract.Progress], None]:
    """Say how far a run is, every half minute of it."""
    told = [0.0]

    def tell(how_far: contract.Progress) -> None:
        if how_far.seconds >= told[0] + 30 or how_far.seconds < told[0]:
            told[0] = how_far.seconds
            asked = f"{how_far.asked} of {how_far.operations} operations"
            _say(f"{name}, {how_far.phase}: {how_far.seconds:.0f} s, {how_far.cases:,} cases, {asked}")

    return tell


def _compared(corpus: contract.Corpus | None, snapshot: openapi.Snapshot, url: str, other: str) -> dict[str, Any]:
    if corpus is None:
        return {"note": "no corpus: the gate came to no end in its time"}
    result = contract.twin(corpus, snapshot.document, candidate=url, production=other, headers={})
    check = contract.behaviour(result, advisory=True)
    return {"outcome": check.outcome.value, "summary": check.summary, "differences": contract.twin_rows(result)}


def _figures(result: contract.SuiteResult) -> dict[str, Any]:
    return {
        "way": result.way,
        "seconds": result.seconds,
        "cases": result.cases,
        "requests_per_second": result.requests_per_second or None,
        "coverage": round(result.coverage, 4),
        "asked": sum(each.cases > 0 for each in result.operations),
        "not_reached": {each.key: each.why for each in result.operations if not each.exercised},
        "ended": result.stop_reason,
        "complete": result.complete,
        "violations": len(result.failures),
        "checks": {
            name: sum(each.check == name for each in result.failures)
            for name in sorted({each.check for each in result.failures})
        },
        "errors": list(result.errors)[:10],
    }


def installed(name: str, real: Real) -> str:
    """Install the package in an environment of its own, once; returns its version."""
    environment = PLACE / name / "env"
    uv = ROOT / ".uv" / "bin" / "uv"
    if not (environment / "bin" / real.command[0]).exists():
        _say(f"{name}: installing")
        environment.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, environment], check=True)
        python = environment / "bin" / "python"
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, real.package], check=True)
    asked = [
        environment / "bin" / "python",
        "-c",
        f"import importlib.metadata as m; print(m.version('{real.package.partition('[')[0]}'))",
    ]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


@contextmanager
def running(name: str, real: Real, role: str) -> Iterator[str]:
    """Run an instance in a process group of its own, with empty data, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = PLACE / name / role
    home.mkdir(parents=True, exist_ok=True)
    program, *rest = (word.format(port=port, home=home) for word in real.command)
    env = {key: value.format(port=port, home=home) for key, value in real.env.items()}
    binaries = PLACE / name / "env" / "bin"
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [binaries / program, *rest],
            cwd=home,
            env={"PATH": f"{binaries}:{os.defpath}", "HOME": str(home), **env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + START_SECONDS
        while not _answers(url, real):
            if process.poll() is not None or time.monotonic() > until:
                raise OSError(f"it did not start: see {home / 'log'}")
            time.sleep(0.2)
        yield url
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, number)
                process.wait(10)
                break
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def _answers(url: str, real: Real) -> bool:
    try:
        return any(httpx.get(url + path, trust_env=False).status_code == 200 for path in real.documents)
    except httpx.HTTPError:
        return False


def _document(real: Real, url: str) -> openapi.Snapshot:
    path = next(each for each in real.documents if httpx.get(url + each, trust_env=False).status_code == 200)
    return openapi.load(url + path)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _plain(reports: dict[str, Any]) -> str:
    lines = []
    for name, report in reports.items():
        if "error" in report:
            lines.append(f"{name}: {report['error']}")
            continue
        lines.append(f"{name} {report['version']}, {report['operations']} operations")
        lines += [f"  {what:7} {json.dumps(report[what])}" for what in ("gate", "replay", "twin")]
        lines += [f"  {each['check']:24} {each['operation']}: {each['message']}" for each in report["findings"]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
