"""Which traffic router? One adapter per file, looked up by name when it is wanted."""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

from olorin_pipelines.delivery.ports import TrafficRouter
from olorin_pipelines.errors import UnknownName

__all__ = ["open_router"]

_KNOWN = {
    "command": ("olorin_pipelines.delivery.routers.command", "CommandRouter"),
    "envoy": ("olorin_pipelines.delivery.routers.envoy", "EnvoyRouter"),
    "memory": ("olorin_pipelines.delivery.routers.memory", "MemoryRouter"),
    "none": ("olorin_pipelines.delivery.routers.none", "NoRouter"),
    "webhook": ("olorin_pipelines.delivery.routers.webhook", "WebhookRouter"),
}


def open_router(name: str, **options: Any) -> TrafficRouter:
    """Build the router called `name` with its own options. Raises `UnknownName` listing the known ones."""
    if name not in _KNOWN:
        raise UnknownName("traffic router", name, _KNOWN)
    module, attribute = _KNOWN[name]
    return cast("TrafficRouter", getattr(import_module(module), attribute)(**options))
