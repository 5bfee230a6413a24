"""Which parts of a configuration do both Envoys have? As JSON documents; pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["TYPE", "access_log", "connection_limit", "typed"]

TYPE = "type.googleapis.com/envoy."


def typed(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return an extension with its configuration, as filters and loggers are written."""
    return {"name": name, "typed_config": dict(config)}


def access_log(path: Path, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return a logger that writes one JSON object a request; `fields` are Envoy's own format strings."""
    kind = f"{TYPE}extensions.access_loggers.file.v3.FileAccessLog"
    config = {"@type": kind, "path": str(path), "log_format": {"json_format": dict(fields)}}
    return typed("envoy.access_loggers.file", config)


def connection_limit(most: int) -> dict[str, Any]:
    """Return an overload manager that takes `most` connections of clients at once."""
    kind = f"{TYPE}extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"
    limit = {"@type": kind, "max_active_downstream_connections": most}
    return {"resource_monitors": [typed("envoy.resource_monitors.global_downstream_max_connections", limit)]}
