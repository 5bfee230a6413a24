"""What do Envoy's samples say of the versions of a service? Whoever fetched them, counters come out. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from olorin_pipelines.delivery.envoy.names import cluster_name, stat_name
from olorin_pipelines.delivery.envoy.tally import failed
from olorin_pipelines.delivery.model import Counters
from olorin_pipelines.errors import MetricsUnreachable

__all__ = ["CLUSTER_SERIES", "OPERATION_SERIES", "UPTIME_SERIES", "Sample", "counters_of"]

_CLUSTER = "envoy_cluster_upstream_"
CLUSTER_SERIES = tuple(
    f"{_CLUSTER}{name}"
    for name in (
        "rq_total",
        "rq_completed",
        "rq_xx",
        "rq",
        "cx_destroy_remote_with_active_rq",
        "rq_time_sum",
        "rq_time_bucket",
    )
)
"""The series of a version, by the label `envoy_cluster_name`."""

OPERATION_SERIES = ("envoy_olorin_requests", "envoy_olorin_request_ms_sum", "envoy_olorin_request_ms_bucket")
"""The series of an operation on a version, by the labels `olorin_operation` and `olorin_cluster`."""

UPTIME_SERIES = "envoy_server_uptime"


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of one series. Several proxies give several samples of it, which are added up."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(slots=True)
class _Tally:
    """The samples of one cluster, or of one operation on it; `seen` once there is one that tells it is counted."""

    seen: bool = False
    completed: float = 0
    server_errors: float = 0
    unavailable: float = 0
    cut: float = 0
    latency_sum: float = 0.0
    buckets: dict[float, float] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """Answers 5xx, and answers that were cut off after their status.

        Envoy counts a connection that the backend closed under a request as cut; if no status had been sent, it
        answers that request 503 itself. So of cut and 503 the greater one counts: a lower bound, never twice.
        """
        return int(self.server_errors - self.unavailable + max(self.unavailable, self.cut))

    def bucket(self, bound: str, value: float) -> None:
        """Add a cumulative count up to `bound` ms."""
        self.buckets[float(bound)] = self.buckets.get(float(bound), 0) + value

    def counters(self, *, at: float, uptime: float, **more: object) -> Counters:
        """Return the tally as counters."""
        buckets = tuple((bound, int(count)) for bound, count in sorted(self.buckets.items()))
        return Counters(
            at=at,
            requests=int(self.completed),
            errors=self.errors,
            latency_sum_ms=self.latency_sum,
            buckets=buckets,
            uptime=uptime,
            **more,  # type: ignore[arg-type]
        )


def counters_of(
    samples: Iterable[Sample], *, service: str, versions: Sequence[str], at: float, age: float = 0.0, query: str = ""
) -> dict[str, Counters]:
    """Return the counters of the versions that are counted; `at`, `age` and `query` are as those of `Counters`.

    Raises `MetricsUnreachable` for a sample that is no number.
    """
    clusters: dict[str, _Tally] = {}
    operations: dict[tuple[str, str], _Tally] = {}
    uptimes: list[float] = []
    for sample in samples:
        if not math.isfinite(sample.value):
            raise MetricsUnreachable(f"Envoy's statistics have no number in {sample.name}: {sample.value}")
        if sample.name == UPTIME_SERIES:
            uptimes.append(sample.value)
        elif sample.name.startswith(_CLUSTER):
            _add(clusters.setdefault(sample.labels.get("envoy_cluster_name", ""), _Tally()), sample)
        else:
            key = sample.labels.get("olorin_cluster", ""), sample.labels.get("olorin_operation", "")
            _add_answer(operations.setdefault(key, _Tally()), sample)
    uptime = min(uptimes, default=0.0)  # the youngest proxy: that one began to count again
    counted: dict[str, Counters] = {}
    for version in versions:
        tally, cluster = clusters.get(stat_name(service, version)), cluster_name(service, version)
        if tally is not None and tally.seen:
            each = {
                name: found.counters(at=at, uptime=uptime)
                for (where, name), found in operations.items()
                if where == cluster and found.seen
            }
            counted[version] = tally.counters(at=at, uptime=uptime, age=age, operations=each, query=query)
    return counted


def _add(tally: _Tally, sample: Sample) -> None:
    labels, value = sample.labels, sample.value
    match sample.name.removeprefix(_CLUSTER):
        case "rq_total":
            tally.seen = True
        case "rq_completed":
            tally.completed += value
        case "rq_xx" if labels.get("envoy_response_code_class") == "5":
            tally.server_errors += value
        case "rq" if labels.get("envoy_response_code") == "503":
            tally.unavailable += value
        case "cx_destroy_remote_with_active_rq":
            tally.cut += value
        case "rq_time_sum":
            tally.latency_sum += value
        case "rq_time_bucket":
            tally.bucket(labels["le"], value)


def _add_answer(tally: _Tally, sample: Sample) -> None:
    labels, value = sample.labels, sample.value
    match sample.name:
        case "envoy_olorin_requests":
            bad = failed(labels.get("olorin_status", ""), labels.get("olorin_flags", ""))
            if bad is not None:
                tally.seen = True
                tally.completed += value
                tally.server_errors += value if bad else 0
        case "envoy_olorin_request_ms_sum":
            tally.latency_sum += value
        case "envoy_olorin_request_ms_bucket":
            tally.bucket(labels["le"], value)
