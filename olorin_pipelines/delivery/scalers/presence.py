"""Does anything answer at a backend? Asked of its port, for backends that are not ours to stop."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from olorin_pipelines.delivery.model import Backend, StopEvidence

__all__ = ["accepts", "not_managed"]


def accepts(url: str, *, timeout: float = 1.0) -> bool:
    """Return whether the port of a URL accepts connections."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "", port), timeout=timeout):
            return True
    except OSError:
        return False


def not_managed(backend: Backend) -> StopEvidence:
    """Return the evidence of a backend that is not ours to stop."""
    up = accepts(backend.url)
    said = "something still answers at" if up else "nothing answers at"
    return StopEvidence(managed=False, stopped=not up, detail=f"not managed here; {said} {backend.url}")
