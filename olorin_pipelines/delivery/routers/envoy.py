"""Traffic moved by Envoy: clusters and routes in files, confirmed at its admin interface. One service an Envoy."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from olorin_pipelines.config import EnvoyRoute
from olorin_pipelines.delivery.envoy import documents
from olorin_pipelines.delivery.envoy.files import EnvoyFiles, Lock
from olorin_pipelines.delivery.envoy.fleet import Fleet
from olorin_pipelines.delivery.envoy.names import stat_name
from olorin_pipelines.delivery.fence import guard
from olorin_pipelines.delivery.model import Activity, Backend, Evidence, Receipt, RouteState
from olorin_pipelines.delivery.operations import Operation
from olorin_pipelines.errors import RouterUnreachable, RouteUnconfirmed, UsageError

__all__ = ["EnvoyRouter"]

_POLL_SECONDS = 0.01
_LOG_SECONDS = 1.0
_REJECTION = re.compile(r"Filesystem config update (?:rejected|failure): (.*)")


class EnvoyRouter:
    """Writes `directory` (see `write_bootstrap`) and asks the Envoy whose admin interface is at `admin_url`.

    `more_admin_urls` are those of further Envoys that read the same directory: what is not shown by each is not there.
    `entry_url` is the listener's base URL. `allowed` bounds what goes to a version. `cluster_seconds`
    bounds the wait for a new cluster. `envoy_log` is Envoy's own log, where it says why it refused a route.
    `operations` are counted each by itself. Where requests may be `pinned` to a version, they have a cluster of
    their own.
    """

    def __init__(
        self,
        *,
        directory: Path,
        admin_url: str,
        entry_url: str,
        more_admin_urls: Sequence[str] = (),
        allowed: EnvoyRoute | None = None,
        cluster_seconds: float = 5.0,
        envoy_log: Path | None = None,
        operations: Sequence[Operation] = (),
        pinned: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._files = EnvoyFiles(directory)
        self._fleet = Fleet([admin_url, *more_admin_urls])
        self._entry_url = entry_url
        self._allowed = allowed or EnvoyRoute()
        self._cluster_seconds = cluster_seconds
        self._envoy_log = envoy_log
        self._operations, self._pinned = tuple(operations), pinned
        self._monotonic, self._wait = monotonic, wait

    def read(self, service: str) -> RouteState | None:
        """Return the route that Envoy uses, not the one in the file; of several the one that is furthest behind."""
        return self._fleet.behind(service).state

    def apply(self, desired: RouteState, *, expect_fence: int | None = None) -> Receipt:
        """Write the clusters, wait until Envoy has them, write the route.

        While Envoy is down, a route between backends that are already in its file is still written, so that Envoy
        comes back with it; any other is refused with `RouterUnreachable`.
        """
        for backend in desired.backends:
            documents.endpoint(backend.url)
        self._is_ours(desired.service)
        with self._files.locked() as lock:
            written = self._written(desired.service)
            try:
                shown = [each.state for each in self._fleet.shown(desired.service) if each.state]
                rejected = self._rejected(desired.service)
            except RouterUnreachable:
                shown, rejected = [], None
                if written is None or not set(desired.backends) <= set(written.backends):
                    raise
            guard(desired, [written, *shown], expect_fence)  # the file may be ahead of what Envoy shows
            logged = self._log_size()
            token = f"{desired.rollout_id}/{desired.fence}/{desired.weight}"
            if rejected is not None:
                self._make_known(desired, [*([written] if written else []), *shown], token, lock)
            document = documents.routes(
                desired,
                token,
                timeout=self._allowed.request_seconds,
                operations=self._operations,
                pinned=self._pinned,
            )
            self._files.write(self._files.rds, document, lock=lock)
        return Receipt(desired=desired, token=token, rejected_before=rejected, logged_before=logged)

    def confirm(self, receipt: Receipt, *, within: float) -> Evidence:
        """Ask Envoy until it shows the desired weights, rollout id and fence, or refuses, or time is up."""
        desired, started = receipt.desired, self._monotonic()
        while True:
            shown = self._fleet.shown(desired.service)
            seconds = self._monotonic() - started
            lagging = next((each for each in shown if each.state != desired), None)
            if lagging is None:
                proof = {"route": desired.to_dict(), "source": "config_dump", "admin": self._fleet.urls}
                return Evidence(
                    seconds=seconds, version_info=shown[0].version_info, weights=desired.weights, proof=proof
                )
            rejected = self._rejected(desired.service)
            if receipt.rejected_before is not None and rejected > receipt.rejected_before:
                raise RouteUnconfirmed(f"Envoy refused the route of {desired.service}: {self._reason(receipt)}")
            if seconds >= within:
                raise RouteUnconfirmed(
                    f"after {seconds:.1f} s {lagging.name} shows {_said(lagging.state)} for {desired.service}, "
                    f"not {_said(desired)}"
                )
            self._wait(_POLL_SECONDS)

    def activity(self, service: str, backend: Backend) -> Activity | None:
        """Return requests in flight (waiting for a connection included) and ended ones of a backend's cluster."""
        prefix = f"cluster.{stat_name(service, backend.version)}.upstream_rq_"
        found = self._fleet.counters(f"^{re.escape(prefix)}(active|pending_active|completed)$")
        if f"{prefix}active" not in found:
            return None
        active = found[f"{prefix}active"] + found[f"{prefix}pending_active"]
        return Activity(active, found[f"{prefix}completed"])

    def entry(self, service: str) -> str | None:  # noqa: ARG002 - one service an Envoy
        """Return the listener's base URL."""
        return self._entry_url

    def _is_ours(self, service: str) -> None:
        """Refuse the files of another service's Envoy: they hold its clusters, and ours would take their place."""
        owner = self._files.owner()
        if owner not in (None, service):
            raise UsageError(
                f"the Envoy of {self._files.directory} routes {owner}, not {service}",
                hint="one Envoy routes one service: give each an olorin.yaml with a `home` and `ports` of its own",
            )

    def _written(self, service: str) -> RouteState | None:
        resource = self._files.read(self._files.rds)
        return documents.state_of(resource) if resource and resource.get("name") == service else None

    def _make_known(self, desired: RouteState, before: list[RouteState], token: str, lock: Lock) -> None:
        """Write the clusters of the desired route and of those before it, and wait until Envoy has the desired."""
        kept = {backend.version: backend for state in before for backend in state.backends}
        kept |= {backend.version: backend for backend in desired.backends}
        missing = self._fleet.missing(desired, pinned=self._pinned)
        document = documents.clusters(desired.service, kept.values(), token, pinned=self._pinned, allowed=self._allowed)
        self._files.write(self._files.cds, document, lock=lock)
        started = self._monotonic()
        while missing and self._monotonic() - started < self._cluster_seconds:
            self._wait(_POLL_SECONDS)
            missing = self._fleet.missing(desired, pinned=self._pinned)
        if missing:
            raise RouteUnconfirmed(
                f"Envoy did not take up {', '.join(missing)} within {self._cluster_seconds:g} s",
                hint="a host name that does not resolve keeps a cluster from becoming ready",
            )

    def _rejected(self, service: str) -> int:
        pattern = rf"\.rds\.{re.escape(service)}\.update_(rejected|failure)$"
        return sum(self._fleet.counters(pattern).values())

    def _reason(self, receipt: Receipt) -> str:
        """Say why: the admin interface only counts refusals of files, and the log tells the reason a moment later.

        What was logged before the write is the reason of an older refusal.
        """
        missing, started = self._fleet.missing(receipt.desired, pinned=self._pinned), self._monotonic()
        while self._envoy_log:
            if said := _REJECTION.findall(self._logged(receipt.logged_before)):
                return str(said[-1])
            if self._monotonic() - started >= _LOG_SECONDS:
                break
            self._wait(_POLL_SECONDS)
        return f"it does not know {', '.join(missing)}" if missing else "see its log"

    def _log_size(self) -> int:
        try:
            return self._envoy_log.stat().st_size if self._envoy_log else 0
        except OSError:
            return 0

    def _logged(self, before: int) -> str:
        """Return what Envoy wrote to its log after so many bytes."""
        try:
            with (self._envoy_log or Path(os.devnull)).open("rb") as file:
                file.seek(before)
                return file.read().decode(errors="replace")
        except OSError:
            return ""


def _said(state: RouteState | None) -> str:
    if state is None:
        return "no route of ours"
    weights = ", ".join(f"{version} {weight} %" for version, weight in state.weights.items())
    return f"{weights} (fence {state.fence}, {state.rollout_id})"
