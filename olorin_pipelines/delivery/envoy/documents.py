"""What does Envoy read? Its clusters and its routes as JSON documents, and the routes back as values. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from olorin_pipelines.config import EnvoyRoute
from olorin_pipelines.delivery.envoy.names import cluster_name, stat_name
from olorin_pipelines.delivery.model import Backend, RouteState
from olorin_pipelines.delivery.operations import OTHER, Operation
from olorin_pipelines.delivery.pinned import SAMPLE_HEADER, pinned_to
from olorin_pipelines.errors import UsageError

__all__ = ["cluster", "clusters", "endpoint", "no_routes", "routes", "state_of"]

TYPE = "type.googleapis.com/envoy.config."
METADATA = "olorin.pipelines"
_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_IDLE = "2s"
"""Kept connections end here before they end at the service: uvicorn and Node keep them for 5 s by default, and a
request sent on a connection that is just being closed is a 503 for a user."""
_ALLOWED = EnvoyRoute()
_PINNED = "~sample"
"""The end of a name that no version has, as names escape this sign."""


def endpoint(url: str) -> tuple[str, int]:
    """Return host and port of a backend's URL. Raises `UsageError` for what this adapter does not route to."""
    parts = urlsplit(url)
    try:
        port = parts.port or 80
    except ValueError as error:
        raise UsageError(f"{url} has no valid port") from error
    if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise UsageError(f"Envoy is given backends as http://host:port, not {url}")
    return parts.hostname, port


def cluster(service: str, backend: Backend, allowed: EnvoyRoute = _ALLOWED) -> dict[str, Any]:
    """Return the cluster of one backend: no retries, no health checks, bounded by what is `allowed`."""
    host, port = endpoint(backend.url)
    name = cluster_name(service, backend.version)
    address = {"socket_address": {"address": host, "port_value": port}}
    return {
        "@type": f"{TYPE}cluster.v3.Cluster",
        "name": name,
        "alt_stat_name": stat_name(service, backend.version),
        "type": "STATIC" if _is_address(host) else "STRICT_DNS",
        "connect_timeout": f"{allowed.connect_seconds:g}s",
        "typed_extension_protocol_options": {
            _HTTP_OPTIONS: {
                "@type": f"type.googleapis.com/{_HTTP_OPTIONS}",
                "common_http_protocol_options": {"idle_timeout": _IDLE},
                "explicit_http_config": {"http_protocol_options": {}},
            }
        },
        "circuit_breakers": {"thresholds": [_thresholds(allowed)]},
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
        },
    }


def clusters(
    service: str,
    backends: Iterable[Backend],
    version_info: str,
    *,
    pinned: bool = False,
    allowed: EnvoyRoute = _ALLOWED,
) -> dict[str, Any]:
    """Return the CDS document with one cluster a backend, and one more for what is `pinned` to it."""
    resources = []
    for backend in backends:
        users = cluster(service, backend, allowed)
        resources.append(users)
        if pinned:
            statistics = stat_name(service, backend.version) + _PINNED
            resources.append({**users, "name": f"{users['name']}{_PINNED}", "alt_stat_name": statistics})
    return {"version_info": version_info, "resources": resources}


def routes(
    state: RouteState, version_info: str, *, timeout: float, operations: Iterable[Operation] = (), pinned: bool = False
) -> dict[str, Any]:
    """Return the RDS document of a route; its metadata carry the whole state, so that it can be read back.

    All entries weigh alike. There is one for each of `operations`, so that its requests are counted under its name.
    Requests that are `pinned` to a version go there, whatever the weights, and are counted nowhere among users'.
    """
    weighted = [
        {"name": cluster_name(state.service, version), "weight": weight} for version, weight in state.weights.items()
    ]
    action = {"timeout": f"{timeout:g}s", "weighted_clusters": {"clusters": weighted}}
    entries = [_pinned(state, backend, timeout) for backend in state.backends if pinned]
    entries += [{"name": operation.name, "match": _requests_of(operation), "route": action} for operation in operations]
    rest = {"name": OTHER, "match": {"prefix": "/"}, "route": action}
    entries.append({**rest, "metadata": {"filter_metadata": {METADATA: state.to_dict()}}})
    return _route_config(state.service, entries, version_info)


def no_routes(service: str) -> dict[str, Any]:
    """Return the RDS document of a service that has no backend yet: every request is answered 404."""
    return _route_config(service, [], "none")


def state_of(route_config: Mapping[str, Any]) -> RouteState | None:
    """Read a route configuration back: who is in it from its metadata, the weights from what Envoy really weighs.

    Returns None for a route that is not ours, whose entries do not weigh alike, or whose clusters are not those that
    its metadata name.
    """
    try:
        entries = route_config["virtual_hosts"][0]["routes"]
        data = dict(entries[-1]["metadata"]["filter_metadata"][METADATA])
        weighed, *others = (
            {item["name"]: int(item.get("weight", 0)) for item in entry["route"]["weighted_clusters"]["clusters"]}
            for entry in reversed(entries)
            if entry.get("name") != _PINNED
        )
        if any(other != weighed for other in others):
            return None
        state = RouteState.from_dict(data)
        names = {backend.version: cluster_name(state.service, backend.version) for backend in state.backends}
        if set(weighed) != set(names.values()) or sum(weighed.values()) != 100:
            return None
        data["weight"] = weighed[names[state.candidate.version]] if state.candidate else 0
        return RouteState.from_dict(data)
    except (KeyError, IndexError, TypeError, ValueError, UsageError):
        return None


def _route_config(service: str, entries: list[dict[str, Any]], version_info: str) -> dict[str, Any]:
    resource = {
        "@type": f"{TYPE}route.v3.RouteConfiguration",
        "name": service,
        "validate_clusters": True,  # otherwise an unknown cluster is accepted and answers 503
        "virtual_hosts": [{"name": service, "domains": ["*"], "routes": entries}],
    }
    return {"version_info": version_info, "resources": [resource]}


def _pinned(state: RouteState, backend: Backend, timeout: float) -> dict[str, Any]:
    value = pinned_to(backend.version, rollout=state.rollout_id)
    header = {"name": SAMPLE_HEADER, "string_match": {"exact": value}}
    name = f"{cluster_name(state.service, backend.version)}{_PINNED}"
    route = {"timeout": f"{timeout:g}s", "cluster": name}
    return {"name": _PINNED, "match": {"prefix": "/", "headers": [header]}, "route": route}


def _requests_of(operation: Operation) -> dict[str, Any]:
    method = {"name": ":method", "string_match": {"exact": operation.method}}
    return {"safe_regex": {"regex": operation.pattern}, "headers": [method]}


def _thresholds(allowed: EnvoyRoute) -> dict[str, int]:
    most = allowed.connections + allowed.waiting  # one for each connection, and those that wait: never the narrower
    return {
        "max_connections": allowed.connections,
        "max_pending_requests": allowed.waiting,
        "max_requests": most,
        "max_retries": 0,
    }


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
