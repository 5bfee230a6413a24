"""Which metrics source? One adapter per file, looked up by name when it is wanted."""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

from olorin_pipelines.delivery.ports import MetricsSource
from olorin_pipelines.errors import UnknownName

__all__ = ["open_metrics"]

_KNOWN = {
    "envoy": ("olorin_pipelines.delivery.metrics.envoy", "EnvoyMetrics"),
    "memory": ("olorin_pipelines.delivery.metrics.memory", "MemoryMetrics"),
    "prometheus": ("olorin_pipelines.delivery.metrics.prometheus", "PrometheusMetrics"),
}


def open_metrics(name: str, **options: Any) -> MetricsSource:
    """Build the source called `name` with its own options. Raises `UnknownName` listing the known ones."""
    if name not in _KNOWN:
        raise UnknownName("metrics source", name, _KNOWN)
    module, attribute = _KNOWN[name]
    return cast("MetricsSource", getattr(import_module(module), attribute)(**options))
