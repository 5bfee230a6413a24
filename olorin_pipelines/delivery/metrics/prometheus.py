"""Counters as a Prometheus has scraped them: of Envoy, over all proxies that it scrapes, or by queries of the user.

What is asked for are the counters themselves, not `rate()` over them: what happened in a step is their difference, so
that nothing is extrapolated, and a counter that began again is seen. Prometheus's own clock alone is used.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from olorin_pipelines.config import PrometheusQueries
from olorin_pipelines.delivery.envoy.counted import CLUSTER_SERIES, OPERATION_SERIES, UPTIME_SERIES, Sample, counters_of
from olorin_pipelines.delivery.envoy.names import cluster_name, stat_name
from olorin_pipelines.delivery.model import Counters
from olorin_pipelines.errors import MetricsUnreachable

if TYPE_CHECKING:
    from prometheus_api_client import PrometheusConnect

__all__ = ["PrometheusMetrics", "queries"]

_TIMEOUT_SECONDS = 2
_CLOCK = "time()"


def queries(service: str, versions: Sequence[str], *, match: str = "") -> dict[str, str]:
    """Return the queries by what they ask for; `match` are label matchers that pick the proxies, such as job="edge"."""
    more = f", {match}" if match else ""
    clusters = _one_of(stat_name(service, version) for version in versions)
    total = f'envoy_cluster_upstream_rq_total{{envoy_cluster_name=~"{clusters}"{more}}}'
    operations = _one_of(cluster_name(service, version) for version in versions)
    return {
        "age": f"max by (envoy_cluster_name) (time() - timestamp({total}))",
        "versions": f'{{__name__=~"{"|".join(CLUSTER_SERIES)}", envoy_cluster_name=~"{clusters}"{more}}}',
        "operations": f'{{__name__=~"{"|".join(OPERATION_SERIES)}", olorin_cluster=~"{operations}"{more}}}',
        "uptime": f"{UPTIME_SERIES}{{{match}}}",
    }


class PrometheusMetrics:
    """Asks the Prometheus at `url`, which scrapes `/stats/prometheus` of the Envoys that `match` picks.

    With queries of the user's `own` it asks those instead, once for each version.
    `headers` are sent with each question, an `Authorization` for one. `timeout` bounds each question, in seconds.
    """

    def __init__(
        self,
        *,
        url: str,
        match: str = "",
        own: PrometheusQueries | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: int = _TIMEOUT_SECONDS,
    ) -> None:
        self._own = own
        self._url, self._match, self._headers, self._timeout = url.rstrip("/"), match, dict(headers or {}), timeout
        self._client: PrometheusConnect | None = None

    def read(self, service: str, versions: Sequence[str]) -> Mapping[str, Counters]:
        """Return the counters of the versions that Prometheus has a fresh series of.

        Their `at` is the time of the scrape and their `age` how long ago that was, both by Prometheus's clock.
        """
        clock = self._number(_CLOCK)
        if self._own is not None:
            own = {version: self._counted(self._own, service, version, clock) for version in versions}
            return {version: counters for version, counters in own.items() if counters is not None}
        asked = queries(service, versions, match=self._match)
        ages = {sample.labels.get("envoy_cluster_name", ""): sample.value for sample in self._ask(asked["age"], clock)}
        samples = [sample for name in ("versions", "operations", "uptime") for sample in self._ask(asked[name], clock)]
        found: dict[str, Counters] = {}
        for version in versions:
            age = ages.get(stat_name(service, version))
            if age is not None:
                query = f"{self._url}: {asked['versions']}"
                found |= counters_of(samples, service=service, versions=[version], at=clock - age, age=age, query=query)
        return found

    def _counted(self, own: PrometheusQueries, service: str, version: str, clock: float) -> Counters | None:
        def ask(query: str) -> list[Sample]:
            found = list(self._ask(_filled(query, service, version), clock)) if query else []
            if not all(math.isfinite(sample.value) for sample in found):
                raise MetricsUnreachable(f"Prometheus at {self._url} has no number for {query}")
            return found

        requests = ask(own.requests)
        if not requests:
            return None
        factor = 1000.0 if own.unit == "s" else 1.0
        buckets: Counter[float] = Counter()
        for sample in ask(own.buckets):
            buckets[_bound(sample, own.buckets) * factor] += int(sample.value)
        return Counters(
            at=clock,
            requests=int(sum(sample.value for sample in requests)),
            errors=int(sum(sample.value for sample in ask(own.errors))),
            latency_sum_ms=factor * sum(sample.value for sample in ask(own.latency)),
            buckets=tuple(sorted(buckets.items())),
            query=f"{self._url}: {_filled(own.requests, service, version)}",
        )

    def _ask(self, query: str, clock: float | None = None) -> Iterator[Sample]:
        result = self._result(query, clock)
        try:
            for entry in result:
                labels = dict(entry["metric"])
                yield Sample(str(labels.pop("__name__", "")), labels, float(entry["value"][1]))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise MetricsUnreachable(f"Prometheus at {self._url} answers in another shape to {query}") from error

    def _number(self, query: str) -> float:
        result = self._result(query, None)
        try:
            return float(result[1])
        except (IndexError, TypeError, ValueError) as error:
            raise MetricsUnreachable(f"Prometheus at {self._url} does not tell its time: {result!r:.200}") from error

    def _result(self, query: str, clock: float | None) -> Any:
        from prometheus_api_client.exceptions import PrometheusApiClientException
        from requests import RequestException

        try:
            parameters = {} if clock is None else {"time": f"{clock:.3f}"}
            return self._connected().custom_query(query, params=parameters)
        except (RequestException, PrometheusApiClientException, ValueError, KeyError, TypeError) as error:
            raise MetricsUnreachable(
                f"Prometheus at {self._url} does not answer: {error or type(error).__name__}",
                hint="is it running, and is rollout.prometheus.url its address?",
            ) from error

    def _connected(self) -> PrometheusConnect:
        if self._client is None:
            from prometheus_api_client import PrometheusConnect
            from requests import Session
            from urllib3.util import Retry

            session = Session()
            session.trust_env = False
            none = Retry(total=0, redirect=0)
            self._client = PrometheusConnect(
                url=self._url, headers=self._headers, retry=none, session=session, timeout=self._timeout
            )
        return self._client


def _filled(query: str, service: str, version: str) -> str:
    """Fill a query in; names stand inside of strings of PromQL."""
    for place, value in (("{service}", service), ("{version}", version)):
        query = query.replace(place, value.replace("\\", "\\\\").replace('"', '\\"'))
    return query


def _bound(sample: Sample, query: str) -> float:
    try:
        return float(sample.labels["le"])
    except (KeyError, ValueError) as error:
        raise MetricsUnreachable(f"a bucket has no bound: {query} has to keep the label `le`") from error


def _one_of(names: Iterator[str]) -> str:
    """Return a regular expression of these names, written as PromQL writes strings."""
    return "|".join(re.escape(name) for name in names).replace("\\", "\\\\").replace('"', '\\"')
