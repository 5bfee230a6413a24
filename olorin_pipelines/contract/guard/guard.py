"""How is a target asked that must not be harmed? Through a process of its own that lets nothing else pass."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from olorin_pipelines.access import Connection
from olorin_pipelines.contract.guard import warden
from olorin_pipelines.contract.guard.bootstrap import LISTENER, STATS, TARGET, Upstream, bootstrap
from olorin_pipelines.contract.guard.limits import READ_ONLY, Limits
from olorin_pipelines.contract.guard.standin import StandIns, script
from olorin_pipelines.contract.guard.target import Target, target_of
from olorin_pipelines.contract.guard.transport import transport
from olorin_pipelines.envoy import Admin, envoy_command
from olorin_pipelines.errors import RouterUnreachable, ToolFailed

__all__ = ["Guard", "GuardCounts", "guarded"]

PLAIN = Connection()
NOWHERE = "192.0.2.1"
"""An address for documentation: it is never connected to, the proxy is."""
NAME = "olorin-guard"
"""What `ps` shows of the process."""
START_SECONDS = 10.0
GRACE_SECONDS = 3.0
_STEP = 0.005
_COUNTERS = rf"^(cluster\.{TARGET}\.upstream_rq_total|(rate|cap)\..*|http\.{STATS}\.rbac\..*)$"
_COUNTED = {
    f"cluster.{TARGET}.upstream_rq_total": "passed",
    "rate.http_local_rate_limit.rate_limited": "rate",
    "cap.http_local_rate_limit.rate_limited": "cap",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardCounts:
    """What the guard did: requests that it `passed` to the target, and those it refused, by reason."""

    passed: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guard:
    """A running guard. What is asked of `url` reaches the target, or is refused; nothing else of the machine does."""

    url: str
    limits: Limits
    _process: subprocess.Popen[bytes] = field(repr=False)
    _admin: Admin = field(repr=False)
    stand_ins: StandIns = field(repr=False)
    """Takes credentials: what is sent with the stand-in of one reaches the target with the credential itself."""

    @property
    def pid(self) -> int:
        """The process to end, from outside, to stop all traffic."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether requests still pass."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Stop all traffic at once. Nothing is left of the guard when this returns."""
        _end(self._process)

    def counts(self) -> GuardCounts:
        """Return what passed and what was refused so far; nothing of a guard that has ended."""
        try:
            found = self._admin.counters(
                rf"^(cluster\.{TARGET}\.upstream_rq_total|(rate|cap)\..*|http\.{STATS}\.rbac\..*)$"
            )
        except RouterUnreachable:
            return GuardCounts()
        named = {_COUNTED[name]: value for name, value in found.items() if name in _COUNTED}
        policies = {
            name.split(".")[-2]: value
            for name, value in found.items()
            if ".policy." in name and name.endswith(".denied") and value
        }
        refused = {reason: value for reason, value in named.items() if reason != "passed" and value}
        return GuardCounts(passed=named.get("passed", 0), refused={**refused, **policies})


@contextmanager
def guarded(
    url: str,
    limits: Limits = READ_ONLY,
    *,
    mark: Mapping[str, str] | None = None,
    connection: Connection = PLAIN,
    log: Path | None = None,
) -> Iterator[Guard]:
    """Start a guard before `url`, which lets pass what `limits` say, and end it with the block.

    `mark` are headers that every request gets, whatever the client sent by those names. `connection` says whom an
    https target is trusted by, what we show it, and the proxy that leads there. `log` gets one JSON line a request,
    without query strings.

    Raises `ToolMissing` without Envoy, `ToolFailed` when it does not start or the host is unknown, `UsageError` for
    what is no address.
    """
    target = target_of(url)
    connection.check()
    upstream = _upstream(target, connection)
    prefix = f"/{secrets.token_urlsafe(16)}"  # nobody else on this machine can use the guard
    folder = Path(tempfile.mkdtemp(prefix="olorin-guard-"))  # mode 0700
    process = None
    try:
        file, said, socket_path = folder / "bootstrap.json", folder / "envoy.log", folder / "admin"
        document = bootstrap(
            target,
            limits,
            upstream=upstream,
            prefix=prefix,
            until=datetime.now(UTC) + timedelta(seconds=limits.seconds),
            admin_socket=socket_path,
            mark=mark or {},
            script=script(folder),
            log=log,
        )
        file.write_text(json.dumps(document), encoding="utf-8")
        process = _start(envoy_command(file, log=said, concurrency=1, name=NAME), folder, limits)
        admin = Admin(f"unix:{socket_path}")
        port = _ready(process, admin, said)
        yield Guard(f"http://127.0.0.1:{port}{prefix}", limits, process, admin, StandIns(folder))
    finally:
        if process is not None:
            _end(process)
        shutil.rmtree(folder, ignore_errors=True)  # the warden did, unless it was killed


def _upstream(target: Target, connection: Connection) -> Upstream:
    """Where Envoy connects to. A proxy is given the target's name; the machine need not know it."""
    if connection.proxy is None:
        return Upstream(_resolved(target.host), target.port, transport(target, connection))
    if target.tls:
        return Upstream((NOWHERE,), target.port, transport(target, connection))
    proxy = target_of(connection.proxy)
    return Upstream(_resolved(proxy.host), proxy.port, whole_urls=True)


def _resolved(host: str) -> tuple[str, ...]:
    """Return the addresses of a host, as every other program of this machine finds them."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ToolFailed(
            f"the host {host} is not known: {error.strerror or error}",
            tool="guard",
            hint="correct the url's host name",
        ) from error
    return tuple(dict.fromkeys(str(address[4][0]) for address in found))


def _start(command: list[str], folder: Path, limits: Limits) -> subprocess.Popen[bytes]:
    keeper = [sys.executable, "-I", "-S", str(Path(warden.__file__)), str(limits.seconds + 1), str(folder), *command]
    try:
        return subprocess.Popen(
            keeper,
            stdin=subprocess.PIPE,  # it ends with us, however we end
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "HOME": str(folder)},
            start_new_session=True,
        )
    except OSError as error:
        raise ToolFailed(f"the guard cannot be started: {error}", tool="guard") from error


def _ready(process: subprocess.Popen[bytes], admin: Admin, said: Path) -> int:
    """Wait until the guard takes requests; returns its port."""
    until = time.monotonic() + START_SECONDS
    words = ""
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            words = said.read_text(errors="replace") or words
        with contextlib.suppress(RouterUnreachable):
            if port := admin.ports().get(LISTENER):
                return port
        time.sleep(_STEP)
    last = next((line for line in reversed(words.splitlines()) if "critical" in line), "it did not say why")
    raise ToolFailed(f"the guard did not start: {last[-500:]}", tool="guard", hint="see docs/production-guard.md")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End Envoy and its warden: first by the end of input, then by force."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
