"""No scaler: versions are stopped by somebody else; it is only said whether something still answers there."""

from __future__ import annotations

from olorin_pipelines.delivery.model import Backend, StopEvidence
from olorin_pipelines.delivery.scalers.presence import accepts, not_managed

__all__ = ["NoScaler"]


class NoScaler:
    """Stops nothing."""

    def stop(self, service: str, backend: Backend) -> StopEvidence:  # noqa: ARG002 - the port's signature
        """Say whether something still answers."""
        return not_managed(backend)

    def running(self, backend: Backend) -> bool:
        """Return whether the port of the backend accepts connections."""
        return accepts(backend.url)
