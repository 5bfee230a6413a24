"""Traffic moved by a service of the user's: the route is posted to it, signed, and perhaps read back."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from olorin_pipelines.delivery.model import RouteState
from olorin_pipelines.delivery.told import ToldRouter
from olorin_pipelines.errors import RouterUnreachable, StaleFence

__all__ = ["WebhookRouter"]

_MOST_BYTES = 256 * 1024


class WebhookRouter(ToldRouter):
    """Posts to `url` and asks `read_url`, each for at most `seconds`. 409 says that a newer route is there."""

    def __init__(
        self,
        *,
        directory: Path,
        url: str,
        read_url: str | None = None,
        token: Callable[[], str] | None = None,
        secret: Callable[[], str] | None = None,
        seconds: float = 5.0,
        entry_url: str | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._token, self._secret, self._seconds = token, secret, seconds

        def ask(service: str) -> Mapping[str, Any]:
            _, body = self._send("GET", f"{read_url}?service={service}", b"")
            try:
                found = json.loads(body)
            except ValueError as error:
                raise RouterUnreachable(f"{read_url} does not answer with JSON") from error
            return found if isinstance(found, dict) else {}

        def tell(desired: RouteState) -> None:
            body = json.dumps({**desired.to_dict(), "weights": desired.weights}).encode()
            status, _ = self._send("POST", url, body)
            if status == HTTPStatus.CONFLICT:
                raise StaleFence(f"{url} has a newer route than fence {desired.fence}")

        super().__init__(directory=directory, tell=tell, ask=ask if read_url else None, entry_url=entry_url, wait=wait)

    def _send(self, method: str, url: str, body: bytes) -> tuple[int, bytes]:
        import httpx

        headers = {"Content-Type": "application/json"} if body else {}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token()}"
        if self._secret and body:
            made = hmac.new(self._secret().encode(), body, hashlib.sha256).hexdigest()
            headers["X-Olorin-Signature-256"] = f"sha256={made}"
        try:
            with (
                httpx.Client(timeout=self._seconds) as client,
                client.stream(method, url, content=body or None, headers=headers) as answer,
            ):
                found = bytearray()
                for chunk in answer.iter_bytes():
                    found += chunk
                    if len(found) > _MOST_BYTES:
                        raise RouterUnreachable(f"{url} answers more than {_MOST_BYTES // 1024} KiB")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RouterUnreachable(f"{url} does not answer: {type(error).__name__}") from error
        conflict = method == "POST" and answer.status_code == HTTPStatus.CONFLICT
        if not answer.is_success and not conflict:
            raise RouterUnreachable(f"{url} answers {answer.status_code}")
        return answer.status_code, bytes(found)
