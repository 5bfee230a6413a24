"""How does somebody who has only the wheel guard an API that nobody here wrote? The commands of docs/your-own-api.md.

    python -m tests.real.own_api [NAME …]

The wheel is built and installed in a clean environment; glances, tiled and jupyter-server come from PyPI and run on
loopback. For each, from an empty folder: `olorin init`, `olorin check` of what is served today, and of a document with
one promise less. The transcript is printed as Markdown. Exit code 1 when a verdict is not the expected one.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from olorin_pipelines.config import load_config
from tests.packaging.wheels import built
from tests.packaging.wheels import installed as with_wheel
from tests.real.services import Real, installed, running

_WIDE, _MOST = 150, 16
_TOKEN = "0123456789abcdef"


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A service, how `olorin init` is called for it, and the promise that is taken out of its document.

    `login` is what curl needs besides. `removed` is the way to a value of the document that goes, `place` what the
    verdict has to name for it.
    """

    real: Real
    options: tuple[str, ...] = ()
    login: str = ""
    env: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...]
    place: str


SERVICES = {
    "glances": Foreign(
        real=Real(
            package="glances[web]",
            command=(
                "glances",
                "-w",
                "--bind",
                "127.0.0.1",
                "--port",
                "{port}",
                "--disable-webui",
                "--disable-check-update",
                "--disable-autodiscover",
            ),
            documents=("/openapi.json",),
        ),
        removed=("paths", "/api/4/{plugin}/top/{nb}"),
        place="GET /api/4/{plugin}/top/{nb}",
    ),
    "tiled": Foreign(
        real=Real(
            package="tiled[server]",
            command=(
                "tiled",
                "serve",
                "catalog",
                "--temp",
                "--host",
                "127.0.0.1",
                "--port",
                "{port}",
                "--api-key",
                _TOKEN,
            ),
            documents=("/openapi.json",),
        ),
        env=(("TILED_KEY", _TOKEN),),
        removed=("components", "schemas", "About", "properties", "library_version"),
        place="About.library_version",
    ),
    "jupyter-server": Foreign(
        real=Real(
            package="jupyter-server",
            command=(
                "jupyter",
                "server",
                "--ServerApp.ip=127.0.0.1",
                "--port",
                "{port}",
                "--no-browser",
                f"--ServerApp.token={_TOKEN}",
                "--allow-root",
            ),
            documents=(f"/api/spec.yaml?token={_TOKEN}",),
        ),
        options=("--header", "Authorization: token ${JUPYTER_TOKEN}"),
        login='-H "Authorization: token $JUPYTER_TOKEN" ',
        env=(("JUPYTER_TOKEN", _TOKEN),),
        removed=("definitions", "Kernel", "properties", "id"),
        place="Kernel.id",
    ),
}


def main() -> int:
    """Go the way for each service; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.real.own_api", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SERVICES)} (default: all)")
    names = parser.parse_args().names or list(SERVICES)
    if unknown := [name for name in names if name not in SERVICES]:
        parser.error(f"unknown: {unknown[0]}; known are {', '.join(SERVICES)}")
    with tempfile.TemporaryDirectory(prefix="olorin-own-api-") as scratch:
        place = Path(scratch)
        binaries = with_wheel(built(place), place, python=Path(sys.executable))
        subprocess.run([binaries / "olorin", "doctor", "--install"], cwd=place, capture_output=True, check=False)
        _say(f"Run on {datetime.now(UTC):%d %B %Y} with Python {sys.version.split()[0]}.\n")
        good = [_guarded(name, SERVICES[name], binaries, place / name) for name in names]
    return 0 if all(good) else 1


def _guarded(name: str, foreign: Foreign, binaries: Path, folder: Path) -> bool:
    """Guard one service from an empty folder, print what was typed and said; tell whether the verdicts are right."""
    version = installed(name, foreign.real)
    folder.mkdir()
    env = dict(foreign.env)
    with running(name, foreign.real, "wheel") as url:
        began = time.monotonic()
        _say(f"### {foreign.real.package} {version}\n\n```text")
        for variable in env:
            _say(f"$ export {variable}=…")
        shell = Shell(binaries, folder, env)
        wrote = shell.typed(shlex.join(["olorin", "init", "--url", url, *foreign.options]))
        path = foreign.real.documents[0].partition("?")[0]
        today = folder / f"today{Path(path).suffix}"
        shell.typed(f"curl -s {foreign.login}{url}{path} >{today.name}")
        tomorrow = _with_less(today, foreign.removed)
        same = shell.typed(f"olorin check --base {today.name} --head {today.name}")
        _say(f"$ # {tomorrow.name} is {today.name} without {' → '.join(foreign.removed)}")
        less = shell.typed(f"olorin check --base {today.name} --head {tomorrow.name}")
        instance = f"--service {_called(folder)} --url {url} --read-only --budget 20s"
        tested = shell.typed(f"olorin check --base {today.name} {instance}")
        _say(f"```\n\n{time.monotonic() - began:.0f} seconds in all.\n")
    codes = [done.returncode for done in (wrote, same, less, tested)]
    return codes == [0, 0, 1, 0] and foreign.place in less.stdout


@dataclass(frozen=True, slots=True)
class Shell:
    """Somebody's terminal: `binaries` is on its PATH, `folder` is where it stands, and it has `env` exported."""

    binaries: Path
    folder: Path
    env: Mapping[str, str]

    def typed(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a line in bash and print it with what it says, cut where a page would break."""
        path = f"{self.binaries}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env={**os.environ, "PATH": path, "XDG_CACHE_HOME": str(self.folder / "cache"), **self.env},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = done.stdout if done.returncode < 2 else done.stdout + done.stderr
        lines = said.strip().splitlines()
        more = [f"… {len(lines) - _MOST} lines more", lines[-1]] if len(lines) > _MOST else lines[_MOST - 1 :]
        _say(f"$ {command}")
        for line in [*lines[: _MOST - 1], *more]:
            _say(line if len(line) <= _WIDE else f"{line[:_WIDE]}…")
        _say(f"$ echo $?\n{done.returncode}")
        return done


def _called(folder: Path) -> str:
    """The name that `olorin init` gave the service."""
    return next(iter(load_config(folder / "olorin.yaml", environ={}).services))


def _with_less(today: Path, removed: tuple[str, ...]) -> Path:
    """Write a document with one promise less beside that of today."""
    document = above = yaml.safe_load(today.read_bytes())
    *way, last = removed
    holder = document
    for step in way:
        above, holder = holder, holder[step]
    del holder[last]
    if last in above.get("required", ()):
        above["required"].remove(last)
    text = json.dumps(document, indent=2) if today.suffix == ".json" else yaml.safe_dump(document, sort_keys=False)
    tomorrow = today.with_name(f"tomorrow{today.suffix}")
    tomorrow.write_text(text, encoding="utf-8")
    return tomorrow


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
