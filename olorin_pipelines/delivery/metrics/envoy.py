"""Counters from Envoy's own statistics, without a Prometheus in between."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from olorin_pipelines.delivery.envoy.names import stat_name
from olorin_pipelines.delivery.model import Counters
from olorin_pipelines.envoy.admin import Admin
from olorin_pipelines.errors import MetricsUnreachable, RouterUnreachable

__all__ = ["EnvoyMetrics"]

_FAMILIES = r"upstream_(rq_(time|total|completed|503|5xx)|cx_destroy_remote_with_active_rq)"
_SAMPLE = re.compile(r"(?P<name>[A-Za-z_:][\w:]*)\{(?P<labels>.*)\} (?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(slots=True)
class _Cluster:
    """The samples of one cluster; `seen` once its total is present, without which nothing is known about it."""

    seen: bool = False
    completed: int = 0
    server_errors: int = 0
    unavailable: int = 0
    cut: int = 0
    latency_sum: float = 0.0
    buckets: list[tuple[float, int]] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """Answers 5xx, and answers that were cut off after their status.

        Envoy counts a connection that the backend closed under a request as cut; if no status had been sent, it
        answers that request 503 itself. So of cut and 503 the greater one counts: a lower bound, never twice.
        """
        return self.server_errors - self.unavailable + max(self.unavailable, self.cut)


class EnvoyMetrics:
    """Reads `/stats/prometheus` of the Envoy whose admin interface is at `admin_url`."""

    def __init__(self, *, admin_url: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._admin = Admin(admin_url)
        self._monotonic = monotonic

    def read(self, service: str, versions: Sequence[str]) -> Mapping[str, Counters]:
        """Return the counters of the versions that Envoy has a cluster for.

        Requests are counted when they end. Latencies are merged by Envoy once a second, and not measured for every
        request: failed connections, for one, have none.
        """
        names = {version: stat_name(service, version) for version in versions}
        clusters = "|".join(re.escape(name) for name in names.values())
        pattern = rf"^(cluster\.({clusters})\.{_FAMILIES}|server\.uptime)$"
        try:
            text = self._admin.get(f"/stats/prometheus?filter={quote(pattern, safe='')}")
        except RouterUnreachable as error:
            raise MetricsUnreachable(error.message, hint=error.hint) from error
        at = self._monotonic()
        found, uptime = _parse(text)
        return {
            version: Counters(
                at=at,
                requests=found[name].completed,
                errors=found[name].errors,
                latency_sum_ms=found[name].latency_sum,
                buckets=tuple(sorted(found[name].buckets)),
                uptime=uptime,
            )
            for version, name in names.items()
            if name in found and found[name].seen
        }


def _parse(text: str) -> tuple[dict[str, _Cluster], float]:
    clusters: dict[str, _Cluster] = {}
    uptime = 0.0
    for name, labels, value in _samples(text):
        if name == "envoy_server_uptime":
            uptime = value
            continue
        cluster = clusters.setdefault(labels.get("envoy_cluster_name", ""), _Cluster())
        match name.removeprefix("envoy_cluster_upstream_"):
            case "rq_total":
                cluster.seen = True
            case "rq_completed":
                cluster.completed = int(value)
            case "rq_xx" if labels.get("envoy_response_code_class") == "5":
                cluster.server_errors = int(value)
            case "rq" if labels.get("envoy_response_code") == "503":
                cluster.unavailable = int(value)
            case "cx_destroy_remote_with_active_rq":
                cluster.cut = int(value)
            case "rq_time_sum":
                cluster.latency_sum = value
            case "rq_time_bucket":
                cluster.buckets.append((float(labels["le"]), int(value)))
    return clusters, uptime


def _samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    for line in text.splitlines():
        match = _SAMPLE.fullmatch(line.strip())
        if match:
            try:
                value = float(match["value"])
            except ValueError as error:
                raise MetricsUnreachable(f"Envoy's statistics have no number in: {line[:200]}") from error
            if not math.isfinite(value):
                raise MetricsUnreachable(f"Envoy's statistics have no number in: {line[:200]}")
            yield match["name"], dict(_LABEL.findall(match["labels"])), value
