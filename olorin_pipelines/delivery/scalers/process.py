"""Versions that run as local processes: found in the supervisor's file of children, ended by TERM, then KILL."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil

from olorin_pipelines.delivery.model import Backend, StopEvidence
from olorin_pipelines.delivery.scalers.children import Child, alive, forget, load
from olorin_pipelines.delivery.scalers.presence import accepts, not_managed
from olorin_pipelines.errors import ScalerFailed

__all__ = ["ProcessScaler"]

_POLL_SECONDS = 0.02


class ProcessScaler:
    """Stops the children recorded in the file `children`; `term_seconds` passes between TERM and KILL."""

    def __init__(
        self,
        *,
        children: Path,
        term_seconds: float = 10.0,
        kill_seconds: float = 5.0,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path = children
        self._term_seconds, self._kill_seconds = term_seconds, kill_seconds
        self._monotonic, self._wait = monotonic, wait

    def stop(self, service: str, backend: Backend) -> StopEvidence:
        """End the process at the backend's URL and forget it; a zombie counts as ended, its parent reaps it."""
        found = [child for child in load(self._path) if child.url.rstrip("/") == backend.url.rstrip("/")]
        if not found:
            return not_managed(backend)
        started = self._monotonic()
        said = [self._end(service, child) for child in found]
        up = accepts(backend.url)
        detail = "; ".join(said) + (f"; something else answers at {backend.url}" if up else "")
        return StopEvidence(managed=True, stopped=not up, detail=detail, seconds=self._monotonic() - started)

    def running(self, backend: Backend) -> bool:
        """Return whether a recorded process of the backend lives, or, when none is recorded, its port answers."""
        found = [child for child in load(self._path) if child.url.rstrip("/") == backend.url.rstrip("/")]
        return any(alive(child) for child in found) if found else accepts(backend.url)

    def _end(self, service: str, child: Child) -> str:
        said = f"{child.name} (pid {child.pid}) "
        if not alive(child):
            said += "was not running"
        elif self._signal(child, kill=False):
            said += "ended after TERM"
        elif self._signal(child, kill=True):
            said += "ended after KILL"
        else:
            raise ScalerFailed(f"{service} {child.version}: pid {child.pid} does not end, not even by KILL")
        forget(self._path, child.pid)
        return said

    def _signal(self, child: Child, *, kill: bool) -> bool:
        """Signal the very process that was recorded, and wait for its end; psutil refuses a reused pid itself."""
        try:
            if alive(child):
                process = psutil.Process(child.pid)
                (process.kill if kill else process.terminate)()
        except psutil.NoSuchProcess:
            return True
        except psutil.AccessDenied as error:
            raise ScalerFailed(f"pid {child.pid} may not be signalled: {error}") from error
        deadline = self._monotonic() + (self._kill_seconds if kill else self._term_seconds)
        while alive(child):
            if self._monotonic() >= deadline:
                return False
            self._wait(_POLL_SECONDS)
        return True
