"""An intake over a registry of its own, asked without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest

from olorin_pipelines.intake import create_app
from olorin_pipelines.intake.door import Door

SERVICE = "investigations"
CANARY = "http://127.0.0.1:9"
TOKEN = "a-token-of-the-tests"


class Asked:
    """Asks an application; `place` is what stands behind it."""

    def __init__(self, place, door: Door) -> None:
        self.place, self.app = place, create_app(place, door)
        self.headers = {"Authorization": f"Bearer {door.token}"} if door.token else {}

    def __call__(self, method: str, path: str, *, body=None, content=None, headers=None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                sent = {**self.headers, **(headers or {})}
                if body is not None:
                    sent.setdefault("Content-Type", "application/json")
                data = content if content is not None else json.dumps(body) if body is not None else None
                return await client.request(method, path, content=data, headers=sent)

        return asyncio.run(ask())

    def announce(self, **said) -> httpx.Response:
        return self("POST", "/deployments", body={"service": SERVICE, "version": "2.1.0", **said})


@pytest.fixture
def intake(workplace) -> Callable[..., Asked]:
    return lambda extra="", **secrets: Asked(workplace(CANARY, extra=extra), Door(**secrets))
