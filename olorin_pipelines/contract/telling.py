"""How far is a run? Told now and then to whoever asked, from what was folded so far."""

from __future__ import annotations

from collections.abc import Callable

from olorin_pipelines.contract.events import Fold
from olorin_pipelines.contract.model import Progress

__all__ = ["EVERY_SECONDS", "Telling"]

EVERY_SECONDS = 1.0


class Telling:
    """Calls `tell`, when there is one, at most once in `EVERY_SECONDS`."""

    def __init__(
        self,
        fold: Fold,
        tell: Callable[[Progress], None] | None,
        *,
        started: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._fold, self._tell, self._started, self._monotonic = fold, tell, started, monotonic
        self._next = started + EVERY_SECONDS

    def now_and_then(self) -> None:
        """Tell how far the run is, if the last time was long enough ago."""
        now = self._monotonic()
        if self._tell is None or now < self._next:
            return
        self._next = now + EVERY_SECONDS
        self._tell(
            Progress(
                phase=self._fold.phase,
                asked=self._fold.asked,
                operations=self._fold.total,
                cases=self._fold.cases,
                failures=self._fold.violations,
                seconds=round(now - self._started, 1),
            )
        )
