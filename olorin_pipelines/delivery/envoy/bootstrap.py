"""How is Envoy started for a service? Its static configuration; routes and clusters come from files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from olorin_pipelines.delivery.envoy.documents import no_routes
from olorin_pipelines.delivery.envoy.files import EnvoyFiles
from olorin_pipelines.delivery.envoy.tally import EVICTION_SECONDS, statistics
from olorin_pipelines.envoy.pieces import TYPE, connection_limit
from olorin_pipelines.envoy.pieces import access_log as access_log_to

__all__ = ["LATENCY_BUCKETS", "write_bootstrap"]

LATENCY_BUCKETS = tuple(round(1.2**power, 3) for power in range(60))
"""Upper bounds in ms, 1 ms to 47 s, each 1.2 times the one before: Envoy's own read a true 2.2 times as 2.6."""

_ACCESS_LOG = {
    "start_time": "%START_TIME%",
    "method": "%REQ(:METHOD)%",
    "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    "response_code": "%RESPONSE_CODE%",
    "response_flags": "%RESPONSE_FLAGS%",
    "upstream_cluster": "%UPSTREAM_CLUSTER_RAW%",
    "upstream_host": "%UPSTREAM_HOST%",
    "duration_ms": "%DURATION%",
    "request_id": "%REQ(X-REQUEST-ID)%",
    "service_version": "%RESP(X-SERVICE-VERSION)%",
}


def write_bootstrap(
    directory: Path,
    *,
    service: str,
    listen_port: int,
    admin_port: int,
    access_log: Path,
    concurrency: int = 2,
    max_connections: int = 10_000,
) -> Path:
    """Write what Envoy needs to start, and return the path of its bootstrap.

    Routes and clusters that are already there are kept: the weights survive a restart of Envoy. Both ports are bound
    to 127.0.0.1. The query string of a path is logged as it came. `concurrency` belongs on the command line, see
    `envoy_command`; it is written down here so that the two agree.
    """
    directory = directory.resolve()
    files = EnvoyFiles(directory)
    with files.locked():
        if not files.cds.exists():
            files.write(files.cds, {"version_info": "none", "resources": []})
        if not files.rds.exists():
            files.write(files.rds, no_routes(service))
        access_log.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "node": {
                "id": f"olorin-{service}",
                "cluster": "olorin",
                "metadata": {"service": service, "concurrency": concurrency},
            },
            "admin": {"address": _loopback(admin_port)},
            "stats_flush_interval": "1s",  # histograms are merged at each flush; the default is 5 s
            "stats_config": {
                "histogram_bucket_settings": [
                    {"match": match, "buckets": list(LATENCY_BUCKETS)}
                    for match in ({"suffix": "upstream_rq_time"}, {"prefix": "olorin.request_ms"})
                ]
            },
            "stats_eviction_interval": f"{EVICTION_SECONDS}s",
            "overload_manager": connection_limit(max_connections),
            "dynamic_resources": {"cds_config": _from_file(files.cds)},
            "static_resources": {"listeners": [_listener(service, listen_port, files.rds, access_log.resolve())]},
        }
        files.write(files.bootstrap, document)
    return files.bootstrap


def _listener(service: str, port: int, rds: Path, access_log: Path) -> dict[str, Any]:
    router = {
        "name": "envoy.filters.http.router",
        "typed_config": {"@type": f"{TYPE}extensions.filters.http.router.v3.Router"},
    }
    manager = {
        "@type": f"{TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "ingress",
        "rds": {"route_config_name": service, "config_source": _from_file(rds)},
        "http_filters": [router],
        "access_log": [access_log_to(access_log, _ACCESS_LOG), statistics()],
        "access_log_options": {"flush_access_log_on_new_request": False},
        "use_remote_address": True,
        "normalize_path": True,
        "server_header_transformation": "PASS_THROUGH",
        "drain_timeout": "5s",
        "request_headers_timeout": "10s",
        "stream_idle_timeout": "60s",
        "common_http_protocol_options": {"idle_timeout": "300s", "headers_with_underscores_action": "REJECT_REQUEST"},
    }
    return {
        "name": service,
        "address": _loopback(port),
        "enable_reuse_port": False,  # a second Envoy on the port then fails instead of taking half the connections
        "per_connection_buffer_limit_bytes": 1_048_576,
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }


def _loopback(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _from_file(path: Path) -> dict[str, Any]:
    return {"path_config_source": {"path": str(path)}, "resource_api_version": "V3"}
