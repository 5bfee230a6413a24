"""What does Envoy say about itself? The few questions that are asked of its admin interface."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any, cast
from urllib.parse import quote, urlsplit

from olorin_pipelines.errors import RouterUnreachable

__all__ = ["Admin"]


class _OverSocket(http.client.HTTPConnection):
    """HTTP over a socket of the file system, which only its owner may open."""

    def __init__(self, path: str, *, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Admin:
    """Envoy's admin interface at `url` (`http://host:port`, or `unix:/path`).

    Every question opens its own connection, bounded by `timeout` seconds.

    Every question raises `RouterUnreachable` when Envoy does not answer it.
    """

    def __init__(self, url: str, *, timeout: float = 2.0) -> None:
        self.url, self._timeout = url, timeout

    def get(self, path: str) -> str:
        """Return the body of a page."""
        connection = self._connection()
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read().decode()
        except (OSError, http.client.HTTPException, UnicodeDecodeError) as error:
            raise RouterUnreachable(
                f"Envoy's admin interface at {self.url} does not answer: {error or type(error).__name__}",
                hint="is Envoy running?",
            ) from error
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise RouterUnreachable(f"Envoy's admin interface at {self.url}{path} answers {response.status}")
        return body

    def ports(self) -> dict[str, int]:
        """Return the port of each listener that is open, by its name: also of one that the system chose."""
        listeners = self._json("/listeners?format=json").get("listener_statuses", [])
        return {
            entry["name"]: int(entry["local_address"]["socket_address"]["port_value"])
            for entry in listeners
            if "socket_address" in entry["local_address"]
        }

    def routes(self) -> list[dict[str, Any]]:
        """Return the dynamic route configurations in use: version_info, route_config."""
        return self._dump("dynamic_route_configs")

    def clusters(self) -> dict[str, dict[str, Any]]:
        """Return the dynamic clusters that are warm, by name."""
        found = (entry["cluster"] for entry in self._dump("dynamic_active_clusters"))
        return {str(cluster["name"]): cluster for cluster in found}

    def counters(self, pattern: str) -> dict[str, int]:
        """Return the counters and gauges whose full name matches a regular expression."""
        stats = self._json(f"/stats?format=json&filter={quote(pattern, safe='')}")["stats"]
        return {entry["name"]: int(entry["value"]) for entry in stats if isinstance(entry.get("value"), int)}

    def _connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            return _OverSocket(parts.path, timeout=self._timeout)
        return http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=self._timeout)

    def _dump(self, resource: str) -> list[dict[str, Any]]:
        return cast("list[dict[str, Any]]", self._json(f"/config_dump?resource={resource}").get("configs", []))

    def _json(self, path: str) -> dict[str, Any]:
        body = self.get(path)
        try:
            return cast("dict[str, Any]", json.loads(body))
        except ValueError as error:
            raise RouterUnreachable(f"Envoy's admin interface at {self.url}{path} does not answer in JSON") from error
