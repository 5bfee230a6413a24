"""What Prometheus is told: requests, errors and latency, per operation and status."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

__all__ = ["Metrics"]

_LABELS = ("operation", "status")
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The measurements of one app, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("olorin_http_requests", "Requests answered", _LABELS, registry=self.registry)
        self._errors = Counter("olorin_http_errors", "Requests answered with 5xx", _LABELS, registry=self.registry)
        self._seconds = Histogram(
            "olorin_http_request_duration_seconds",
            "Time to answer a request",
            _LABELS,
            registry=self.registry,
            buckets=_BUCKETS,
        )

    def observe(self, operation: str, status: int, seconds: float) -> None:
        """Record one answered request."""
        labels = (operation, str(status))
        self._requests.labels(*labels).inc()
        self._seconds.labels(*labels).observe(seconds)
        if status >= 500:
            self._errors.labels(*labels).inc()

    def exposition(self) -> bytes:
        """Return everything measured so far, in the text format of Prometheus."""
        return generate_latest(self.registry)
