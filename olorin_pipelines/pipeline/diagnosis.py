"""Is everything here that Olorin needs on this machine, and for these services? Each look names its fix."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import httpx
import psutil

from olorin_pipelines import openapi, typegen
from olorin_pipelines.config import Config, Service
from olorin_pipelines.envoy import find_envoy
from olorin_pipelines.errors import ConfigError, NothingListens, OlorinError
from olorin_pipelines.pipeline.baseline import claimed_baseline
from olorin_pipelines.pipeline.calling import fetch_document, health_of, status_of
from olorin_pipelines.pipeline.case import PRODUCTION, Workplace
from olorin_pipelines.registry import Registry

__all__ = ["Found", "State", "diagnose"]

_OLDEST, _NEWEST = (3, 11), (3, 13)
_ROOM = 500 * 1024 * 1024
_HOST = "127.0.0.1"


class State(StrEnum):
    """`ok`; `note`: works without it, and says what does not; `fault`: has to be mended."""

    OK = "ok"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Found:
    """What one look found, and what to do about it."""

    name: str
    state: State
    said: str
    fix: str = ""


def diagnose(load: Callable[[], Config]) -> Iterator[Found]:
    """Look at the machine, then at the configuration and at each service that it names; never raises for a fault.

    Services are asked with reading requests only.
    """
    yield _python()
    yield _tool("Node", lambda: str(typegen.find_toolchain().node), "types are not made, consumers not proved")
    yield _tool("Envoy", lambda: str(find_envoy()), "read-only environments are not called, no traffic is moved")
    yield _git()
    try:
        config = load()
    except ConfigError as error:
        yield Found("olorin.yaml", State.FAULT, error.message, error.hint)
        return
    yield Found("olorin.yaml", State.OK, f"{config.root}: {', '.join(config.services)}")
    yield _state(config)
    yield _registry(config)
    yield _dagster()
    for key, port in config.ports.model_dump().items():
        yield _port(key, port)
    for name, service in config.services.items():
        yield from _service(config, name, service)


def _python() -> Found:
    version = ".".join(map(str, sys.version_info[:3]))
    if _OLDEST <= sys.version_info[:2] <= _NEWEST:
        return Found("Python", State.OK, f"{version} at {sys.executable}")
    return Found("Python", State.FAULT, f"{version} is not supported", "use Python 3.11, 3.12 or 3.13")


def _tool(name: str, find: Callable[[], str], without: str) -> Found:
    try:
        return Found(name, State.OK, find())
    except OlorinError as error:
        return Found(name, State.FAULT, f"{error.message}: {without}", error.hint)


def _git() -> Found:
    found = shutil.which("git")
    if found:
        return Found("git", State.OK, found)
    return Found("git", State.NOTE, "is not installed: no documents of revisions, no consumers in git", "install git")


def _state(config: Config) -> Found:
    folder = config.state
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".olorin-doctor-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Found("state", State.FAULT, f"{folder}: {error.strerror}", "correct `home:` in olorin.yaml")
    said = f"{folder}, {free // 1024**2:,} MiB free"
    return Found("state", State.OK if free > _ROOM else State.FAULT, said, "" if free > _ROOM else "make room")


def _registry(config: Config) -> Found:
    try:
        registry = Registry(config.registry_url)
        registry.deployments(limit=1)
        registry.close()
    except OlorinError as error:
        return Found("registry", State.FAULT, error.message, error.hint)
    kind = config.registry_url.partition(":")[0]  # the rest may hold a password
    return Found("registry", State.OK, f"{kind} answers")


def _dagster() -> Found:
    home = os.environ.get("DAGSTER_HOME")
    if not home:
        said = "DAGSTER_HOME is not set: `dagster dev` keeps its runs in a folder that it throws away"
        return Found("Dagster", State.NOTE, said, "export DAGSTER_HOME=/path/to/a/folder with a copy of dagster.yaml")
    if not (Path(home) / "dagster.yaml").is_file():
        said = f"{home} has no dagster.yaml: runs of one service are not kept apart, sensors wait for each other"
        return Found("Dagster", State.FAULT, said, f"cp dagster.yaml {home}/")
    return Found("Dagster", State.OK, home)


def _port(key: str, port: int) -> Found:
    name = f"port {key}"
    if port == 0:
        return Found(name, State.OK, "any free one")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            said = f"{port} is taken{_holder(port)}" if port >= 1024 else f"{port}: {error.strerror}"
            return Found(name, State.FAULT, said, f"end what listens there, or set OLORIN__PORTS__{key.upper()}=0")
    return Found(name, State.OK, f"{port} is free")


def _holder(port: int) -> str:
    """Name the process that listens there, where this user may see it."""
    with contextlib.suppress(psutil.Error, OSError):
        for one in psutil.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port and one.pid:
                return f" by {psutil.Process(one.pid).name()} (pid {one.pid})"
    return ""


def _service(config: Config, name: str, service: Service) -> Iterator[Found]:
    try:
        service.auth.headers()
        service.auth.query()
    except ConfigError as error:
        yield Found(f"{name}: credentials", State.FAULT, error.message, error.hint)
        return
    for environment, place in service.environments.items():
        label = f"{name}: {environment}"
        if environment == PRODUCTION and service.baseline.kind != "served":
            yield from _not_served(config, name, service, label)
            continue
        try:
            snapshot = fetch_document(config, service, environment=environment, url=place.url)
        except NothingListens as error:
            said = f"{error.message}: fine for one that is started later"
            yield Found(label, State.NOTE, said, error.hint or "start it, or correct its `url:`")
        except OlorinError as error:
            yield Found(label, State.FAULT, error.message, error.hint)
        else:
            yield Found(label, State.OK, f"{snapshot.version}, {snapshot.operation_count} operations, at {place.url}")
            yield from _credentials(config, label, service, environment, snapshot)
    yield from _counted(name, service)
    for consumer in service.consumers:
        if consumer.git is None and not (config.root / (consumer.path or ".")).is_dir():
            said = f"there is no folder {config.root / (consumer.path or '.')}"
            yield Found(f"{name}: consumer {consumer.name}", State.FAULT, said, "correct its `path:` in olorin.yaml")


def _not_served(config: Config, name: str, service: Service, label: str) -> Iterator[Found]:
    """Production that is not asked for its document: does it answer, and can what stands for its document be read?"""
    url = service.environment(PRODUCTION).url
    answer = health_of(config, service, environment=PRODUCTION, url=url)
    if answer.status is None:
        said = f"does not answer at {url}: {answer.detail}"
        yield Found(label, State.NOTE, f"{said}: fine for one that is started later", "start it, or correct its `url:`")
    else:
        yield Found(label, State.OK, f"answers {answer.status} at {url}{service.health}")
    title = f"{name}: baseline"
    place = Workplace(config)
    try:
        claimed = claimed_baseline(place, name)
    except OlorinError as error:
        yield Found(title, State.FAULT, error.message, error.hint or "correct `baseline:` of the service")
        return
    finally:
        place.registry.close()
    if claimed is None:
        said = "nothing is recorded of production yet: it is asked for its document until a version was released"
        yield Found(title, State.NOTE, said, "where it serves none, begin with `baseline: {file: …}`")
        return
    snapshot = claimed.snapshot
    yield Found(title, State.OK, f"{snapshot.version}, {snapshot.operation_count} operations, from {claimed.said}")
    if answer.status is not None:
        yield from _credentials(config, label, service, PRODUCTION, snapshot)


def _counted(name: str, service: Service) -> Iterator[Found]:
    """Tell what a step of a rollout would be judged by, where that is no counter of the user's own."""
    rollout = service.rollout
    if rollout.router in ("command", "webhook") and rollout.prometheus.queries is None:
        said = f"the router {rollout.router} is judged by series of our Envoy, which it does not move"
        fix = "write `prometheus: {queries: …}`, unless an Envoy of yours has clusters named as ours (docs/routers.md)"
        yield Found(f"{name}: rollout", State.NOTE, said, fix)


def _credentials(
    config: Config, label: str, service: Service, environment: str, snapshot: openapi.Snapshot
) -> Iterator[Found]:
    """Ask one protected GET that needs no parameter: a document that is open to all says nothing of a token."""
    path = next((one.path for one in openapi.operations(snapshot.document) if _asks(one, snapshot)), None)
    if path is None:
        return
    url = service.environment(environment).url
    name = f"{label}: credentials"
    try:
        status = status_of(config, service, environment=environment, url=url, path=path)
    except (OlorinError, httpx.HTTPError) as error:
        yield Found(name, State.NOTE, f"could not be tried: {error}", "mend what is said above")
        return
    if status in (401, 403):
        said = f"GET {path} was refused with {status}"
        yield Found(name, State.FAULT, said, "correct `auth:` of the service, or the variable that it reads")
    else:
        yield Found(name, State.OK, f"GET {path} was answered with {status}")


def _asks(operation: openapi.Operation, snapshot: openapi.Snapshot) -> bool:
    parameters = [*(operation.path_item.get("parameters") or ()), *(operation.item.get("parameters") or ())]
    needs = any(not isinstance(one, dict) or one.get("required") or "$ref" in one for one in parameters)
    secured = operation.item.get("security", snapshot.document.get("security"))
    return operation.method == "GET" and "{" not in operation.path and not needs and bool(secured) and {} not in secured
