"""Which scaler? One adapter per file, looked up by name when it is wanted."""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

from olorin_pipelines.delivery.ports import Scaler
from olorin_pipelines.errors import UnknownName

__all__ = ["open_scaler"]

_KNOWN = {
    "memory": ("olorin_pipelines.delivery.scalers.memory", "MemoryScaler"),
    "process": ("olorin_pipelines.delivery.scalers.process", "ProcessScaler"),
    "none": ("olorin_pipelines.delivery.scalers.none", "NoScaler"),
}


def open_scaler(name: str, **options: Any) -> Scaler:
    """Build the scaler called `name` with its own options. Raises `UnknownName` listing the known ones."""
    if name not in _KNOWN:
        raise UnknownName("scaler", name, _KNOWN)
    module, attribute = _KNOWN[name]
    return cast("Scaler", getattr(import_module(module), attribute)(**options))
