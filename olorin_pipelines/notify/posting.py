"""How is JSON posted to a channel? Bounded in time, and what fails never repeats the address, which may be a secret."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from olorin_pipelines.errors import NotificationFailed

__all__ = ["post"]

_NONE: Mapping[str, str] = MappingProxyType({})


def post(url: str, body: Any, *, timeout: float, headers: Mapping[str, str] = _NONE) -> None:
    """Post a body as JSON. Raises `NotificationFailed`: `again` tells whether another try may help."""
    import httpx

    from olorin_pipelines import __version__

    sent = {"Content-Type": "application/json", "User-Agent": f"olorin/{__version__}", **headers}
    try:
        answer = httpx.post(url, content=json.dumps(body), headers=sent, timeout=timeout, follow_redirects=False)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise NotificationFailed(f"no answer: {type(error).__name__}", again=True) from None
    if answer.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        busy = answer.status_code in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
        raise NotificationFailed(
            f"it answers {answer.status_code}", again=busy or answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        )
