"""Which of two writers is the newer one? Pure."""

from __future__ import annotations

from collections.abc import Iterable

from olorin_pipelines.delivery.model import RouteState
from olorin_pipelines.errors import StaleFence

__all__ = ["guard", "next_fence"]


def guard(desired: RouteState, present: Iterable[RouteState | None], expect_fence: int | None = None) -> None:
    """Refuse to write over a newer writer, or over another one with the same fence. Raises `StaleFence`."""
    newest = max((state for state in present if state), key=lambda state: state.fence, default=None)
    if newest is None:
        return
    if newest.fence > desired.fence or (newest.fence == desired.fence and newest.rollout_id != desired.rollout_id):
        raise StaleFence(
            f"the route of {desired.service} carries fence {newest.fence} of {newest.rollout_id!r}, "
            f"not older than {desired.fence} of {desired.rollout_id!r}",
            hint="another rollout or rollback has taken over",
        )
    if expect_fence is not None and newest.fence != expect_fence:
        raise StaleFence(f"the route of {desired.service} carries fence {newest.fence}, not {expect_fence}")


def next_fence(shown: RouteState | None) -> int:
    """Return the fence of a new writer, given the route that the data plane shows."""
    return shown.fence + 1 if shown else 1
