"""How does a request of our own reach one version, past the weights? By a header that names the rollout. Pure."""

from __future__ import annotations

__all__ = ["SAMPLE_HEADER", "pinned_to"]

SAMPLE_HEADER = "x-olorin-sample"


def pinned_to(version: str, *, rollout: str) -> str:
    """Return the header's value; users do not know the id of the rollout, so they cannot choose a version by it."""
    return f"{rollout}/{version}"
