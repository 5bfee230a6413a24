"""Counters from Envoy's own statistics, without a Prometheus in between."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from olorin_pipelines.delivery.envoy.counted import Sample, counters_of
from olorin_pipelines.delivery.envoy.names import stat_name
from olorin_pipelines.delivery.envoy.tally import filter_of
from olorin_pipelines.delivery.model import Counters
from olorin_pipelines.envoy.admin import Admin
from olorin_pipelines.errors import MetricsUnreachable, RouterUnreachable

__all__ = ["EnvoyMetrics"]

_SAMPLE = re.compile(r"(?P<name>[A-Za-z_:][\w:]*)\{(?P<labels>.*)\} (?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class EnvoyMetrics:
    """Reads `/stats/prometheus` of the Envoys whose admin interfaces are at `admin_url` and `more_admin_urls`.

    What they counted is added up. One that does not answer makes the whole no reading: its users may be the ones that
    fail.
    """

    def __init__(
        self,
        *,
        admin_url: str,
        more_admin_urls: Sequence[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._admins = [Admin(url) for url in (admin_url, *more_admin_urls)]
        self._monotonic = monotonic

    def read(self, service: str, versions: Sequence[str]) -> Mapping[str, Counters]:
        """Return the counters of the versions that an Envoy has a cluster for.

        Requests are counted when they end. Latencies are merged by Envoy once a second, and not measured for every
        request: failed connections, for one, have none.
        """
        clusters = "|".join(re.escape(stat_name(service, version)) for version in versions)
        pattern = filter_of(clusters)
        page = f"/stats/prometheus?filter={quote(pattern, safe='')}"
        try:
            samples = [sample for admin in self._admins for sample in _samples(admin.get(page))]
        except RouterUnreachable as error:
            raise MetricsUnreachable(error.message, hint=error.hint) from error
        said = f"{', '.join(admin.url for admin in self._admins)}: /stats/prometheus, {pattern}"
        return counters_of(samples, service=service, versions=versions, at=self._monotonic(), query=said)


def _samples(text: str) -> Iterator[Sample]:
    for line in text.splitlines():
        match = _SAMPLE.fullmatch(line.strip())
        if match:
            try:
                value = float(match["value"])
            except ValueError as error:
                raise MetricsUnreachable(f"Envoy's statistics have no number in: {line[:200]}") from error
            yield Sample(match["name"], dict(_LABEL.findall(match["labels"])), value)
