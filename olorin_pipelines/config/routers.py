"""What does a router need to know? The keys `envoy`, `command` and `webhook` of `rollout`."""

from __future__ import annotations

import re
from pathlib import PurePath

from pydantic import Field, field_validator

from olorin_pipelines.config.values import HttpUrl, Model, Secret

__all__ = ["CommandRoute", "EnvoyRoute", "WebhookRoute"]

_SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "fish"}
_PLACES = (
    "service",
    "weight",
    "stable_weight",
    "stable",
    "stable_url",
    "candidate",
    "candidate_url",
    "fence",
    "rollout",
)
_PLACE = re.compile(r"\{([a-z_]+)\}")


class EnvoyRoute(Model):
    """What Envoy allows each version. The defaults are for bursts: what is refused here is a 503 for a user."""

    connect_seconds: float = Field(
        default=5.0,
        gt=0,
        le=60,
        description="how long a connection to a version may take; one that got lost is tried again after 1 s and 3 s",
    )
    request_seconds: float = Field(default=15.0, gt=0, description="how long a version may take for an answer")
    connections: int = Field(default=2048, ge=1, description="connections to a version; more requests wait for one")
    waiting: int = Field(default=4096, ge=1, description="requests that wait for a connection; more are answered 503")


class CommandRoute(Model):
    """A program that moves the traffic: helm, kubectl, a script of yours. It is started without a shell."""

    apply: tuple[str, ...] = Field(
        min_length=1,
        description="program and arguments; {service}, {weight}, {stable_weight}, {stable}, {stable_url}, {candidate}, "
        "{candidate_url}, {fence}, {rollout} are filled in, and are variables like OLORIN_WEIGHT; the route is on "
        "standard input as JSON",
    )
    read: tuple[str, ...] = Field(
        default=(), description='program that prints where traffic goes: {"weights": {VERSION: PERCENT}}'
    )
    seconds: float = Field(default=30.0, gt=0, le=600, description="how long each may take")
    entry: HttpUrl | None = Field(default=None, description="where users reach the service, for the proof")

    @field_validator("apply", "read")
    @classmethod
    def _safe(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        shell = bool(value) and PurePath(value[0]).name in _SHELLS
        for argument in value:
            for name in _PLACE.findall(argument):
                if name not in _PLACES:
                    raise ValueError(f"{{{name}}} is not known; there are {', '.join(_PLACES)}")
                if shell:
                    raise ValueError(f'in a shell a version could be a command: write "$OLORIN_{name.upper()}" instead')
        return value


class WebhookRoute(Model):
    """A service of yours that moves the traffic: it is posted the route as JSON."""

    url: HttpUrl = Field(description="where the route is posted; 2xx: it is taken, 409: a newer one is there")
    token: Secret | None = Field(default=None, description="token sent as `Authorization: Bearer …`")
    secret: Secret | None = Field(
        default=None, description="key that the body is signed with, in `X-Olorin-Signature-256: sha256=…`"
    )
    read: HttpUrl | None = Field(
        default=None, description='address that tells where traffic goes: {"weights": {VERSION: PERCENT}}'
    )
    seconds: float = Field(default=5.0, gt=0, le=5, description="how long each may take")
    entry: HttpUrl | None = Field(default=None, description="where users reach the service, for the proof")
