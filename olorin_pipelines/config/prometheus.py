"""Which Prometheus is asked, and for what? The key `prometheus` of `rollout`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from olorin_pipelines.config.values import HttpUrl, Model, Secret

__all__ = ["PrometheusQueries", "PrometheusSource"]


class PrometheusQueries(Model):
    """Queries of your own, for counters that are not those of our Envoy. `{service}` and `{version}` are filled in.

    Each is of counters, never of `rate()`; the series that it finds are added up.
    """

    requests: str = Field(min_length=1, description="requests of a version; no series: the version is not counted")
    errors: str = Field(min_length=1, description="failed ones of them; no series: none failed")
    buckets: str = Field(default="", description="latency buckets with the label `le`; empty: latency is not judged")
    latency: str = Field(default="", description="sum of the latencies, with `buckets`")
    unit: Literal["s", "ms"] = Field(default="s", description="what latencies are measured in")

    @model_validator(mode="after")
    def _of_a_version(self) -> PrometheusQueries:
        if "{version}" not in self.requests or "{version}" not in self.errors:
            raise ValueError("a query without {version} says the same of the candidate and of stable")
        if bool(self.buckets) != bool(self.latency):
            raise ValueError("`buckets` and `latency` go together: p95 and mean are both judged")
        return self


class PrometheusSource(Model):
    """The Prometheus that scrapes the Envoys, or whatever counts the requests, for `metrics: prometheus`."""

    url: HttpUrl | None = Field(default=None, description="its address; empty: that of the embedded world")
    match: str = Field(default="", description='label matchers that pick the Envoys, such as `job="edge"`')
    bearer: Secret | None = Field(default=None, description="token sent as `Authorization: Bearer …`")
    queries: PrometheusQueries | None = Field(
        default=None, description="what is asked where our Envoy does not count: routers `command` and `webhook`"
    )
