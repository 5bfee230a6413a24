"""Were the other documents of the same process accepted? A service with several has an entry for each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.registry import BY_HAND, Deployment, Registry
from olorin_pipelines.verdict import Verdict

__all__ = ["Unmet", "needed", "told", "unmet"]

_SECONDS = 120.0
_LOOK_SECONDS = 0.5


class Unmet(NamedTuple):
    """Why no traffic moves: `refused` when another document was rejected, `paused` while that cannot be told."""

    outcome: str
    reason: str


def needed(registry: Registry, service: str, deployment: Deployment) -> Deployment | None:
    """Return the latest deployment of another entry in the same place: the environment, the version and the URL."""
    rows = registry.deployments_of(service, deployment.version)
    return next((row for row in rows if _same_place(row, deployment) and not registry.is_dry_run(row.id)), None)


def unmet(case: Case, *, wait: Callable[[float], None]) -> Unmet | None:
    """Return why the entries that `rollout: {needs: …}` names keep the traffic back, None when all accepted.

    One that is announced and not judged yet is waited for, two minutes in all.
    """
    left = _SECONDS
    for name in case.service.rollout.needs:
        row = needed(case.place.registry, name, case.deployment)
        while (row is None or _is_open(row)) and left > 0:
            wait(_LOOK_SECONDS)
            left -= _LOOK_SECONDS
            row = needed(case.place.registry, name, case.deployment)
        if said := told(name, row):
            return said
    return None


def _same_place(row: Deployment, other: Deployment) -> bool:
    return (
        row.run_id != BY_HAND and row.environment == other.environment and row.url.rstrip("/") == other.url.rstrip("/")
    )


def _is_open(row: Deployment) -> bool:
    return row.verdict is None and row.outcome is None


def told(name: str, row: Deployment | None) -> Unmet | None:
    """Return what keeps back a version that needs `name`, whose deployment is `row`; None when that was accepted."""
    if row is None:
        return Unmet("paused", f"{name} is needed, and was not announced at this version and URL")
    if row.verdict == Verdict.ACCEPTED.value:
        return None
    if row.verdict == Verdict.REJECTED.value:
        return Unmet("refused", f"{name} {row.version} was rejected: {row.because}")
    said = f"was held: {row.because}" if row.verdict else f"has no verdict: it is {row.outcome or 'not judged yet'}"
    return Unmet("paused", f"{name} {row.version} {said}")
