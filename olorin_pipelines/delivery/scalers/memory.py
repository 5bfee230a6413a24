"""A scaler in memory, for tests and dry runs."""

from __future__ import annotations

from olorin_pipelines.delivery.model import Backend, StopEvidence
from olorin_pipelines.errors import ScalerFailed

__all__ = ["MemoryScaler"]


class MemoryScaler:
    """Runs the backends that tests put into `up`; tests set `fails` to a reason."""

    def __init__(self) -> None:
        self.up: set[str] = set()
        self.stopped: list[Backend] = []
        self.fails = ""

    def stop(self, service: str, backend: Backend) -> StopEvidence:
        """Take the backend away, or say that it is not there."""
        if self.fails:
            raise ScalerFailed(f"{service} {backend.version}: {self.fails}")
        if backend.url not in self.up:
            return StopEvidence(managed=False, stopped=True, detail="not managed here")
        self.up.discard(backend.url)
        self.stopped.append(backend)
        return StopEvidence(managed=True, stopped=True, detail=f"{backend.version} stopped")

    def running(self, backend: Backend) -> bool:
        """Return whether the backend is up."""
        return backend.url in self.up
