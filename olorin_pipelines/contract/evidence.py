"""What was sent and what came back, short enough to be shown? Taken from a recording, where secrets are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from olorin_pipelines.contract.curl import command, decoded

__all__ = ["EXCERPT", "Answered", "Sent", "answered", "sent", "size_of"]

EXCERPT = 2_000
"""Characters of a body that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request: its body as text of at most `EXCERPT` characters, `curl` to send it again.

    `at` is when it was sent, in seconds since the epoch; 0.0 where that was not written down.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    curl: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer: `size` of the whole body in bytes, of which `body` shows the beginning."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    size: int = 0
    milliseconds: float = 0.0


def sent(interaction: Mapping[str, Any]) -> Sent:
    """Return the request of a recorded interaction."""
    request = interaction.get("request") or {}
    return Sent(
        method=str(request.get("method", "GET")),
        url=str(request.get("uri", "")),
        headers=_headers(request),
        body=_excerpt(decoded(request.get("body"))),
        curl=command(request),
        at=float(interaction.get("timestamp") or 0.0),
    )


def answered(interaction: Mapping[str, Any]) -> Answered | None:
    """Return the answer of a recorded interaction, None when none came."""
    response = interaction.get("response") or {}
    if response.get("status_code") is None:
        return None
    body = decoded(response.get("content"))
    return Answered(
        status=int(response["status_code"]),
        headers=_headers(response),
        body=_excerpt(body),
        size=int(response.get("content_size") or len(body)),
        milliseconds=round(1000 * float(response.get("elapsed") or 0.0), 1),
    )


def size_of(interaction: Mapping[str, Any]) -> int:
    """Return how much there is to read in a request: of equal failures the one with the smallest is shown."""
    request = interaction.get("request") or {}
    body = request.get("body")
    size = len(body.get("$base64", "")) if isinstance(body, Mapping) else len(str(body or ""))
    headers = sum(
        len(name) + sum(map(len, map(str, values))) for name, values in (request.get("headers") or {}).items()
    )
    return len(str(request.get("uri", ""))) + size + headers


def _headers(message: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(name): ", ".join(map(str, values)) if isinstance(values, list) else str(values)
        for name, values in (message.get("headers") or {}).items()
    }


def _excerpt(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return f"({len(body):,} bytes that are not text)"
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"
