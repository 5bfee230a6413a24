"""Which undocumented refusals are the framework's and no fault of the service? They are not violations.

A framework refuses what never reaches an operation with a status of its own, which few documents name: a body that
cannot be decoded (400), a media type that is not documented (415), a path that is none after decoding (404).
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from olorin_pipelines.contract.judge.answers import is_json, media_of
from olorin_pipelines.contract.judge.exchange import Exchange
from olorin_pipelines.contract.judge.inputs import path_values
from olorin_pipelines.contract.judge.operations import Operation

__all__ = ["NOISE", "is_noise"]

NOISE: Mapping[int, str] = {
    400: "an undocumented 400 to a body that cannot be decoded",
    404: "an undocumented 404 to a path parameter that is empty or holds a slash",
    415: "an undocumented 415 to a media type that is not documented",
}


def is_noise(operation: Operation, exchange: Exchange) -> bool:
    """Whether an undocumented status of this exchange is the framework's own."""
    kind = exchange.headers.get("content-type", "").partition(";")[0].strip().lower()
    if exchange.status == 400:
        return bool(exchange.body) and _undecodable(exchange.body, kind)
    if exchange.status == 415:
        return media_of(operation.bodies, kind) is None
    if exchange.status == 404:
        values = path_values(operation.path, exchange.path)
        return (not values and "{" in operation.path) or any(not text or "/" in text for text in values.values())
    return False


def _undecodable(body: bytes, kind: str) -> bool:
    try:
        body.decode()
        if is_json(kind):
            orjson.loads(body)
    except ValueError:  # of text and of JSON alike
        return True
    return False
