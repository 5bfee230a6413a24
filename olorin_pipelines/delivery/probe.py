"""Who answers? Single requests over HTTP, as a user would send them."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

__all__ = ["VERSION_HEADER", "Answer", "Probe", "probe"]

VERSION_HEADER = "X-Service-Version"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's status (None: none came, `detail` says why) and the version that it names, empty when none."""

    status: int | None
    version: str = ""
    detail: str = ""


Probe: TypeAlias = Callable[[str], Answer]


def probe(url: str, *, timeout: float = 2.0) -> Answer:
    """Send one GET on a connection of its own and return who answered. Never raises for a failed request."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", path, headers={"User-Agent": "olorin-probe"})
        response = connection.getresponse()
        response.read(65_536)
        return Answer(response.status, response.getheader(VERSION_HEADER, ""))
    except (OSError, http.client.HTTPException) as error:
        return Answer(None, detail=f"{type(error).__name__}: {error}")
    finally:
        connection.close()
