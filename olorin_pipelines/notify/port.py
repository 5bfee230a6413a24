"""What does a channel do? It sends one message, or says why it could not."""

from __future__ import annotations

from typing import Protocol

from olorin_pipelines.notify.message import Message

__all__ = ["Channel"]


class Channel(Protocol):
    """Tells people. Sending again what was sent before does no harm where the other side can tell them apart."""

    def send(self, message: Message, *, timeout: float) -> None:
        """Send within `timeout` seconds. Raises `NotificationFailed`, `ConfigError` for a secret that is not set."""
        ...
