"""How long does `olorin check` take: on a document of a megabyte, and on the example with contract tests?

Whole processes, as CI starts them. What is kept from run to run (types by digest, requests of a suite) lies in a home
of its own: empty for *first*, filled for *again*. Two documents given by name are measured as well.
"""

from __future__ import annotations

import copy
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.sixty import create_app

__all__ = ["LIMITS", "measure"]

LIMITS = {"documents_first_s": 3.0, "documents_again_s": 3.0, "example_first_s": 60.0}
"""In seconds."""

_BYTES = 1_000_000
_SECRET = "a-secret-of-the-benchmark-that-is-long-enough"  # noqa: S105 - of a server that lives for a minute
_APP = """\
from examples.olorin.server.app import create_app
from examples.olorin.server.releases import RELEASES
from examples.olorin.server.settings import Settings

app = create_app(RELEASES["additive"], Settings())
"""
Say = Callable[[str], None]


def measure(*paths: Path, runs: int, say: Say) -> dict[str, Any]:
    """Return medians in seconds, and which of the limits are missed."""
    with tempfile.TemporaryDirectory(prefix="olorin-bench-") as folder:
        place = Path(folder)
        old, new = _large(place)
        figures: dict[str, Any] = {"bytes": old.stat().st_size}
        figures |= _documents(place, "documents", old, new, runs, say)
        if len(paths) == 2:
            figures |= _documents(place, "given", paths[0], paths[1], runs, say)
        figures |= _example(place, max(1, runs // 2), say)
    missed = [name for name, limit in LIMITS.items() if figures[name] > limit]
    return {"runs": runs, "figures": figures, "limits": LIMITS, "missed": missed}


def _documents(place: Path, name: str, old: Path, new: Path, runs: int, say: Say) -> dict[str, float]:
    command = ("--base", str(old), "--head", str(new), "--json")
    first = [_run(place / f"home-{name}-{number}", place, command) for number in range(runs)]
    again = [_run(place / f"home-{name}-0", place, command) for _ in range(runs)]
    say(f"{name}: first {first[0]:.2f} s, again {again[0]:.2f} s")
    return {f"{name}_first_s": _median(first), f"{name}_again_s": _median(again)}


def _example(place: Path, runs: int, say: Say) -> dict[str, float]:
    """The example's additive release against the document of stable, all gates."""
    (place / "benched.py").write_text(_APP)
    told = _python("-m", "examples.olorin.server", "--release", "stable", "--document")
    (place / "stable.json").write_text(told)
    token = _python("-m", "examples.olorin.server.token", "--minutes", "60").strip()
    command = ("--base", "stable.json", "--app", "benched:app", "--header", "Authorization: Bearer ${TOKEN}", "--json")
    first = [_run(place / f"home-example-{number}", place, command, TOKEN=token) for number in range(runs)]
    again = [_run(place / "home-example-0", place, command, TOKEN=token) for _ in range(runs)]
    say(f"example: first {first[0]:.2f} s, again {again[0]:.2f} s")
    return {"example_first_s": _median(first), "example_again_s": _median(again)}


def _run(home: Path, place: Path, command: tuple[str, ...], **more: str) -> float:
    home.mkdir(exist_ok=True)
    python = os.pathsep.join([str(place), str(Path.cwd())])
    env = {**os.environ, "HOME": str(home), "PYTHONPATH": python, "JWT_SECRET": _SECRET, **more}
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "olorin_pipelines", "check", *command],
        cwd=place,
        env=env,
        capture_output=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"olorin check ended with {done.returncode}: {done.stdout[-500:]!r}{done.stderr[-500:]!r}")
    return seconds


def _python(*arguments: str) -> str:
    env = {**os.environ, "JWT_SECRET": _SECRET}
    return subprocess.run([sys.executable, *arguments], env=env, capture_output=True, text=True, check=True).stdout


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 3)


def _large(place: Path) -> tuple[Path, Path]:
    """Write a document of a megabyte, and one with an optional parameter more."""
    small = create_app().openapi()
    document: dict[str, Any] = {**copy.deepcopy(small), "paths": {}, "components": {"schemas": {}}}
    number = 0
    while len(json.dumps(document)) < _BYTES:
        number += 1
        text = json.dumps({"paths": small["paths"], "schemas": small["components"]["schemas"]})
        text = text.replace('"#/components/schemas/', f'"#/components/schemas/N{number}').replace(
            '"operationId": "', f'"operationId": "n{number}_'
        )
        part = json.loads(text)
        document["paths"] |= {f"/n{number}{path}": item for path, item in part["paths"].items()}
        document["components"]["schemas"] |= {f"N{number}{name}": one for name, one in part["schemas"].items()}
    changed = copy.deepcopy(document)
    first = next(iter(changed["paths"].values()))["get"]
    first.setdefault("parameters", []).append({"name": "verbose", "in": "query", "schema": {"type": "boolean"}})
    paths = place / "old.json", place / "new.json"
    for path, told in zip(paths, (document, changed), strict=True):
        path.write_text(json.dumps(told))
    return paths
