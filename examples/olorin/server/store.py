"""Where investigations are kept: in memory, bounded, safe to use from several threads."""

import threading
import uuid
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice

from .models import SEEDED_IDS, EntityType, Investigation, InvestigationStatus, Priority, TimeRange

__all__ = ["Store", "utc_now"]

_SEEDED_AT = datetime(2026, 1, 1, tzinfo=UTC)
_SEEDS = (("alice@example.com", EntityType.EMAIL), ("203.0.113.7", EntityType.IP_ADDRESS))
_FACTORS = ("new_device", "unusual_hour", "disposable_address", "velocity")


def utc_now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


class Store:
    """Holds the latest `capacity` investigations; past that the oldest is dropped, the seeded ones never."""

    def __init__(self, *, capacity: int = 10_000, clock: Callable[[], datetime] = utc_now) -> None:
        self._capacity = capacity
        self._clock = clock
        self._lock = threading.Lock()
        self._seeded = {
            id_: _assess(id_, entity_id, entity_type, _SEEDED_AT)
            for id_, (entity_id, entity_type) in zip(SEEDED_IDS, _SEEDS, strict=True)
        }
        self._latest: dict[uuid.UUID, Investigation] = {}

    def add(
        self,
        entity_id: str,
        entity_type: EntityType,
        *,
        time_range: TimeRange | None = None,
        priority: Priority | None = None,
    ) -> Investigation:
        """Investigate an entity and keep what was found."""
        found = _assess(uuid.uuid4(), entity_id, entity_type, self._clock(), time_range, priority)
        with self._lock:
            while len(self._latest) >= self._capacity:
                del self._latest[next(iter(self._latest))]
            self._latest[found.id] = found
        return found

    def get(self, id_: uuid.UUID) -> Investigation | None:
        """Return the investigation of that id, or None if there is none (any more)."""
        with self._lock:
            return self._latest.get(id_) or self._seeded.get(id_)

    def page(self, *, limit: int, offset: int) -> tuple[list[Investigation], int]:
        """Return a part of the list, newest first and the seeded ones last, and the length of the whole list."""
        with self._lock:
            total = len(self._latest) + len(self._seeded)
            newest = list(islice(reversed(self._latest.values()), offset, offset + limit))
            rest = max(0, offset - len(self._latest))
            return newest + list(islice(self._seeded.values(), rest, rest + limit - len(newest))), total

    def __len__(self) -> int:
        with self._lock:
            return len(self._latest) + len(self._seeded)


def _assess(
    id_: uuid.UUID,
    entity_id: str,
    entity_type: EntityType,
    now: datetime,
    time_range: TimeRange | None = None,
    priority: Priority | None = None,
) -> Investigation:
    """Score an entity: an example's stand-in for real work, the same for the same entity."""
    digest = zlib.crc32(f"{entity_type}:{entity_id}".encode())
    return Investigation(
        id=id_,
        created_at=now,
        updated_at=now,
        entity_id=entity_id,
        entity_type=entity_type,
        time_range=time_range,
        priority=priority,
        status=InvestigationStatus.COMPLETED,
        risk_score=digest % 10_001 / 100,
        risk_factors=[factor for bit, factor in enumerate(_FACTORS) if digest >> bit & 1],
    )
