"""Calls an app in memory, and signs tokens for it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from examples.olorin.server.auth import issue_token
from examples.olorin.server.settings import DEMO_SECRET

__all__ = ["Client", "token"]


def token(secret: str = DEMO_SECRET, minutes: float = 5) -> str:
    lifetime = timedelta(minutes=minutes)
    return issue_token(SecretStr(secret), subject="test", lifetime=lifetime, now=datetime.now(UTC))


class Client:
    """A synchronous client of an ASGI app; an unhandled error of the app is raised here."""

    def __init__(self, app: FastAPI, headers: dict[str, str]) -> None:
        self.app = app
        self._headers = headers

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=self._headers) as client:
                return await client.request(method, path, **options)

        return asyncio.run(ask())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", path, **options)
