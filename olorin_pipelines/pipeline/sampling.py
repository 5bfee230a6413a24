"""Which requests can be sent to a version that few users call? Documented GETs whose parameters have known values."""

from __future__ import annotations

import http.client
import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlencode, urlsplit

from olorin_pipelines import openapi
from olorin_pipelines.contract.samples import Call, call_of
from olorin_pipelines.delivery.metrics.sampled import SampledMetrics, Sampler
from olorin_pipelines.delivery.operations import Operation
from olorin_pipelines.delivery.pinned import SAMPLE_HEADER, pinned_to
from olorin_pipelines.delivery.ports import MetricsSource, TrafficRouter
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.pipeline.calling import Called, called
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.watched import base_path

__all__ = ["sampled"]

_TIMEOUT_SECONDS = 2.0
_MOST_CALLS = 20


@contextmanager
def sampled(case: Case, source: MetricsSource, router: TrafficRouter) -> Iterator[MetricsSource]:
    """Yield `source` with samples where users are few, as `rollout.samples` says.

    It is `source` alone without a way in, without a GET that the document gives values for, or where a request needs a
    way of its own (TLS, a proxy, a token that ends). A rollout does not fail for that.
    """
    policy, deployment, entry = case.service.rollout, case.deployment, router.entry(case.name)
    with ExitStack() as stack:
        calls: list[tuple[str, str, dict[str, str]]] = []
        if entry and policy.samples and policy.router == "envoy":  # others know no header that pins
            with suppress(OlorinError):
                way = called(case.place.config, case.service, environment=deployment.environment, url=deployment.url)
                calls = _calls(case, stack.enter_context(way))
        if not entry or not calls:
            yield source
            return
        yield SampledMetrics(
            source,
            sample=_sampler(entry, calls, rollout=deployment.id),
            enough=policy.min_requests / policy.step_seconds,
            each=policy.samples,
        )


def _calls(case: Case, way: Called) -> list[tuple[str, str, dict[str, str]]]:
    """Return (operation's name, target, headers) of what can be called plainly."""
    snapshot = case.document("candidate")
    if snapshot is None or way.url != case.deployment.url:
        return []
    found = []
    for item in openapi.operations(snapshot.document):
        if item.method == "GET" and not item.deprecated:
            call = call_of(snapshot.document, item.path, item.path_item, item.item)
            if isinstance(call, Call):
                query = urlencode((*call.query, *way.query.items()))
                target = base_path(snapshot.document) + call.path + (f"?{query}" if query else "")
                headers = {**dict(call.headers), **way.headers, way.mark: "sample"}
                found.append((Operation("GET", base_path(snapshot.document) + item.path).name, target, headers))
    return found[:_MOST_CALLS]


def _sampler(entry: str, calls: list[tuple[str, str, dict[str, str]]], *, rollout: str) -> Sampler:
    """Return what sends the calls in turn, each on a connection of its own."""
    turns, address = itertools.cycle(calls), urlsplit(entry)

    def sample(version: str) -> tuple[str, bool]:
        operation, target, headers = next(turns)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("GET", target, headers={**headers, SAMPLE_HEADER: pinned_to(version, rollout=rollout)})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            return operation, True
        finally:
            connection.close()
        return operation, response.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR

    return sample
