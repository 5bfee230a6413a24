"""An incident in PagerDuty, by its Events API, version 2: opened, and resolved when it is over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from olorin_pipelines.config import PagerDutyNotice
from olorin_pipelines.notify.message import Message
from olorin_pipelines.notify.posting import post

__all__ = ["PagerDutyChannel", "pagerduty_body"]


class PagerDutyChannel:
    """Sends events with the routing key of an integration."""

    def __init__(self, notice: PagerDutyNotice) -> None:
        self._notice = notice

    def send(self, message: Message, *, timeout: float) -> None:
        """Open or resolve the incident of the message; PagerDuty takes the same one again as the same."""
        body = pagerduty_body(message, routing_key=self._notice.routing_key.reveal())
        post(f"{self._notice.url}/v2/enqueue", body, timeout=timeout)


def pagerduty_body(message: Message, *, routing_key: str) -> dict[str, Any]:
    """Return an event; the incident is named by the deployment, so that its end resolves it."""
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": "resolve" if message.resolves else "trigger",
        "dedup_key": message.incident[:255],
    }
    if not message.resolves:
        event["payload"] = {
            "summary": f"{message.title}: {message.reason}"[:1024],
            "source": message.service,
            "severity": message.level,
            "timestamp": datetime.fromtimestamp(message.at, UTC).isoformat(),
            "component": message.version,
            "class": message.news,
            "custom_details": dict(message.facts),
        }
        event["links"] = [{"href": url, "text": what} for what, url in message.links.items()]
    return event
