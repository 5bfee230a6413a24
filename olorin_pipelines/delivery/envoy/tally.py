"""How does Envoy count requests by operation? The statistics that its access logger makes, and what they say. Pure.

Envoy counts by cluster, and by route over all clusters; neither tells how one operation does on one version. So each
request is counted under the name of its route, which is that of its operation, and of the cluster that it went to.
"""

from __future__ import annotations

import re
from typing import Any

from olorin_pipelines.envoy.pieces import TYPE, typed

__all__ = ["EVICTION_SECONDS", "failed", "filter_of", "statistics"]

EVICTION_SECONDS = 3600
"""What was not counted for so long is forgotten, so that the versions of a year do not stay in memory."""

_OF_VERSIONS = r"upstream_(rq_(time|total|completed|503|5xx)|cx_destroy_remote_with_active_rq)"
_OF_OPERATIONS = r"olorin\.(requests|request_ms)\..*"

_MOST_COUNTERS, _MOST_HISTOGRAMS = 20_000, 4_000
_BY_OPERATION = {"olorin_operation": "%ROUTE_NAME%", "olorin_cluster": "%UPSTREAM_CLUSTER_RAW%"}
_BY_ANSWER = {"olorin_status": "%RESPONSE_CODE%", "olorin_flags": "%RESPONSE_FLAGS%"}
_BROKEN = re.compile(r"\b(UF|UC|UT|UPE|UO|UR|URX|UH|LR)\b")


def statistics() -> dict[str, Any]:
    """Return the access logger that counts: requests by answer, and their milliseconds. Its size is bounded."""
    requests = {"stat": _stat("requests", _BY_OPERATION | _BY_ANSWER), "value_fixed": 1}
    milliseconds = {"stat": _stat("request_ms", _BY_OPERATION), "unit": "Milliseconds", "value_format": "%DURATION%"}
    config = {
        "@type": f"{TYPE}extensions.access_loggers.stats.v3.Config",
        "stats_scope": {
            "prefix": "olorin",
            "max_counters": _MOST_COUNTERS,
            "max_histograms": _MOST_HISTOGRAMS,
            "enable_eviction": True,
        },
        "counters": [requests],
        "histograms": [milliseconds],
    }
    return typed("envoy.access_loggers.stats", config)


def filter_of(clusters: str) -> str:
    """Return a regular expression of the statistics that are read, of clusters named by a regular expression."""
    return rf"^(cluster\.({clusters})\.{_OF_VERSIONS}|{_OF_OPERATIONS}|server\.uptime)$"


def failed(status: str, flags: str) -> bool | None:
    """Tell whether an answer failed, None for a request that its client gave up: it says nothing of the version.

    A failure is a 5xx, or an answer that the connection to the version cut off after its status.
    """
    if _BROKEN.search(flags) or status.startswith("5"):
        return True
    return None if status in ("", "0", "-") else False


def _stat(name: str, tags: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "tags": [{"name": tag, "value_format": value} for tag, value in tags.items()]}
