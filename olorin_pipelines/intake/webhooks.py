"""Which deployment do GitHub and GitLab speak of? Their payloads become an announcement, or a reason to ignore them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from olorin_pipelines.intake.messages import Announcement, Ignored

__all__ = ["of_github", "of_gitlab"]

_VERSION = re.compile(r"(?:refs/tags/)?v?(\d[\w.+-]*)")


def of_github(event: str, payload: Mapping[str, Any], service: str) -> Announcement | Ignored:
    """Read a `deployment_status` event: one that succeeded is announced at its `environment_url`.

    The version is `payload.version` of the deployment, else a ref that is one, else the short commit. Raises
    `ValueError` when a member is missing or is not what GitHub sends.
    """
    if event != "deployment_status":
        return Ignored(ignored=f"the event {event or 'without a name'}: only deployment_status is of interest")
    status, deployment = _object(payload, "deployment_status"), _object(payload, "deployment")
    if status.get("state") != "success":
        return Ignored(ignored=f"the deployment is {status.get('state')}")
    own = deployment.get("payload")
    named = own.get("version") if isinstance(own, Mapping) else None
    return _announcement(
        name=f"github-{deployment.get('id')}-{status.get('id')}",
        service=service,
        version=named if isinstance(named, str) else "",
        ref=str(deployment.get("ref", "")),
        revision=str(deployment.get("sha", "")),
        environment=str(status.get("environment") or deployment.get("environment", "")),
        url=status.get("environment_url"),
    )


def of_gitlab(payload: Mapping[str, Any], service: str) -> Announcement | Ignored:
    """Read a deployment event: one that succeeded is announced at its environment's external URL.

    The version is a ref that is one, else the short commit. Raises `ValueError` when a member is missing.
    """
    if payload.get("object_kind") != "deployment":
        return Ignored(ignored=f"the event {payload.get('object_kind')}: only deployment is of interest")
    if payload.get("status") != "success":
        return Ignored(ignored=f"the deployment is {payload.get('status')}")
    return _announcement(
        name=f"gitlab-{payload.get('deployment_id')}",
        service=service,
        version="",
        ref=str(payload.get("ref", "")),
        revision=str(payload.get("short_sha", "")),
        environment=str(payload.get("environment", "")),
        url=payload.get("environment_external_url"),
    )


def _announcement(
    *, name: str, service: str, version: str, ref: str, revision: str, environment: str, url: Any
) -> Announcement:
    found = _VERSION.fullmatch(ref)
    return Announcement(
        id=name,
        service=service,
        version=version or (found[1] if found else revision[:12]),
        environment=environment.lower(),
        url=url.rstrip("/") if isinstance(url, str) and url else None,
        revision=revision,
    )


def _object(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = payload.get(name)
    if not isinstance(found, Mapping):
        raise ValueError(f"{name} is not an object")  # noqa: TRY004 - the payload is wrong, not our call
    return found
