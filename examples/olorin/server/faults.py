"""Faults for demonstrations and tests: answers that break the promise of the document."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .operations import operation_of

__all__ = ["CorruptBody", "FailsWhen", "Fault", "file_exists", "operation_is", "query_is"]

Condition = Callable[[Scope], bool]
"""Whether a fault shows on a request; asked once the request has been routed."""

Fault = Callable[[ASGIApp], ASGIApp]


def operation_is(*operation_ids: str) -> Condition:
    """Hold for requests of these operations."""
    return lambda scope: operation_of(scope) in operation_ids


def query_is(operation_id: str, name: str, value: str) -> Condition:
    """Hold for requests of an operation whose query says name=value."""
    return lambda scope: (
        operation_of(scope) == operation_id and parse_qs(scope["query_string"].decode("latin-1")).get(name) == [value]
    )


def file_exists(path: Path, *operation_ids: str) -> Condition:
    """Hold for requests of these operations while the file exists."""
    return lambda scope: operation_of(scope) in operation_ids and path.exists()


class FailsWhen:
    """Breaks while it answers the requests that a condition picks."""

    def __init__(self, app: ASGIApp, condition: Condition) -> None:
        self.app = app
        self.condition = condition

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on, or break."""

        async def send_or_fail(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400 and self.condition(scope):
                raise RuntimeError("injected fault")
            await send(message)

        await self.app(scope, receive, send_or_fail)


class CorruptBody:
    """Answers 200 with a body that violates the schema, for the requests that a condition picks."""

    def __init__(self, app: ASGIApp, condition: Condition) -> None:
        self.app = app
        self.condition = condition

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the request on; corrupt its answer if the condition holds."""
        held: Message | None = None
        body = b""

        async def send_corrupted(message: Message) -> None:
            nonlocal held, body
            if message["type"] == "http.response.start" and message["status"] == 200 and self.condition(scope):
                held = message
            elif held is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    corrupted = json.dumps(_corrupt(json.loads(body))).encode()
                    MutableHeaders(scope=held)["content-length"] = str(len(corrupted))
                    await send(held)
                    await send({"type": "http.response.body", "body": corrupted})

        await self.app(scope, receive, send_corrupted)


def _corrupt(answer: dict[str, Any]) -> dict[str, Any]:
    """Turn the risk score into text; where a release has none, the status into a number."""
    for item in answer.get("items", [answer]):
        if "risk_score" in item:
            item["risk_score"] = "high"
        else:
            item["status"] = 1
    return answer
