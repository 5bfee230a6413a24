"""Who is told, and how? Messages, and one channel per file, looked up by name when it is wanted."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from olorin_pipelines.errors import UnknownName
from olorin_pipelines.notify.message import Message
from olorin_pipelines.notify.port import Channel

if TYPE_CHECKING:
    from olorin_pipelines.config import Config

__all__ = ["Channel", "Message", "open_channel"]

_KINDS = {
    "slack": ("olorin_pipelines.notify.slack", "SlackChannel"),
    "pagerduty": ("olorin_pipelines.notify.pagerduty", "PagerDutyChannel"),
    "alertmanager": ("olorin_pipelines.notify.alertmanager", "AlertmanagerChannel"),
    "email": ("olorin_pipelines.notify.mail", "EmailChannel"),
}


def open_channel(config: Config, name: str) -> Channel:
    """Build the channel `kind/name` of the configuration. Raises `UnknownName` listing those that are configured."""
    known = config.notify.channels()
    if name not in known:
        raise UnknownName("channel", name, known)
    module, attribute = _KINDS[name.partition("/")[0]]
    made: Channel = getattr(import_module(module), attribute)(known[name])
    return made
