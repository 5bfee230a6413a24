"""How is what a rollout or a rollback does written down, and how does it hear what people want of it?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from olorin_pipelines.delivery.model import Command
from olorin_pipelines.registry import BY_HAND, Registry

__all__ = ["DeploymentJournal"]


class DeploymentJournal:
    """The journal of a rollout or rollback, kept as events of the deployment by whoever holds the lease of `fence`."""

    def __init__(self, registry: Registry, deployment_id: str, service: str, *, fence: int) -> None:
        self._registry, self._id, self._service, self._fence = registry, deployment_id, service, fence

    def record(self, kind: str, detail: Mapping[str, Any]) -> None:
        """Append one event, durable on return. Raises `StaleFence` when somebody else has taken over."""
        self._registry.record_held(
            kind, service=self._service, deployment_id=self._id or None, detail=detail, fence=self._fence
        )
        if kind == "apply_intent":
            self._registry.update_rollout(self._id, weight=int(detail["weight"]), fence=self._fence)

    def commanded(self) -> Command | None:
        """Return what is wanted: an abort before all, then to give way to a newer one, then what was asked last."""
        row = self._registry.rollout(self._id)
        if row is not None and row.abort_reason:
            return Command("abort", "olorin rollback", row.abort_reason)
        asked = {each.verb: each for each in self._registry.waiting_commands(self._id)}  # in the order of asking
        if "abort" in asked:
            return Command("abort", asked["abort"].who, asked["abort"].reason)
        newer = self._registry.newer_deployment(self._id, but=BY_HAND)
        if newer is not None:
            return Command("supersede", f"{newer.service} {newer.version}", f"deployment {newer.id} is newer")
        last = next((each for each in reversed(asked.values()) if each.verb in ("pause", "promote")), None)
        if last is None:
            return None
        return Command("pause" if last.verb == "pause" else "promote", last.who, last.reason)
