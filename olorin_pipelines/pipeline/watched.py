"""Which operations of a deployment are watched each by itself while it gets traffic?"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from olorin_pipelines import openapi
from olorin_pipelines.delivery.operations import Operation, watched
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.pipeline.case import Case

__all__ = ["base_path", "watched_operations"]


def watched_operations(case: Case) -> tuple[Operation, ...]:
    """Return the first operations of the candidate's document, as many as the configuration allows.

    None when the document cannot be read any more: a rollout goes on without what only sharpens its sight.
    """
    try:
        snapshot = case.document("candidate")
    except OlorinError:
        return ()
    if snapshot is None:
        return ()
    base = base_path(snapshot.document)
    found = (Operation(item.method, base + item.path) for item in openapi.operations(snapshot.document))
    return watched(found, most=case.service.rollout.operations)


def base_path(document: Mapping[str, object]) -> str:
    """Return the path of the document's first server, which stands before every path."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else {}
    url = first.get("url") if isinstance(first, Mapping) else None
    return urlsplit(url).path.rstrip("/") if isinstance(url, str) and "{" not in url else ""
