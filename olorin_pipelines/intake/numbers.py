"""How does Olorin itself fare? Its own metrics for Prometheus, counted from the registry at each question."""

from __future__ import annotations

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.registry import Collector

from olorin_pipelines.pipeline.case import Workplace

__all__ = ["CONTENT_TYPE", "numbers"]

_BUCKETS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 45.0, 60.0, 120.0)
"""Seconds of a rollback; 120 s is what is promised."""


def numbers(place: Workplace) -> bytes:
    """Return the metrics as Prometheus text. Raises `RegistryError`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Counted(place))
    return generate_latest(registry)


class _Counted(Collector):
    """All services of the configuration are there, with 0 where nothing happened: an absent series is no answer."""

    def __init__(self, place: Workplace) -> None:
        self._place = place

    def describe(self) -> Iterator[Metric]:
        """Say nothing: registering shall not ask the registry."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Count."""
        counted, services = self._place.registry.counted(), sorted(self._place.config.services)
        verdicts = CounterMetricFamily("olorin_verdicts", "Verdicts by service.", labels=("service", "verdict"))
        for service in services:
            for verdict in ("accepted", "rejected", "held"):
                verdicts.add_metric((service, verdict), counted.verdicts.get((service, verdict), 0))
        yield verdicts
        outcomes = GaugeMetricFamily(
            "olorin_deployments",
            "Deployments by how they ended; `open` are not closed yet, a promoted one may still be rolled back.",
            labels=("service", "outcome"),
        )
        for (service, outcome), count in sorted(counted.outcomes.items()):
            outcomes.add_metric((service, outcome), count)
        yield outcomes
        failures = CounterMetricFamily(
            "olorin_contract_test_failures",
            "Failures that runs of contract tests saw, also known ones, by gate.",
            labels=("service", "gate"),
        )
        for (service, gate), count in sorted(counted.failures.items()):
            failures.add_metric((service, gate), count)
        yield failures
        yield from self._rollbacks(services)
        yield from self._moving(services)

    def _rollbacks(self, services: list[str]) -> Iterator[Metric]:
        seconds = HistogramMetricFamily(
            "olorin_rollback_seconds", "Seconds from the begin of a rollback to its proof.", labels=("service",)
        )
        ended = CounterMetricFamily("olorin_rollbacks", "Rollbacks by how they ended.", labels=("service", "outcome"))
        took = self._place.registry.rollback_seconds()
        for service in services:
            mine = [(outcome, each) for outcome, each in took.get(service, ()) if outcome != "refused"]
            buckets = [(str(bound), sum(each <= bound for _, each in mine)) for bound in _BUCKETS]
            seconds.add_metric((service,), [*buckets, ("+Inf", len(mine))], sum(each for _, each in mine))
            for outcome in ("rolled_back", "rolled_back_degraded", "rollback_failed"):
                ended.add_metric((service, outcome), sum(found == outcome for found, _ in mine))
        yield seconds
        yield ended

    def _moving(self, services: list[str]) -> Iterator[Metric]:
        registry = self._place.registry
        opened = registry.open_rollouts()
        rollouts = GaugeMetricFamily("olorin_open_rollouts", "Rollouts that move traffic now.", labels=("service",))
        weight = GaugeMetricFamily(
            "olorin_rollout_weight_percent", "The candidate's share of the traffic, as asked for.", labels=("service",)
        )
        for service in services:
            mine = [row for row in opened if row.service == service]
            rollouts.add_metric((service,), len(mine))
            weight.add_metric((service,), max((row.weight for row in mine), default=0))
        yield rollouts
        yield weight
        silent = GaugeMetricFamily(
            "olorin_lease_silent_seconds",
            "How long ago whoever moves traffic showed that it lives.",
            labels=("service",),
        )
        for lease in registry.leases():
            silent.add_metric((lease.service,), max(0.0, time.time() - lease.renewed_at))
        yield silent
        notices = GaugeMetricFamily(
            "olorin_notices", "Messages to people by channel and state: due, sent, failed.", labels=("channel", "state")
        )
        for (channel, state), count in sorted(registry.notice_counts().items()):
            notices.add_metric((channel, state), count)
        yield notices
