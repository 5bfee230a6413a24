"""An alert in Prometheus' Alertmanager, or in anything that takes its format: it ends by itself, or when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from olorin_pipelines.config import AlertmanagerNotice
from olorin_pipelines.notify.message import Message
from olorin_pipelines.notify.posting import post

__all__ = ["AlertmanagerChannel", "alertmanager_body"]

_LASTS = timedelta(hours=1)


class AlertmanagerChannel:
    """Posts to `/api/v2/alerts`; grouping, silences and receivers are Alertmanager's."""

    def __init__(self, notice: AlertmanagerNotice) -> None:
        self._notice = notice

    def send(self, message: Message, *, timeout: float) -> None:
        """Post one alert."""
        token = self._notice.bearer
        headers = {"Authorization": f"Bearer {token.reveal()}"} if token else {}
        post(f"{self._notice.url}/api/v2/alerts", alertmanager_body(message), timeout=timeout, headers=headers)


def alertmanager_body(message: Message) -> list[dict[str, Any]]:
    """Return one alert; its labels name the deployment alone, so that what ends it carries the same ones."""
    at = datetime.fromtimestamp(message.at, UTC)
    return [
        {
            "labels": {
                "alertname": "OlorinDeployment",
                "service": message.service,
                "incident": message.incident,
            },
            "annotations": {
                "summary": message.title,
                "description": message.reason,
                "news": message.news,
                "severity": message.level,
                **message.facts,
            },
            "startsAt": at.isoformat(),
            "endsAt": (at if message.resolves else at + _LASTS).isoformat(),
            "generatorURL": next(iter(message.links.values()), ""),
        }
    ]
