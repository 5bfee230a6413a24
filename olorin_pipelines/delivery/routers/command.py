"""Traffic moved by a program of the user's: helm, kubectl, a script. Started without a shell, ended in time."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from olorin_pipelines.delivery.model import RouteState
from olorin_pipelines.delivery.told import ToldRouter
from olorin_pipelines.errors import RouterUnreachable, UsageError

__all__ = ["CommandRouter"]

_SECRET = re.compile(r"TOKEN|SECRET|PASSW|KEY|CREDENTIAL", re.IGNORECASE)
_SAID = 300
_PIECE_SECONDS = 0.5


class CommandRouter(ToldRouter):
    """Runs `apply` to tell and `read` to ask, each for at most `seconds`, in `folder`.

    `{weight}` and its like are filled in; they are in the environment too, as `OLORIN_WEIGHT`, and the whole route is
    on standard input as JSON. The program is run again when a step is: it has to be idempotent.
    """

    def __init__(
        self,
        *,
        directory: Path,
        folder: Path,
        apply: Sequence[str],
        read: Sequence[str] = (),
        seconds: float = 30.0,
        entry_url: str | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._folder, self._seconds = folder, seconds

        def ask(service: str) -> Mapping[str, Any]:
            said = self._run([_filled(each, {"service": service}) for each in read], {"service": service}, "")
            try:
                found = json.loads(said)
            except ValueError as error:
                raise RouterUnreachable(f"{read[0]} does not print JSON", hint="docs/routers.md") from error
            return found if isinstance(found, dict) else {}

        def tell(desired: RouteState) -> None:
            values = _values(desired)
            self._run([_filled(each, values) for each in apply], values, json.dumps(desired.to_dict()))

        super().__init__(directory=directory, tell=tell, ask=ask if read else None, entry_url=entry_url, wait=wait)

    def _run(self, command: Sequence[str], values: Mapping[str, str], given: str) -> str:
        variables = {f"OLORIN_{name.upper()}": value for name, value in values.items()}
        try:
            process = subprocess.Popen(
                list(command),
                cwd=self._folder,
                env={**os.environ, **variables},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise RouterUnreachable(f"{command[0]} cannot be started: {error}", hint="is it on PATH?") from error
        try:
            out, said = self._awaited(process, given, command[0])
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # what it started ends with it
            if process.poll() is None:
                process.communicate()
        if process.returncode:
            raise RouterUnreachable(f"{command[0]} ended with {process.returncode}: {_shown(said or out)}")
        return out

    def _awaited(self, process: subprocess.Popen[str], given: str, name: str) -> tuple[str, str]:
        """Wait in short pieces, so that whoever waits has a heartbeat."""
        until = time.monotonic() + self._seconds
        words: str | None = given
        while True:
            try:
                return process.communicate(words, timeout=_PIECE_SECONDS)
            except subprocess.TimeoutExpired as error:
                words = None
                if time.monotonic() >= until:
                    raise RouterUnreachable(f"{name} did not end within {self._seconds:g} s") from error
                self._wait(_PIECE_SECONDS / 10)


def _values(route: RouteState) -> dict[str, str]:
    candidate = route.candidate
    values = {
        "service": route.service,
        "weight": str(route.weight),
        "stable_weight": str(100 - route.weight),
        "stable": route.stable.version,
        "stable_url": route.stable.url,
        "candidate": candidate.version if candidate else "",
        "candidate_url": candidate.url if candidate else "",
        "fence": str(route.fence),
        "rollout": route.rollout_id,
    }
    for name in ("stable", "candidate"):
        if values[name].startswith("-"):
            raise UsageError(f"the version {values[name]!r} would be read as an option by a program")
    return values


def _filled(argument: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda found: values.get(found[1], found[0]), argument)


def _shown(said: str) -> str:
    """The end of what a program said, without the values of variables that are secrets by their name."""
    for name, value in os.environ.items():
        if _SECRET.search(name) and len(value) >= 4:
            said = said.replace(value, "[redacted]")
    return " ".join(said.split())[-_SAID:] or "it said nothing"
