"""How long do types take, next to the plain command line tools, and of how many documents can they be made?

The example's document is always measured, and the proof of its consumers; documents given by name too, and of a folder
every 3.x document is generated and compiled once. The plain tools are openapi-typescript's program and TypeScript 7,
started for each run.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson

from olorin_pipelines import openapi, typegen
from olorin_pipelines.diff import diff
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.openapi import Snapshot
from olorin_pipelines.pipeline.checking import check_consumer
from olorin_pipelines.typegen import Toolchain, Worker

__all__ = ["LIMITS", "measure", "measure_folder"]

LIMITS = {
    "small": {"cold_s": 1.5, "warm_s": 0.02, "unchanged_s": 0.01},
    "large": {"cold_s": 3.0, "warm_s": 1.0, "unchanged_s": 0.01},
    "proof": {"compile_s": 2.0},
}
"""In seconds; large is a document above 5 MB."""

_LARGE = 5_000_000
_CONSUMERS = {"consumer": "src/api/schema.d.ts", "front": "src/api/generated/v1/schema.d.ts"}
_ENDINGS = {".json", ".yaml", ".yml"}
_OPTIONS = ("--ignoreConfig", "--strict", "--skipDefaultLibCheck", "--module", "esnext", "--lib", "es2022", "--noEmit")
Say = Callable[[str], None]


def measure(*paths: Path, runs: int, say: Say) -> dict[str, Any]:
    """Return figures of the example and of each document, a survey of each folder, and the limits that were passed."""
    tools = typegen.find_toolchain()
    documents = {"example": _example()} | {path.stem: openapi.load(str(path)) for path in paths if path.is_file()}
    figures = {name: _figures(name, snapshot, tools, runs, say) for name, snapshot in documents.items()}
    figures |= _proofs(tools, runs, say)
    surveys = {path.name: measure_folder(path, tools, say=say) for path in paths if path.is_dir()}
    over = [
        f"{name}: {key}"
        for name, figure in figures.items()
        for key, limit in LIMITS[figure["size"]].items()
        if figure[key] > limit
    ]
    return {"runs": runs, "figures": figures, "surveys": surveys, "over": over}


def _example(release: str = "stable") -> Snapshot:
    from examples.olorin.server.app import create_app
    from examples.olorin.server.releases import RELEASES
    from examples.olorin.server.settings import Settings

    document = create_app(RELEASES[release], Settings()).openapi()
    return openapi.parse(orjson.dumps(document), source="the example")


def _proofs(tools: Toolchain, runs: int, say: Say) -> dict[str, dict[str, Any]]:
    """Return medians of the example's consumers against its breaking release: both compiles, and the whole answer.

    `gate_s` begins with a process of Node that runs and has been told of the consumer, as a deployment's has.
    """
    old, new = _example("additive"), _example("breaking")
    findings = diff(old, new)
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="olorin-bench-") as store:
        bundles = tuple(
            typegen.generate(one.canonical, digest=one.digest, store=Path(store), toolchain=tools) for one in (old, new)
        )
        for name, types in _CONSUMERS.items():
            folder = Path(__file__).parents[1] / "examples" / "olorin" / name
            taken: list[tuple[float, float]] = []
            for number in range(runs):
                say(f"{name}, proof {number + 1} of {runs}")
                worker = typegen.worker_of(tools)
                worker.close()
                worker.prepare([folder / "tsconfig.json"])
                worker.ask("types", new.canonical, timeout=60)
                started = time.perf_counter()
                checked = check_consumer(
                    folder, name=name, types=types, tsconfig="tsconfig.json", old=old, new=new, findings=findings,
                    bundles=(bundles[0], bundles[1]),
                )  # fmt: skip
                taken.append((checked.proof.compile_seconds, time.perf_counter() - started))
            compiled, whole = (round(statistics.median(values), 4) for values in zip(*taken, strict=True))
            found[f"proof of {name}"] = {"compile_s": compiled, "gate_s": whole, "size": "proof"}
    return found


def _figures(name: str, snapshot: Snapshot, tools: Toolchain, runs: int, say: Say) -> dict[str, Any]:
    """Return medians: `cold` makes and compiles with a process of Node that has to start, `warm` asks one that runs."""
    taken: dict[str, list[float]] = {}
    for number in range(runs):
        say(f"{name}, run {number + 1} of {runs}")
        with tempfile.TemporaryDirectory(prefix="olorin-bench-") as folder:
            for key, seconds in _run(snapshot, tools, Path(folder)).items():
                taken.setdefault(key, []).append(seconds)
    figures: dict[str, Any] = {key: round(statistics.median(values), 4) for key, values in taken.items()}
    figures["size"] = "large" if len(snapshot.canonical) > _LARGE else "small"
    figures["bytes"] = len(snapshot.canonical)
    figures["ratio_cold"] = round(figures["cold_s"] / figures["plain_s"], 3)
    figures["ratio_warm"] = round(figures["warm_s"] / figures["plain_generation_s"], 3)
    return figures


def _run(snapshot: Snapshot, tools: Toolchain, folder: Path) -> dict[str, float]:
    (folder / "openapi.json").write_bytes(snapshot.canonical)
    program = str(tools.modules / "openapi-typescript" / "bin" / "cli.js")
    generated = _program([str(tools.node), program, "openapi.json", "--output", "plain.d.ts"], folder)
    compiled = _program([*tools.native_compiler, *_OPTIONS, "plain.d.ts"], folder)
    typegen.worker_of(tools).close()

    def generate() -> None:
        typegen.generate(snapshot.canonical, digest=snapshot.digest, store=folder / "store", toolchain=tools)

    figures = {"plain_s": generated + compiled, "plain_generation_s": generated, "compile_s": compiled}
    figures["cold_s"] = _timed(generate)
    figures["unchanged_s"] = _timed(generate)
    figures["warm_s"] = _timed(lambda: _ask(typegen.worker_of(tools), snapshot))
    command = [sys.executable, "-m", "olorin_pipelines", "types", str(folder / "openapi.json"), "--out", "api"]
    figures["command_s"] = _program(command, folder)
    figures["command_unchanged_s"] = _program(command, folder)
    return figures


def _ask(worker: Worker, snapshot: Snapshot) -> None:
    worker.ask("types", snapshot.canonical, timeout=60)


def measure_folder(folder: Path, tools: Toolchain, *, say: Say, skip: Sequence[str] = ("malformed",)) -> dict[str, Any]:
    """Generate and compile every OpenAPI 3.x document of a folder; what fails is listed with the reason.

    Documents in folders named in `skip` are left out, as are those that are no OpenAPI 3.x at all.
    """
    good, failed = 0, list[dict[str, str]]()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _ENDINGS and not {*path.parts} & {*skip}):
        try:
            snapshot = openapi.load(str(path))
        except OlorinError:
            continue
        if snapshot.written is not None:
            continue  # Swagger 2.0
        reason = _reason(snapshot, tools)
        good += not reason
        if reason:
            failed.append({"document": str(path.relative_to(folder)), "reason": reason})
            say(f"{path.relative_to(folder)}: {reason}")
    total = good + len(failed)
    return {"documents": total, "compile": good, "share": round(good / total, 4) if total else None, "failed": failed}


def _reason(snapshot: Snapshot, tools: Toolchain) -> str:
    with tempfile.TemporaryDirectory(prefix="olorin-bench-") as store:
        try:
            bundle = typegen.generate(snapshot.canonical, digest=snapshot.digest, store=Path(store), toolchain=tools)
        except OlorinError as error:
            return error.message.split("\n")[0]
        return str(bundle.diagnostics[0]) if bundle.diagnostics else ""


def _program(command: Sequence[str], folder: Path) -> float:
    return _timed(lambda: subprocess.run(command, cwd=folder, capture_output=True, check=True))


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
