"""Who is told what is decided? The key `notify` of `olorin.yaml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from pydantic import Field, field_validator, model_validator

from olorin_pipelines.config.values import HttpUrl, Model, Name, Secret

__all__ = ["AlertmanagerNotice", "EmailNotice", "News", "Notice", "Notify", "PagerDutyNotice", "SlackNotice"]

News: TypeAlias = Literal[
    "accepted",
    "rejected",
    "held",
    "paused",
    "held_unsafe",
    "superseded",
    "promoted",
    "aborted",
    "rolled_back",
    "rolled_back_degraded",
    "rollback_failed",
    "production_failed",
]
_TROUBLE: tuple[News, ...] = (
    "rejected",
    "held",
    "paused",
    "held_unsafe",
    "aborted",
    "rolled_back",
    "rolled_back_degraded",
    "rollback_failed",
    "production_failed",
)
_INCIDENTS: tuple[News, ...] = (
    "held_unsafe",
    "superseded",
    "promoted",
    "aborted",
    "rolled_back",
    "rolled_back_degraded",
    "rollback_failed",
    "production_failed",
)
_ADDRESS = re.compile(r"[^@\s,]+@[^@\s,]+")


class SlackNotice(Model):
    """A channel in Slack, or in what takes its format."""

    url: Secret = Field(description="address of the incoming webhook, which is its secret")
    news: tuple[News, ...] = Field(default=_TROUBLE, description="what is told")
    services: tuple[Name, ...] = Field(default=(), description="of which services, all when empty")


class PagerDutyNotice(Model):
    """Incidents in PagerDuty: what ends well resolves them."""

    routing_key: Secret = Field(description="integration key of the Events API v2")
    url: HttpUrl = Field(default="https://events.pagerduty.com", description="where the Events API is")
    news: tuple[News, ...] = Field(default=_INCIDENTS, description="what is told; a good end resolves")
    services: tuple[Name, ...] = Field(default=(), description="of which services, all when empty")


class AlertmanagerNotice(Model):
    """Alerts in Alertmanager, or in what takes its format."""

    url: HttpUrl = Field(description="where Alertmanager is; `/api/v2/alerts` is added")
    bearer: Secret | None = Field(default=None, description="token sent as `Authorization: Bearer …`")
    news: tuple[News, ...] = Field(default=_INCIDENTS, description="what is told; a good end resolves")
    services: tuple[Name, ...] = Field(default=(), description="of which services, all when empty")


class EmailNotice(Model):
    """E-mail over SMTP."""

    host: str = Field(min_length=1, description="the mail server")
    port: int = Field(default=587, ge=1, le=65535, description="its port")
    tls: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="tls: from the first byte; none: only without a password"
    )
    username: str = Field(default="", description="who logs in; nobody when empty")
    password: Secret | None = Field(default=None, description="the password")
    sender: str = Field(description="the address it comes from")
    to: tuple[str, ...] = Field(min_length=1, description="the addresses it goes to")
    news: tuple[News, ...] = Field(default=_TROUBLE, description="what is told")
    services: tuple[Name, ...] = Field(default=(), description="of which services, all when empty")

    @field_validator("sender", "to")
    @classmethod
    def _addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for each in (value,) if isinstance(value, str) else value:
            if not _ADDRESS.fullmatch(each):
                raise ValueError("an address like olorin@example.com is expected")
        return value

    @model_validator(mode="after")
    def _no_open_password(self) -> EmailNotice:
        if self.tls == "none" and (self.username or self.password):
            raise ValueError("a password is not sent without TLS: set tls to starttls or tls")
        return self


Notice: TypeAlias = SlackNotice | PagerDutyNotice | AlertmanagerNotice | EmailNotice


class Notify(Model):
    """Who is told. The names of the channels are free; each message goes once to each channel that wants it."""

    dagster: HttpUrl | None = Field(default=None, description="where people open the Dagster UI, for links")
    seconds: float = Field(default=5.0, gt=0, le=60, description="how long sending one message may take")
    tries: int = Field(default=6, ge=1, le=20, description="how often a message is tried, ever more seldom")
    slack: dict[Name, SlackNotice] = Field(default={}, description="channels in Slack, by name")
    pagerduty: dict[Name, PagerDutyNotice] = Field(default={}, description="integrations of PagerDuty, by name")
    alertmanager: dict[Name, AlertmanagerNotice] = Field(default={}, description="Alertmanagers, by name")
    email: dict[Name, EmailNotice] = Field(default={}, description="e-mail, by name")

    def channels(self) -> dict[str, Notice]:
        """Return all channels by `kind/name`."""
        kinds: dict[str, Mapping[str, Notice]] = {
            "slack": self.slack,
            "pagerduty": self.pagerduty,
            "alertmanager": self.alertmanager,
            "email": self.email,
        }
        return {f"{kind}/{name}": notice for kind, named in kinds.items() for name, notice in named.items()}
