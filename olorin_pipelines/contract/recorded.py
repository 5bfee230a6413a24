"""Which exchanges does a line of the report hold? The scenarios of Schemathesis, and ours written alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from olorin_pipelines.contract.curl import decoded
from olorin_pipelines.contract.judge import Exchange
from olorin_pipelines.contract.judge.exchange import FILTERED

__all__ = ["UNRECORDED", "UNRECORDED_ANSWER", "Recorded", "recorded"]

_VALID = {"positive": True, "negative": False}
UNRECORDED = dict.fromkeys(("user-agent", "accept-encoding", "accept", "connection", "content-length"), FILTERED)
"""Headers of requests that Schemathesis sends and does not write down."""
UNRECORDED_ANSWER = {"date": FILTERED}
"""Likewise of answers."""


class Recorded(NamedTuple):
    """An exchange, the interaction as it was recorded, and the checks of Schemathesis that failed in it."""

    exchange: Exchange
    interaction: Mapping[str, Any]
    failed: list[Mapping[str, Any]]


def recorded(scenario: Mapping[str, Any], *, base: str, known: Mapping[str, Any]) -> Iterator[Recorded]:
    """Yield what a finished scenario holds, in the order in which it happened.

    `base` is the path of the service's own address. A request by another method belongs to the operation in `known`
    that it was made for.
    """
    recorder = scenario.get("recorder") or {}
    label, phase = str(recorder.get("label", "")), str(scenario.get("phase", ""))
    checks = recorder.get("checks") or {}
    for case_id, interaction in (recorder.get("interactions") or {}).items():
        node = (recorder.get("cases") or {}).get(case_id) or {}
        case = node.get("value") or {}
        own = f"{case.get('method')} {case.get('path')}"
        mode = ((case.get("meta") or {}).get("generation") or {}).get("mode")
        resent = node.get("parent_id") is not None and node.get("transition") is None  # with other credentials
        exchange = _exchange(
            interaction,
            base=base,
            operation=label if label in known else own,
            method=str(case.get("method")),
            phase=phase,
            valid=None if resent else _VALID.get(str(mode)),
            probe=case.get("probe", ""),
        )
        yield Recorded(
            exchange, interaction, [each for each in checks.get(case_id, ()) if each.get("status") == "failure"]
        )


def _exchange(interaction: Mapping[str, Any], *, base: str, **said: Any) -> Exchange:
    request, response = interaction.get("request") or {}, interaction.get("response") or {}
    address = urlsplit(str(request.get("uri", "")))
    return Exchange(
        path=address.path.removeprefix(base),
        query=address.query,
        headers=UNRECORDED | _headers(request.get("headers")),
        body=decoded(request.get("body")),
        status=response.get("status_code"),
        answer_headers=UNRECORDED_ANSWER | _headers(response.get("headers")),
        answer=decoded(response.get("content")),
        whole="content_size" not in response,
        elapsed_ms=1000 * float(response.get("elapsed") or 0.0),
        **said,
    )


def _headers(headers: Any) -> dict[str, str]:
    return {
        name.lower(): ", ".join(map(str, values)) if isinstance(values, list) else str(values)
        for name, values in (headers or {}).items()
    }
