"""A message in a Slack channel, by an incoming webhook."""

from __future__ import annotations

from typing import Any

from olorin_pipelines.config import SlackNotice
from olorin_pipelines.notify.message import Message
from olorin_pipelines.notify.posting import post

__all__ = ["SlackChannel", "slack_body"]

_SIGNS = {"info": ":white_check_mark:", "warning": ":warning:", "error": ":x:", "critical": ":rotating_light:"}


class SlackChannel:
    """Posts to the webhook of a channel; any service that takes Slack's format will do."""

    def __init__(self, notice: SlackNotice) -> None:
        self._notice = notice

    def send(self, message: Message, *, timeout: float) -> None:
        """Post one message."""
        post(self._notice.url.reveal(), slack_body(message), timeout=timeout)


def slack_body(message: Message) -> dict[str, Any]:
    """Return Slack's format: a text for notifications, and blocks. What is quoted cannot mention anybody."""
    facts = "\n".join(f"*{_escaped(name)}* {_escaped(value)}" for name, value in message.facts.items())
    links = " · ".join(f"<{_escaped(url)}|{_escaped(what)}>" for what, url in message.links.items())
    parts = [f"{_SIGNS[message.level]} *{_escaped(message.title)}*", _escaped(message.reason), facts, links]
    return {
        "text": _escaped(message.title),
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": part[:3000]}} for part in parts if part],
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
