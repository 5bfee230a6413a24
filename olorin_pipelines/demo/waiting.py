"""How is something waited for? By its condition, with a limit, and not longer than the world lives."""

from __future__ import annotations

import time
from collections.abc import Callable

from olorin_pipelines.demo.world import World
from olorin_pipelines.errors import SupervisorError

__all__ = ["wait_until"]

_POLL_SECONDS = 0.25


def wait_until(world: World, met: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait until `met`. Raises `SupervisorError` after `seconds`, or when a part of the world died."""
    until = time.monotonic() + seconds
    while not met():
        world.alive_or_raise("dagster", "envoy", "load")
        if time.monotonic() > until:
            raise SupervisorError(f"waited {seconds:.0f} s for {what}", hint=f"see {world.processes.logs}")
        time.sleep(_POLL_SECONDS)
