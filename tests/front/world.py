"""What the front end's tests run against: two releases of the example service behind a real Envoy. `--help` tells how.

A program, because those tests are written in TypeScript. It prints one line of JSON when all is up:

    {"backend": URL, "entry": URL, "token": JWT}

and then moves traffic: a line `{"candidate": 25}` on standard input gives 25 % to 2.4.0, which has version 2,
and the rest to 2.1.0; it is answered by the same line once Envoy serves it so. It ends with its input.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from olorin_pipelines.delivery.model import Backend, RouteState
from olorin_pipelines.delivery.routers.envoy import EnvoyRouter
from tests.delivery.delivery_world import SERVICE, RunningEnvoy

ROOT = Path(__file__).parents[2]
SERVER = "examples.olorin.server"


@contextmanager
def served(release: str, env: dict[str, str]) -> Iterator[str]:
    """Run a release until the block ends; its URL is told by its log."""
    command = [sys.executable, "-m", SERVER, "--release", release, "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        events = (json.loads(line) for line in process.stderr)
        yield next(event["url"] for event in events if event["event"] == "serving")
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def routed(stable: Backend, candidate: Backend) -> Iterator[tuple[str, Any]]:
    """Run Envoy before both; yields its URL and what moves the weight."""
    with tempfile.TemporaryDirectory(prefix="olorin-front-") as folder:
        envoy, fences = RunningEnvoy(Path(folder)), itertools.count(1)
        envoy.start()
        router = EnvoyRouter(
            directory=envoy.directory, admin_url=envoy.admin_url, entry_url=envoy.url, envoy_log=envoy.log
        )

        def move(weight: int) -> None:
            fence = next(fences)
            desired = RouteState(
                service=SERVICE,
                stable=stable,
                candidate=candidate,
                weight=weight,
                rollout_id=f"rollout-{fence}",
                fence=fence,
            )
            router.confirm(router.apply(desired), within=15)

        try:
            yield envoy.url, move
        finally:
            envoy.kill()


def tell(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.front.world", description=__doc__)
    parser.add_argument("--alone", action="store_true", help="the newer release only, without Envoy")
    alone = parser.parse_args().alone
    env = {**os.environ, "JWT_SECRET": secrets.token_urlsafe(48), "LOG_FORMAT": "json", "LOG_LEVEL": "INFO"}
    with ExitStack() as world:
        newer = world.enter_context(served("two_versions", env))
        token = subprocess.run(
            [sys.executable, "-m", f"{SERVER}.token"], cwd=ROOT, env=env, capture_output=True, text=True, check=True
        ).stdout.strip()
        if alone:
            tell({"backend": newer, "entry": newer, "token": token})
            sys.stdin.read()
            return
        older = world.enter_context(served("additive", env))
        entry, move = world.enter_context(routed(Backend("2.1.0", older), Backend("2.4.0", newer)))
        move(100)
        tell({"backend": newer, "entry": entry, "token": token})
        for line in sys.stdin:
            move(json.loads(line)["candidate"])
            tell(json.loads(line))


if __name__ == "__main__":
    main()
