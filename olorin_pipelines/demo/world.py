"""The embedded world: the example service, Envoy, user traffic and Dagster, started in order and ended together."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from olorin_pipelines.config import CONFIG_VARIABLE, Config, find_config, load_config
from olorin_pipelines.delivery.envoy.bootstrap import write_bootstrap
from olorin_pipelines.delivery.model import Backend, RouteState
from olorin_pipelines.demo import lock, ports
from olorin_pipelines.demo.dagster_api import DagsterApi
from olorin_pipelines.demo.processes import Processes, reap
from olorin_pipelines.demo.prometheus import prometheus_command
from olorin_pipelines.demo.story import Release
from olorin_pipelines.envoy import envoy_command
from olorin_pipelines.errors import SupervisorError, UsageError
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.means import router_of

__all__ = ["World", "embedded", "refuse_overriding"]

_SERVER = "examples.olorin.server"
_ENVOY_SECONDS = 15.0
_SERVER_SECONDS = 20.0
_PROMETHEUS_SECONDS = 60.0
_DAGSTER_SECONDS = 180.0
_GUARD_PAUSE_SECONDS = 1.0
_USERS = 200
_PORTS = {"envoy": ("ui", "envoy", "admin"), "prometheus": ("ui", "envoy", "admin", "prometheus")}
_MADE_HERE = frozenset({CONFIG_VARIABLE, "DAGSTER_HOME", "INVESTIGATIONS_TOKEN", "JWT_SECRET"})

Say = Callable[[str], None]


@dataclass
class World:
    """What runs: `base` is the environment every child gets, `config` what they all read."""

    config: Config
    service: str
    base: dict[str, str]
    say: Say
    processes: Processes
    _next_port: int = 0
    _guard_started: float | None = None
    dagster: DagsterApi = field(init=False)
    place: Workplace = field(init=False)

    def __post_init__(self) -> None:
        self.place = Workplace(self.config)
        self.dagster = DagsterApi(f"http://{ports.LOOPBACK}:{self.config.ports.ui}")
        self._next_port = self.config.ports.first_service

    @property
    def entry(self) -> str:
        """Where users send their requests."""
        return f"http://{ports.LOOPBACK}:{self.config.ports.envoy}"

    @property
    def demo_folder(self) -> Path:
        """Where the logs of a story and its report lie."""
        return self.place.folder("demo")

    def fault_file(self, version: str) -> Path:
        """Return the file whose existence makes one version of the example answer against its schema."""
        return self.demo_folder / f"fault-{version}"

    def start_service(self, release: Release) -> Backend:
        """Start a release of the example service and wait until it is ready."""
        port = self._free_service_port()
        name, url = f"{self.service}-{release.version}", f"http://{ports.LOOPBACK}:{port}"
        self.processes.start(
            name,
            [
                sys.executable,
                "-m",
                _SERVER,
                "--release",
                release.flag,
                "--version",
                release.version,
                "--port",
                str(port),
            ],
            cwd=self.config.root,
            env={**self.base, "FAULT_FILE": str(self.fault_file(release.version))},
            url=url,
            version=release.version,
        )
        self.processes.wait_until(
            name, lambda: _answers(f"{url}/health/ready"), seconds=_SERVER_SECONDS, wait=time.sleep
        )
        return Backend(version=release.version, url=url)

    def start_envoy(self, stable: Backend) -> None:
        """Start Envoy with all traffic on `stable`, and the Prometheus that scrapes it where metrics are read there."""
        folder = self.place.folder("envoy")
        bootstrap = write_bootstrap(
            folder,
            service=self.service,
            listen_port=self.config.ports.envoy,
            admin_port=self.config.ports.admin,
            access_log=self.demo_folder / "access.log",
        )
        self.processes.start(
            "envoy", envoy_command(bootstrap, log=folder / "envoy.log"), cwd=self.config.root, env=self.base
        )
        admin = f"http://{ports.LOOPBACK}:{self.config.ports.admin}/ready"
        self.processes.wait_until("envoy", lambda: _answers(admin), seconds=_ENVOY_SECONDS, wait=time.sleep)
        registry, router = self.place.registry, router_of(self.config, self.service)
        registry.found_serving(self.service, version=stable.version, url=stable.url, replace=True)
        desired = RouteState(
            service=self.service, stable=stable, rollout_id="begin", fence=registry.next_fence(self.service)
        )
        router.confirm(router.apply(desired), within=_ENVOY_SECONDS)
        if self.config.service(self.service).rollout.metrics == "prometheus":
            self._start_prometheus()

    def _start_prometheus(self) -> None:
        ports_ = self.config.ports
        folder = self.place.folder("prometheus")
        command = prometheus_command(folder, port=ports_.prometheus, admin_port=ports_.admin)
        self.processes.start("prometheus", command, cwd=self.config.root, env=self.base)
        ready = f"http://{ports.LOOPBACK}:{ports_.prometheus}/-/ready"
        self.processes.wait_until("prometheus", lambda: _answers(ready), seconds=_PROMETHEUS_SECONDS, wait=time.sleep)

    def start_guard(self) -> None:
        """Start the guard, which takes traffic back when whoever moves it has died. From then on it is kept up."""
        command = [sys.executable, "-m", "olorin_pipelines", "guard", "--json"]
        self.processes.start("guard", command, cwd=self.config.root, env=self.base)
        self._guard_started = time.monotonic()

    def start_dagster(self) -> None:
        """Start the Dagster UI, daemon and code server; wait for the web server and for a first sensor tick."""
        home = Path(self.base["DAGSTER_HOME"])
        home.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.config.root / "dagster.yaml", home / "dagster.yaml")
        port = str(self.config.ports.ui)
        command = ["-m", "dagster", "dev", "-w", "workspace.yaml", "-h", ports.LOOPBACK, "-p", port]
        self.processes.start("dagster", [sys.executable, *command], cwd=self.config.root, env=self.base)

    def await_dagster(self) -> None:
        """Wait until deployments would be seen."""
        self.processes.wait_until(
            "dagster",
            lambda: self.dagster.answers() and self.dagster.sensor_ticked("deployments_sensor"),
            seconds=_DAGSTER_SECONDS,
            wait=time.sleep,
        )

    def start_load(self, rate: float) -> None:
        """Send the traffic of many users until the world ends."""
        users = [f"user-{number:03d}" for number in range(_USERS)]
        tokens = self.demo_folder / "tokens"
        tokens.touch(mode=0o600)
        tokens.write_text("\n".join(_tokens(self.config.root, self.base, users)), encoding="utf-8")
        command = ["-m", "olorin_pipelines.demo.load", "--url", self.entry, "--rate", str(rate)]
        files = ["--token-file", str(tokens), "--log", str(self.demo_folder / "load.ndjson")]
        self.processes.start("load", [sys.executable, *command, *files], cwd=self.config.root, env=self.base)

    def alive_or_raise(self, *names: str) -> None:
        """Raise `SupervisorError` when one of these children died. The guard is started again instead."""
        since = self._guard_started
        if since is not None and not self.processes.alive("guard") and time.monotonic() - since > _GUARD_PAUSE_SECONDS:
            self.say(f"the guard ended and is started again: {self.processes.last_words('guard')}")
            self.start_guard()
        for name in names:
            if not self.processes.alive(name):
                raise SupervisorError(
                    f"{name} ended: {self.processes.last_words(name)}",
                    hint=f"see {self.processes.logs / f'{name}.log'}",
                )

    def _free_service_port(self) -> int:
        if self.config.ports.first_service == 0:
            return ports.free_port()
        while ports.in_use(self._next_port):
            self._next_port += 1
        self._next_port += 1
        return self._next_port - 1


@contextmanager
def embedded(*, service: str, say: Say, fresh: bool, settings: Mapping[str, str] | None = None) -> Iterator[World]:
    """Make the world's ground: lock, earlier children reaped, ports claimed; end every child on the way out.

    `fresh` moves the state of an earlier world to `var/previous`, so that the story begins with an empty registry;
    `settings` are variables that override keys of olorin.yaml for all of the world.
    Raises `SupervisorError` when a world runs here already or a port is in use, `UsageError` outside the repository.
    """
    file = find_config()
    first = load_config(file)
    first.service(service)
    refuse_overriding(file.parent / ".env")
    if not (file.parent / "examples" / "olorin" / "server").is_dir():
        raise UsageError("the example service is not here", hint="run this in a clone of the Olorin repository")
    with lock.held(first.state / "lock"):
        for name in reap(first.state / "pids.json"):
            say(f"ended {name}, left over from an earlier world")
        claimed = {
            f"OLORIN__PORTS__{name.upper()}": str(ports.claim(name, getattr(first.ports, name)))
            for name in _PORTS[first.service(service).rollout.metrics]
        }
        if fresh:
            _set_aside(first.state)
        base = {**_environment(file, first.state, claimed), **(settings or {})}
        if fresh:  # without a story, releases are also started by hand: they know the example's own secret
            base["JWT_SECRET"] = secrets.token_urlsafe(48)
        config = load_config(file, environ=base)
        world = World(config, service, base, say, Processes(config.state / "pids.json", config.state / "logs"))
        try:
            (base["INVESTIGATIONS_TOKEN"],) = _tokens(config.root, base, ["olorin"])
            yield world
        finally:
            world.dagster.close()
            world.processes.stop_all()


def refuse_overriding(dotenv: Path) -> None:
    """Dagster reads `.env` over the environment: what the world makes for its children must not be changed there."""
    try:
        lines = dotenv.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    names = [line.removeprefix("export ").partition("=")[0].strip() for line in lines if "=" in line]
    made = [name for name in names if name in _MADE_HERE or name.startswith("OLORIN__PORTS__")]
    if made:
        raise UsageError(
            f"{dotenv} sets {', '.join(made)}, which the embedded world makes by itself",
            hint="comment it out there; Dagster would read it instead",
        )


def _environment(file: Path, state: Path, claimed: dict[str, str]) -> dict[str, str]:
    # without bytecode every run worker would compile what it imports: two seconds of each deployment
    unwanted = {key for key in os.environ if key.startswith("DAGSTER_")} | {"PYTHONDONTWRITEBYTECODE"}
    base = {key: value for key, value in os.environ.items() if key not in unwanted}
    scripts = str(Path(sys.executable).parent)
    return {
        **base,
        **claimed,
        CONFIG_VARIABLE: str(file),
        "PATH": f"{scripts}:{base.get('PATH', '')}",
        "DAGSTER_HOME": str(state / "dagster"),
        "PYTHONUNBUFFERED": "1",
    }


def _tokens(root: Path, env: dict[str, str], subjects: list[str]) -> list[str]:
    command = [sys.executable, "-m", f"{_SERVER}.token", "--minutes", "1440", "--subject", *subjects]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise SupervisorError(f"no token for the example service: {done.stderr.strip()[-300:]}", hint="`make install`")
    return done.stdout.split()


def _set_aside(state: Path) -> None:
    """Move everything but the lock and the children's record to `previous`, which is replaced."""
    previous = state / "previous"
    shutil.rmtree(previous, ignore_errors=True)
    kept = {"lock", "pids.json", "pids.json.lock", "previous", "types"}  # types are content-addressed: still true
    found = [path for path in state.iterdir() if path.name not in kept]
    if found:
        previous.mkdir(parents=True)
    for path in found:
        path.rename(previous / path.name)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
