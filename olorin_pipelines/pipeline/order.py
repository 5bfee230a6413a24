"""What has to go back, and to where? Decided from records alone, before anything is touched."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.errors import UsageError
from olorin_pipelines.registry import Deployment, Serving

__all__ = ["Order", "order_rollback", "separate"]


class Order(TypedDict):
    """A rollback to be done: JSON-able, because it is handed from op to op.

    `leaving` and `stable` are backends; `production` says that the version to leave is what production serves;
    `asked_for` that a person or the production check wants it, not a verdict; `stops` (true when it is left out) that
    the version to leave is stopped; `closes` is the outcome of the deployment when it is not "rolled_back".
    """

    service: str
    deployment_id: str | None
    leaving: dict[str, Any]
    stable: dict[str, Any] | None
    production: bool
    asked_for: bool
    reason: str
    stops: NotRequired[bool]
    closes: NotRequired[str]


def order_rollback(
    service: str, *, deployment: Deployment | None, serving: Serving | None, reason: str, because: str = ""
) -> Order | None:
    """Return what to do; None when the deployment needs no rollback.

    `reason` is empty after a rollout, and says why when a rollback was asked for; `because` is why the verdict or the
    rollout went wrong. Raises `UsageError` when there is
    nothing that could be rolled back.
    """
    if deployment is None:
        if not reason:
            raise UsageError(
                f"no deployment of {service} is open: there is nothing to roll back",
                hint="give a reason to take production back to the retained version",
            )
        return _production(service, serving, reason)
    in_production = serving is not None and serving.deployment_id == deployment.id
    if deployment.outcome is None and not in_production:
        return _candidate(deployment, serving, reason, because)
    if not reason or deployment.outcome == "rolled_back":  # asked for twice: the second one finds nothing to do
        return None
    if in_production:
        return _production(service, serving, reason)
    raise UsageError(
        f"{service} {deployment.version} is {deployment.outcome} and is not what production serves",
        hint="leave the deployment out to take production back to the retained version",
    )


def separate(deployment: Deployment, serving: Serving) -> bool:
    """Tell whether traffic can be split between them: not in one process, nor when answers cannot be told apart."""
    return deployment.url.rstrip("/") != serving.url.rstrip("/") and deployment.version != serving.version


def _candidate(deployment: Deployment, serving: Serving | None, reason: str, because: str) -> Order:
    if deployment.verdict is None and not reason:
        raise UsageError(
            f"{deployment.service} {deployment.version} has no verdict yet",
            hint="launch the job verify_deployment, or give a reason",
        )
    return Order(
        service=deployment.service,
        deployment_id=deployment.id,
        leaving=Backend(deployment.version, deployment.url).to_dict(),
        stable=Backend(serving.version, serving.url).to_dict() if serving and separate(deployment, serving) else None,
        production=False,
        asked_for=bool(reason),
        reason=reason or because,
    )


def _production(service: str, serving: Serving | None, reason: str) -> Order:
    if serving is None or serving.previous_version is None or serving.previous_url is None:
        now = f"production is {serving.version}" if serving else "nothing is known to serve production"
        raise UsageError(
            f"no earlier version of {service} is retained ({now}): there is nothing to go back to",
            hint="deploy a good version: olorin deploy",
        )
    return Order(
        service=service,
        deployment_id=serving.deployment_id,
        leaving=Backend(serving.version, serving.url).to_dict(),
        stable=Backend(serving.previous_version, serving.previous_url).to_dict(),
        production=True,
        asked_for=True,
        reason=reason,
    )
