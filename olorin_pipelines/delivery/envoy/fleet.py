"""What do all Envoys that read the same files show? A route is there when each of them shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from olorin_pipelines.delivery.envoy import documents
from olorin_pipelines.delivery.model import RouteState
from olorin_pipelines.envoy.admin import Admin

__all__ = ["Fleet", "Shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the Envoy called `name` shows for a service: its route, None for none of ours, and the route's version."""

    name: str
    state: RouteState | None
    version_info: str


class Fleet:
    """The Envoys whose admin interfaces are at `admin_urls`; one that does not answer makes a question fail.

    Every question raises `RouterUnreachable` then: what one of them does is not known.
    """

    def __init__(self, admin_urls: Sequence[str]) -> None:
        self._admins = [Admin(url) for url in admin_urls]

    @property
    def urls(self) -> str:
        """The admin interfaces, for people."""
        return ", ".join(admin.url for admin in self._admins)

    def shown(self, service: str) -> list[Shown]:
        """Return what each one shows."""
        return [self._shown(admin, service) for admin in self._admins]

    def behind(self, service: str) -> Shown:
        """Return what the one shows that is furthest behind: no route, else the lowest fence, then the most traffic."""
        return min(self.shown(service), key=_progress)

    def missing(self, desired: RouteState, *, pinned: bool = False) -> list[str]:
        """Return the clusters of a route that one of them does not have, each with its address."""
        known = [admin.clusters() for admin in self._admins]
        return [
            f"{wanted['name']} ({backend.url})"
            for backend in desired.backends
            for wanted in documents.clusters(desired.service, [backend], "", pinned=pinned)["resources"]
            if any(
                clusters.get(wanted["name"], {}).get("load_assignment") != wanted["load_assignment"]
                for clusters in known
            )
        ]

    def counters(self, pattern: str) -> Counter[str]:
        """Return the sums of the counters and gauges whose full name matches a regular expression."""
        found: Counter[str] = Counter()
        for admin in self._admins:
            found.update(admin.counters(pattern))
        return found

    def _shown(self, admin: Admin, service: str) -> Shown:
        name = "Envoy" if len(self._admins) == 1 else f"the Envoy at {admin.url}"
        for found in admin.routes():
            config = found.get("route_config", {})
            if config.get("name") == service:
                return Shown(name, documents.state_of(config), str(found.get("version_info", "")))
        return Shown(name, None, "")


def _progress(shown: Shown) -> tuple[int, int]:
    return (shown.state.fence, -shown.state.weight) if shown.state else (-1, 0)
