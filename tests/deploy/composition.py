"""Starts what deploy/compose.yaml says, without containers: its own commands, variables and health checks.

Names of services become 127.0.0.1, ports those that are free, and the PostgreSQL image is a PostgreSQL of this machine.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from olorin_pipelines.demo.ports import free_port
from tests.deploy.image import ROOT, Image

COMPOSE = ROOT / "deploy" / "compose.yaml"
PROCESSES = ("code", "webserver", "daemon", "intake", "guard", "proxy")
PASSWORD = "of-the-database-9f2c"
USER, USER_PASSWORD = "ann", "a-long-random-password"
TOKEN = "token-of-the-intake-71c0"


def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


@dataclass
class Postgres:
    """The service `postgres`: a data folder, reached by TCP with a password, as the image makes it."""

    programs: Path
    folder: Path
    port: int
    user: int | None

    def make(self, script: Path) -> None:
        """Make the database of POSTGRES_DB, then what the image runs when its volume is empty."""
        word = self.folder.parent / "word"
        word.write_text(PASSWORD)
        word.chmod(0o644)
        self._run("initdb", "-D", self.folder, "-U", "olorin", "-A", "scram-sha-256", f"--pwfile={word}")
        self.start()
        self._run("createdb", *self._where, "olorin")
        self._run("psql", *self._where, "-v", "ON_ERROR_STOP=1", "-d", "olorin", "-f", script)

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off"
        log = self.folder / "server.log"
        self._run("pg_ctl", "start", "-w", "-t", "60", "-D", self.folder, "-l", log, "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", self.folder)

    @property
    def _where(self) -> tuple[str, ...]:
        return ("-h", "127.0.0.1", "-p", str(self.port), "-U", "olorin")

    def _run(self, program: str, *words: object) -> None:
        command = [str(self.programs / program), *map(str, words)]
        env = {"PATH": "/usr/bin:/bin", "PGPASSWORD": PASSWORD, "HOME": str(self.folder.parent), "LC_ALL": "C.UTF-8"}
        said = self.folder.parent / f"{program}.out"
        with said.open("w") as output:
            code = subprocess.run(
                command, env=env, stdout=output, stderr=output, user=self.user, cwd=self.folder.parent, timeout=90
            ).returncode
        assert code == 0, f"{program}: {said.read_text()}"


@dataclass
class Composition:
    """The processes of the compose file; `folder` holds secrets, logs and the edited olorin.yaml."""

    image: Image
    folder: Path
    postgres: Postgres
    settings: Mapping[str, str]
    ports: dict[str, int] = field(
        default_factory=lambda: {port: free_port() for port in ("4266", "3000", "8484", "8080")}
    )
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def prepare(self, urls: Mapping[str, str], token: str) -> None:
        """Write the secrets and the configuration; put ports and names into the files that the processes read."""
        secrets = self.folder / "secrets"
        secrets.mkdir()
        digest = base64.b64encode(hashlib.sha1(USER_PASSWORD.encode(), usedforsecurity=False).digest()).decode()
        given = {
            "PGPASSWORD": PASSWORD,
            "OLORIN_TOKEN": f"{TOKEN}\n",
            "INVESTIGATIONS_TOKEN": token,
            "htpasswd": f"{USER}:{{SHA}}{digest}\n",
        }
        for name, text in given.items():
            (secrets / name).write_text(text)
        config = (ROOT / "deploy" / "olorin.yaml").read_text(encoding="utf-8")
        for name, url in urls.items():
            assert name in config
            config = config.replace(name, url)
        (self.folder / "olorin.yaml").write_text(config)
        for name in ("workspace.yaml", "proxy.yaml"):
            file = self.image.workdir / "deploy" / name
            file.write_text(self.here(file.read_text(encoding="utf-8")))

    def here(self, text: str) -> str:
        """A text of the compose file or of a file it names, as it holds on this machine."""
        text = text.replace("/etc/olorin/olorin.yaml", str(self.folder / "olorin.yaml"))
        text = text.replace("/run/secrets", str(self.folder / "secrets"))
        text = self.image.here(text).replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - it is taken away
        text = text.replace("postgres:5432", f"127.0.0.1:{self.postgres.port}").replace(
            "address: webserver", "address: 127.0.0.1"
        )
        for port, free in self.ports.items():
            text = re.sub(rf"\b{port}\b", str(free), text)
        return "127.0.0.1" if text == "code" else text

    def environment(self, name: str) -> dict[str, str]:
        given = {
            key: self.here(str(value)) for key, value in compose()["services"][name].get("environment", {}).items()
        }
        secrets = {"OLORIN_SECRETS": str(self.folder / "secrets")}
        return {**self.image.environment(), **given, **secrets, **self.settings}

    def command(self, name: str) -> list[str]:
        (entrypoint,) = yaml.safe_load(self.image.final.of("ENTRYPOINT")[-1])
        return [self.here(word) for word in (entrypoint, *compose()["services"][name]["command"])]

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a service that ends by itself."""
        return self._ended(self.command(name), name, 180)

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                self.command(name),
                cwd=self.image.workdir,
                env=self.environment(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.image.user,
                group=self.image.user,
                extra_groups=[] if self.image.user else None,
                start_new_session=True,
                preexec_fn=_default_signals,
            )

    def stop(self, name: str) -> int:
        """End a service as `docker stop` does, and what it left."""
        process = self.running.pop(name)
        process.terminate()
        try:
            return process.wait(30)
        except subprocess.TimeoutExpired:
            return -9
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def stop_all(self) -> None:
        for name in reversed(list(self.running)):
            self.stop(name)

    def await_healthy(self, name: str, *, seconds: float = 120.0) -> float:
        """Ask the service's own health check until it passes; returns the seconds it took."""
        kind, *test = compose()["services"][name]["healthcheck"]["test"]
        assert kind == "CMD"
        began = time.monotonic()
        while True:
            said = self._ended([self.here(word) for word in test], name, 60)
            if said.returncode == 0:
                return time.monotonic() - began
            assert self.running[name].poll() is None, f"{name} ended: {self.log(name)}"
            assert time.monotonic() - began < seconds, (
                f"{name} is not healthy: {said.stdout}{said.stderr}{self.log(name)}"
            )
            time.sleep(0.5)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def _ended(self, command: list[str], name: str, seconds: float) -> subprocess.CompletedProcess[str]:
        env = self.environment(name)
        found = shutil.which(command[0], path=env["PATH"]) or command[0]
        return subprocess.run(
            [found, *command[1:]],
            cwd=self.image.workdir,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            user=self.image.user,
            group=self.image.user,
            extra_groups=[] if self.image.user else None,
        )


def _default_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
