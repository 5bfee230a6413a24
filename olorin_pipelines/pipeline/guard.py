"""Does whoever moves traffic still live? If not, it is taken back here: the last layer against loss, outside Dagster.

A guard reads the registry once a second. It takes over a lease whose heartbeat is too old or whose time is up, does
what was asked for and not begun, watches what has users and no run, and puts right a route that somebody else changed
while nobody moves traffic, with the same steps as every other rollback. Beside a sensor, a run or another guard that
does the same it is harmless: of those who take a lease one gets it, the others find nothing to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, TypeAlias

from olorin_pipelines.errors import LeaseHeld, OlorinError, RegistryError, StaleFence, UsageError
from olorin_pipelines.pipeline import revert
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.held import Failing, Watch
from olorin_pipelines.pipeline.lease import STALE_SECONDS, Claim, Silence, holder
from olorin_pipelines.pipeline.strayed import Stray, put_right, strayed
from olorin_pipelines.registry import PAUSED, Lease, RollbackRequest

__all__ = ["Dead", "Guard", "Rescue", "await_dead"]

WHO = "guard"
_POLL_SECONDS = 1.0
_AT_ONCE = 8
_Act: TypeAlias = Callable[[], revert.Baton | None]
_REQUEST_FACTOR = 3.0  # a run that waits in the queue is not a dead one


@dataclass(frozen=True, slots=True)
class Dead:
    """A rollout or rollback that somebody has to take back or finish; `key` names this finding for ever."""

    service: str
    deployment_id: str
    reason: str
    key: str


@dataclass(frozen=True, slots=True)
class Rescue:
    """What a guard did: `outcome` is that of a rollback, `nothing_to_do`, or `failed` when it will be tried again."""

    service: str
    reason: str
    outcome: str
    detail: str = ""
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the rescue as JSON-able values."""
        return asdict(self)


@dataclass
class Guard:
    """Watches the services of a configuration; `stale_seconds` is how old a heartbeat may be."""

    place: Workplace
    stale_seconds: float = STALE_SECONDS
    observe_seconds: float = 3.0
    _silence: Silence = field(init=False)
    _held: Watch = field(init=False)
    _strays: dict[str, float] = field(default_factory=dict)
    _refused: set[int] = field(default_factory=set)
    _asked: dict[int, float] = field(default_factory=dict)
    _busy: dict[str, futures.Future[Rescue]] = field(default_factory=dict)
    _pool: futures.ThreadPoolExecutor = field(default_factory=lambda: futures.ThreadPoolExecutor(_AT_ONCE))

    def __post_init__(self) -> None:
        self._silence = Silence(
            stale_seconds=self.stale_seconds, observe_seconds=min(self.observe_seconds, self.stale_seconds)
        )
        self._held = Watch(self.place)

    def watch(self, say: Callable[[Rescue], None], *, wait: Callable[[float], None] = time.sleep) -> None:
        """Look once a second, for ever. A registry that does not answer is asked again."""
        trouble = ""
        while True:
            try:
                for rescue in self.look(block=False):
                    say(rescue)
                trouble = ""
            except OlorinError as error:
                if trouble != error.message:
                    say(Rescue("", error.message, "failed", error.hint))
                trouble = error.message
            wait(_POLL_SECONDS)

    def look(self, *, block: bool = True) -> Iterator[Rescue]:
        """Rescue whatever needs it now, services side by side; yields what has ended.

        With `block` all that was begun has ended; without it a slow one keeps nobody waiting.
        """
        for service, why, act in self._found():
            if service not in self._busy:
                self._busy[service] = self._pool.submit(_rescued, service, why, act)
        if block:
            futures.wait(self._busy.values())
        for service, rescue in list(self._busy.items()):
            if rescue.done():
                del self._busy[service]
                yield rescue.result()

    def _found(self) -> Iterator[tuple[str, str, _Act]]:
        registry = self.place.registry
        for lease in registry.leases():
            why = self._silence.why(lease) if lease.service in self.place.config.services else ""
            if why:
                yield lease.service, why, partial(self._take_over, lease, why)
        for request in registry.unanswered_requests():
            if self._is_left(request):
                why = f"{request.reason} (asked for, and not begun)"
                yield request.service, why, partial(self._answer, request, why)
        for failing in self._held.failing():
            yield failing.service, failing.why, partial(self._take_back, failing)
        for service in self.place.config.services:
            stray = strayed(self.place, service)
            if self._persists(service, stray) and stray is not None:
                yield service, stray.why, partial(put_right, self.place, stray, who=WHO)

    def _persists(self, service: str, stray: Stray | None) -> bool:
        """Whether it was there at every look for `observe_seconds`: who moves traffic rightly is done with it soon."""
        if stray is None:
            self._strays.pop(service, None)
            return False
        now = time.monotonic()
        return now - self._strays.setdefault(service, now) >= self.observe_seconds

    def _take_back(self, failing: Failing) -> revert.Baton | None:
        """What has users and no run: a rollout that rests, or production that was just promoted."""
        if failing.lease is not None:
            return self._take_over(failing.lease, f"while it rested: {failing.why}")
        reason = f"after its promotion: {failing.why}"
        baton = revert.precheck(
            self.place, failing.service, deployment_id=failing.deployment_id, reason=reason, who=WHO, within=0.0
        )
        return self._finished(baton)

    def _take_over(self, lease: Lease, why: str) -> revert.Baton | None:
        """Take it back. Where that cannot be recorded the weight is put to 0 all the same: users come first."""
        try:
            return self._taken_over(lease, why)
        except RegistryError as error:
            done = revert.take_off(self.place, lease.service, rollout=lease.deployment_id or "", fence=lease.fence)
            raise RegistryError(f"{error.message}; {done}", hint=error.hint) from error

    def _taken_over(self, lease: Lease, why: str) -> revert.Baton | None:
        reason = _reason(self.place, lease, why)
        taken = self.place.registry.take_lease(
            lease.service,
            holder=holder(WHO),
            kind="rollback",
            deployment_id=lease.deployment_id,
            seconds=revert.ROLLBACK_SECONDS,
            work={"reason": reason},
            seen=lease,
            above=revert.shown_fence(self.place, lease.service),
            why=why,
        )
        return self._finished(revert.begin(self.place, Claim(taken, lease), reason=reason, who=WHO))

    def _answer(self, request: RollbackRequest, why: str) -> revert.Baton | None:
        try:
            baton = revert.precheck(
                self.place,
                request.service,
                deployment_id=request.deployment_id or "",
                reason=why,
                who=WHO,
                within=0.0,
            )
        except UsageError:
            self._refused.add(request.sequence)
            raise
        return self._finished(baton)

    def _finished(self, baton: revert.Baton | None) -> revert.Baton | None:
        return revert.finish(self.place, baton) if baton is not None else None

    def _is_left(self, request: RollbackRequest) -> bool:
        now = time.monotonic()
        waited = max(time.time() - request.requested_at, now - self._asked.setdefault(request.sequence, now))
        return (
            request.service in self.place.config.services
            and request.sequence not in self._refused
            and waited >= _REQUEST_FACTOR * self.stale_seconds
            and ((lease := self.place.registry.lease(request.service)) is None or lease.kind == PAUSED)
        )


def _rescued(service: str, why: str, act: _Act) -> Rescue:
    try:
        proved = act()
    except (LeaseHeld, StaleFence, UsageError) as error:
        return Rescue(service, why, "nothing_to_do", error.message)
    except OlorinError as error:
        return Rescue(service, why, "failed", f"{error.message}; it is tried again")
    if proved is None:
        return Rescue(service, why, "nothing_to_do", "it is closed")
    return Rescue(service, why, proved["outcome"], proved["reason"], proved["seconds"])


def await_dead(
    place: Workplace, *, stale_seconds: float, wait_seconds: float, wait: Callable[[float], None] = time.sleep
) -> list[Dead]:
    """Return what is dead by the clock of the wall, waiting up to `wait_seconds` for the first; takes nothing over."""
    until = time.monotonic() + wait_seconds
    while True:
        silence = Silence(stale_seconds=stale_seconds, observe_seconds=0.0)
        found = [
            Dead(
                service=lease.service,
                deployment_id=lease.deployment_id or "",
                reason=_reason(place, lease, why),
                key=f"dead-{lease.service}-{lease.fence}-{lease.beats}",
            )
            for lease in place.registry.leases()
            if lease.service in place.config.services and (why := silence.why(lease))
        ]
        if found or time.monotonic() >= until:
            return found
        wait(_POLL_SECONDS)


def _reason(place: Workplace, lease: Lease, why: str) -> str:
    """Say why in the record: what the lost one wanted, and how it was found to be lost."""
    if lease.work.get("reason"):
        return f"{lease.work['reason']}; {why}"
    rollout = place.registry.rollout(lease.deployment_id) if lease.deployment_id else None
    if rollout is None:
        return f"the {lease.kind} was lost: {why}"
    if lease.kind == PAUSED:
        return f"paused at {rollout.weight} % ({rollout.reason}): {why}"
    because = rollout.abort_reason or rollout.reason
    return f"the {lease.kind} was lost at {rollout.weight} %{f' ({because})' if because else ''}: {why}"
