"""A router in memory, for tests and dry runs: the same promises, no network."""

from __future__ import annotations

from olorin_pipelines.delivery.fence import guard
from olorin_pipelines.delivery.model import Activity, Backend, Evidence, Receipt, RouteState
from olorin_pipelines.errors import RouterUnreachable, RouteUnconfirmed

__all__ = ["MemoryRouter"]


class MemoryRouter:
    """Shows what was applied at once. Tests set `unreachable`, `refuses` (a reason), `activities` by version."""

    def __init__(self, *, entry_url: str | None = None) -> None:
        self.entry_url = entry_url
        self.routes: dict[str, RouteState] = {}
        self.applied: list[RouteState] = []
        self.activities: dict[str, Activity] = {}
        self.unreachable = False
        self.refuses = ""

    def read(self, service: str) -> RouteState | None:
        """Return the route of a service."""
        self._reach()
        return self.routes.get(service)

    def apply(self, desired: RouteState, *, expect_fence: int | None = None) -> Receipt:
        """Take the route, unless it is to be refused when it is confirmed."""
        self._reach()
        guard(desired, [self.routes.get(desired.service)], expect_fence)
        self.applied.append(desired)
        if not self.refuses:
            self.routes[desired.service] = desired
        return Receipt(desired=desired, token=f"{desired.rollout_id}/{desired.fence}/{desired.weight}")

    def confirm(self, receipt: Receipt, *, within: float) -> Evidence:  # noqa: ARG002 - nothing to wait for
        """Show the route, or say why not."""
        self._reach()
        shown = self.routes.get(receipt.desired.service)
        if shown is None or shown != receipt.desired:
            raise RouteUnconfirmed(f"the route of {receipt.desired.service} is not shown: {self.refuses or 'replaced'}")
        return Evidence(seconds=0.0, version_info=receipt.token, weights=shown.weights, proof={"source": "memory"})

    def activity(self, service: str, backend: Backend) -> Activity | None:
        """Return what the test says; an unknown backend has none."""
        self._reach()
        route = self.routes.get(service)
        known = route is not None and backend in route.backends
        return self.activities.get(backend.version, Activity(0, 0) if known else None)

    def entry(self, service: str) -> str | None:  # noqa: ARG002
        """Return the URL given at construction."""
        return self.entry_url

    def _reach(self) -> None:
        if self.unreachable:
            raise RouterUnreachable("the router in memory was told to be unreachable")
