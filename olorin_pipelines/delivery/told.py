"""What was a router told, and does it show that? For routers that can be told where traffic goes, and perhaps be asked.

What was told is kept in a file with its fence, so that an older writer is refused. Where nothing can be read back, the
route is *believed*: it is what was told, not what was seen, and a proof by it is no data.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from olorin_pipelines.delivery.envoy.files import EnvoyFiles
from olorin_pipelines.delivery.fence import guard
from olorin_pipelines.delivery.model import Activity, Backend, Evidence, Receipt, RouteState
from olorin_pipelines.errors import NotShown, OlorinError, RouterUnreachable, RouteUnconfirmed, StaleFence

__all__ = ["ToldRouter"]

_POLL_SECONDS = 0.2


class ToldRouter:
    """Keeps what it `tell`s in `directory`; `ask` returns what the router says, None when it cannot be asked.

    An answer has `weights` (percent by version), or is a whole route as it was told. `tell` and `ask` raise
    `RouterUnreachable`, `tell` also `StaleFence`; they end by themselves.
    """

    def __init__(
        self,
        *,
        directory: Path,
        tell: Callable[[RouteState], None],
        ask: Callable[[str], Mapping[str, Any]] | None,
        entry_url: str | None,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._files, self._tell, self._ask, self._entry_url = EnvoyFiles(directory), tell, ask, entry_url
        self._monotonic, self._wait = monotonic, wait

    def read(self, service: str) -> RouteState | None:
        """Return the route that the router shows; the believed one when it cannot be asked."""
        told, done = self._told(service)
        if self._ask is None:
            return replace(told, believed=True) if told and done else None
        return _shown(self._ask(service), told)

    def apply(self, desired: RouteState, *, expect_fence: int | None = None) -> Receipt:
        """Note the route with its fence, then tell it. Who was overtaken meanwhile learns that afterwards."""
        with self._files.locked() as lock:
            guard(desired, [self._told(desired.service)[0]], expect_fence)
            self._files.write(self._path(desired.service), _noted(desired, done=False), lock=lock)
        self._tell(desired)
        self._wait(_POLL_SECONDS / 10)  # a heartbeat: what comes next may take its time as well
        with self._files.locked() as lock:
            now = self._told(desired.service)[0]
            if now != desired:
                raise StaleFence(
                    f"another route of {desired.service} was told meanwhile", hint="another writer has taken over"
                )
            self._files.write(self._path(desired.service), _noted(desired, done=True), lock=lock)
        return Receipt(desired=desired, token=f"{desired.rollout_id}/{desired.fence}/{desired.weight}")

    def confirm(self, receipt: Receipt, *, within: float) -> Evidence:
        """Ask until the desired weights are shown; believe it at once when nobody can be asked."""
        desired, started = receipt.desired, self._monotonic()
        while True:
            shown = self.read(desired.service)
            seconds = self._monotonic() - started
            if shown == desired:
                source = "told; nothing can be read back" if shown.believed else "read back"
                return Evidence(
                    seconds=seconds, version_info=receipt.token, weights=shown.weights, proof={"source": source}
                )
            if seconds >= within:
                weights = shown.weights if shown else "no route of ours"
                raise RouteUnconfirmed(f"after {seconds:.1f} s the router shows {weights}, not {desired.weights}")
            self._wait(_POLL_SECONDS)

    def activity(self, service: str, backend: Backend) -> Activity | None:
        """Nobody counts here. Raises `NotShown`."""
        raise NotShown(f"the router of {service} does not count the requests of {backend.version}")

    def entry(self, service: str) -> str | None:  # noqa: ARG002 - the port's signature
        """Return where users reach the service, as it is configured."""
        return self._entry_url

    def _path(self, service: str) -> Path:
        return self._files.directory / f"{service}.json"

    def _told(self, service: str) -> tuple[RouteState | None, bool]:
        found = self._files.read(self._path(service))
        if found is None:
            return None, False
        try:
            return RouteState.from_dict(found["route"]), bool(found["done"])
        except (KeyError, TypeError, ValueError, OlorinError):
            return None, False


def _noted(route: RouteState, *, done: bool) -> dict[str, Any]:
    return {"resources": [{"route": route.to_dict(), "done": done}]}


def _shown(answer: Mapping[str, Any], told: RouteState | None) -> RouteState | None:
    """Read an answer: the route that was told when the weights are its own, else one that is not ours."""
    try:
        if "stable" in answer:
            return RouteState.from_dict(answer)
        weights = {str(version): int(percent) for version, percent in answer["weights"].items() if int(percent)}
    except (KeyError, TypeError, ValueError, AttributeError, OlorinError) as error:
        raise RouterUnreachable(f"what the router says cannot be read: {error!r}") from error
    if told is None:
        return None
    if weights == {version: percent for version, percent in told.weights.items() if percent}:
        return told
    if not set(weights) <= set(told.weights) or sum(weights.values()) != 100:
        return None
    candidate = told.candidate.version if told.candidate else ""
    return replace(told, weight=weights.get(candidate, 0), rollout_id="not ours")
