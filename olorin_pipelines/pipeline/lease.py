"""Who may move the traffic of a service now? Taking the lease, living with it, telling when another does not live."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from olorin_pipelines.errors import LeaseHeld, RegistryError
from olorin_pipelines.registry import PAUSED, Lease, Registry

__all__ = ["STALE_SECONDS", "Claim", "Pulse", "Silence", "claim", "holder"]

STALE_SECONDS = 15.0
"""A lease whose heartbeat is older may be taken over. It is renewed every second."""

_RENEW_SECONDS = 1.0
_LOST_SECONDS = 6.0
_POLL_SECONDS = 0.2
_PROCESS = uuid4().hex[:8]  # a pid alone comes again: in a container it is always the same


def holder(who: str) -> str:
    """Return the name under which this process takes leases, such as `run@host:4711:0c5f9a3e`."""
    return f"{who}@{socket.gethostname()}:{os.getpid()}:{_PROCESS}"


@dataclass(slots=True)
class Pulse:
    """Renews a lease from the loop that does the work, never from a thread: what hangs has no heartbeat.

    Raises `StaleFence` when somebody took over. A registry that does not answer is borne for `_LOST_SECONDS`, which
    is less than it takes to be called dead; with `users_first` for ever, as a rollback goes on without its record.
    """

    registry: Registry
    service: str
    fence: int
    users_first: bool = False
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    _renewed: float = field(init=False)
    _tried: float = field(init=False)

    def __post_init__(self) -> None:
        self._renewed = self._tried = self.monotonic()

    def beat(self) -> None:
        """Renew the lease when a second has passed."""
        now = self.monotonic()
        if now - self._tried < _RENEW_SECONDS:
            return
        self._tried = now
        try:
            self.registry.renew_lease(self.service, fence=self.fence)
        except RegistryError as error:
            if not self.users_first and now - self._renewed >= _LOST_SECONDS:
                raise RegistryError(f"the lease could not be renewed for {now - self._renewed:.0f} s") from error
        else:
            self._renewed = now

    def wait(self, seconds: float) -> None:
        """Sleep and live."""
        left = seconds
        while left > 0:
            self.beat()
            self.sleep(min(left, _RENEW_SECONDS))
            left -= _RENEW_SECONDS


@dataclass(frozen=True, slots=True)
class _Seen:
    """A lease as it was first seen so: when, by the own clock, and how old its heartbeat and itself were then."""

    fence: int
    beats: int
    changed: float
    idle: float
    began: float
    age: float


@dataclass(slots=True)
class Silence:
    """Tells for how long leases have been silent, counted on the own monotonic clock.

    The clock of the wall is believed only about what was before the first look: a clock that jumps calls nobody dead,
    as a living holder beats within `observe_seconds`, for which every lease is watched before it is judged.
    """

    stale_seconds: float = STALE_SECONDS
    observe_seconds: float = 3.0
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    _seen: dict[str, _Seen] = field(default_factory=dict)

    def why(self, lease: Lease) -> str:
        """Say why the holder of a lease is to be called dead or overdue; empty when it lives."""
        now = self.monotonic()
        seen = self._look(lease, now)
        unchanged, watched = now - seen.changed, now - seen.began
        resting = lease.kind == PAUSED
        if not resting and unchanged >= self.observe_seconds and unchanged + seen.idle >= self.stale_seconds:
            return f"no heartbeat of {lease.holder} for {unchanged + seen.idle:.1f} s"
        allowed = lease.deadline - lease.taken_at
        if watched >= self.observe_seconds and watched + seen.age >= allowed:
            return f"it rested for {allowed:.0f} s" if resting else f"{lease.holder} did not end within {allowed:.0f} s"
        return ""

    def _look(self, lease: Lease, now: float) -> _Seen:
        before = self._seen.get(lease.service)
        if before is not None and (before.fence, before.beats) == (lease.fence, lease.beats):
            return before
        if before is not None and before.fence == lease.fence:
            seen = _Seen(lease.fence, lease.beats, now, 0.0, before.began, before.age)
        else:
            wall = self.wall()
            known = before is not None  # a lease that came while we watched is as old as our look
            idle = 0.0 if known else max(0.0, wall - lease.renewed_at)
            age = 0.0 if known else max(0.0, wall - lease.taken_at)
            seen = _Seen(lease.fence, lease.beats, now, idle, now, age)
        self._seen[lease.service] = seen
        return seen


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease that was taken, and the one that was taken over, None when it was free."""

    lease: Lease
    before: Lease | None


def claim(
    registry: Registry,
    service: str,
    *,
    who: str,
    kind: str,
    deployment_id: str | None,
    seconds: float,
    work: Mapping[str, Any],
    within: float,
    silence: Silence | None = None,
    above: int = 0,
    wait: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Claim:
    """Take the lease of a service, waiting up to `within` seconds for its holder to end.

    A rollback takes over a rollout that has ended by its own record, and what `silence` calls dead. A rollout takes
    over nothing but its own rest: what its predecessor left has to be rolled back first. Raises `LeaseHeld`.
    """
    silence = silence or Silence()
    until = monotonic() + within
    while True:
        row = registry.lease(service)
        why = _replaceable(registry, row, silence) if row is not None and kind == "rollback" else ""
        if row is not None and kind == "rollout" and (row.kind, row.deployment_id) == (PAUSED, deployment_id):
            why = "it goes on"
        try:
            taken = registry.take_lease(
                service,
                holder=holder(who),
                kind=kind,
                deployment_id=deployment_id,
                seconds=seconds,
                work=work,
                seen=row if why else None,
                above=above,
                why=why,
            )
        except LeaseHeld:
            if monotonic() >= until:
                raise
            wait(_POLL_SECONDS)
        else:
            return Claim(taken, row)


def _replaceable(registry: Registry, lease: Lease, silence: Silence) -> str:
    rollout = registry.rollout(lease.deployment_id) if lease.kind != "rollback" and lease.deployment_id else None
    if rollout is not None and rollout.state != "open":
        return f"the rollout ended: {rollout.state}"
    return silence.why(lease)
