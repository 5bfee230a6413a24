"""What is known of a version that few users call? Requests of our own beside theirs, counted apart.

They reach a version by a header that only they carry, past the weights, and through a cluster of its own: so they are
in none of Envoy's counts of users. They say whether a version answers; how fast is left to users, because another
mixture of requests has other times.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from olorin_pipelines.delivery.model import Counters
from olorin_pipelines.delivery.ports import MetricsSource

__all__ = ["SampledMetrics", "Sampler"]

_SECONDS = 1.0

Sampler = Callable[[str], tuple[str, bool]]
"""Sends one request to a version; returns the operation's name, and whether the version failed."""


@dataclass(slots=True)
class _Sent:
    requests: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)


class SampledMetrics:
    """`source`, and `each` requests by `sample` to every version at each reading in which users sent too few.

    Too few are fewer than `enough` a second on the last of the versions, which is the one that is judged.
    """

    def __init__(
        self,
        source: MetricsSource,
        *,
        sample: Sampler,
        enough: float,
        each: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._sample, self._enough, self._each = source, sample, enough, each
        self._monotonic = monotonic
        self._sent: dict[tuple[str, str], _Sent] = {}
        self._before: dict[str, tuple[float, int]] = {}

    def read(self, service: str, versions: Sequence[str]) -> Mapping[str, Counters]:
        """Return the counters of the source with the samples added; a version that is not counted stays absent."""
        found = self._source.read(service, versions)
        if self._too_few(versions[-1], found):
            until = self._monotonic() + _SECONDS
            for version in found:
                self._send(service, version, until)
        return {version: self._added(service, version, counters) for version, counters in found.items()}

    def _too_few(self, version: str, found: Mapping[str, Counters]) -> bool:
        if version not in found:
            return False
        now, requests = self._monotonic(), found[version].requests
        at, before = self._before.get(version, (now, requests))
        self._before[version] = (now, requests)
        return now > at and requests - before < self._enough * (now - at)

    def _send(self, service: str, version: str, until: float) -> None:
        sent = self._sent.setdefault((service, version), _Sent())
        for _ in range(self._each):
            if self._monotonic() >= until:  # a version that hangs must not keep the rollout from its heartbeat
                return
            operation, failed = self._sample(version)
            sent.requests[operation] += 1
            sent.errors[operation] += failed

    def _added(self, service: str, version: str, counters: Counters) -> Counters:
        sent = self._sent.get((service, version))
        if sent is None:
            return counters
        operations = dict(counters.operations)
        for name, count in sent.requests.items():
            one = operations.get(name) or Counters(at=counters.at, requests=0, errors=0, uptime=counters.uptime)
            operations[name] = _more(one, count, sent.errors[name])
        total, errors = sum(sent.requests.values()), sum(sent.errors.values())
        return replace(_more(counters, total, errors), operations=operations)


def _more(counters: Counters, requests: int, errors: int) -> Counters:
    return replace(
        counters,
        requests=counters.requests + requests,
        errors=counters.errors + errors,
        samples=counters.samples + requests,
    )
