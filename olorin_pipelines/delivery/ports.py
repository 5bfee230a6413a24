"""What does delivery need from the outside? Four Protocols; adapters stand beside them, one per file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from olorin_pipelines.delivery.model import (
    Activity,
    Backend,
    Command,
    Counters,
    Evidence,
    Receipt,
    RouteState,
    StopEvidence,
)

__all__ = ["Journal", "MetricsSource", "Scaler", "TrafficRouter"]


class TrafficRouter(Protocol):
    """Moves the traffic of a service between the versions of it."""

    def read(self, service: str) -> RouteState | None:
        """Return the route that the data plane shows now, None when it shows none of ours.

        Raises `RouterUnreachable` when the data plane cannot be asked.
        """
        ...

    def apply(self, desired: RouteState, *, expect_fence: int | None = None) -> Receipt:
        """Ask for a route; `confirm` tells when it is there. Applying the same route again changes nothing.

        Raises `StaleFence` when the route carries a higher fence than `desired`, or another one than `expect_fence`
        when that is given; `RouterUnreachable`; `RouteUnconfirmed` when the backends could not be made known.
        """
        ...

    def confirm(self, receipt: Receipt, *, within: float) -> Evidence:
        """Wait up to `within` seconds until the data plane shows the desired route.

        Raises `RouteUnconfirmed` with the data plane's reason when there is one, or `RouterUnreachable`.
        """
        ...

    def activity(self, service: str, backend: Backend) -> Activity | None:
        """Return the requests of a backend, None when the data plane does not know the backend (any more)."""
        ...

    def entry(self, service: str) -> str | None:
        """Return the base URL at which users reach the service through this router, None when there is none."""
        ...


class MetricsSource(Protocol):
    """Counts what the versions of a service do."""

    def read(self, service: str, versions: Sequence[str]) -> Mapping[str, Counters]:
        """Return cumulative counters by version; a version that is not counted is absent.

        Raises `MetricsUnreachable`.
        """
        ...


class Scaler(Protocol):
    """Stops the processes of a version."""

    def stop(self, service: str, backend: Backend) -> StopEvidence:
        """Stop a backend; stopping a stopped one is not an error. Raises `ScalerFailed`."""
        ...

    def running(self, backend: Backend) -> bool:
        """Return whether something runs at the backend."""
        ...


class Journal(Protocol):
    """The durable record of what is about to be done and what was shown."""

    def record(self, kind: str, detail: Mapping[str, Any]) -> None:
        """Append one record, durable on return. `detail` is JSON-able. Raises `RegistryError`."""
        ...

    def commanded(self) -> Command | None:
        """Return what is wanted of this rollout now; whoever holds the lease sees to its answer."""
        ...
