"""The OpenAPI document: what the framework derives from the code, and what only we can say."""

from collections.abc import Callable, Iterator
from typing import Any

from .models import SEEDED_IDS
from .settings import Settings
from .versions import V1_SUNSET

__all__ = ["DESCRIPTION", "TAGS", "told"]

DESCRIPTION = """
Tells how risky an entity is: an e-mail address, a phone, a device, an IP address or a user.

## Authentication

Every operation under *investigations* needs a bearer token (JWT, HS256). To try it out:

1. Print a token that the server accepts: `python -m examples.olorin.server.token --subject me --minutes 60`
2. Press **Authorize**, paste the token, press **Authorize** again. The page remembers it.
3. Open an operation, press **Execute**.

A missing, malformed, expired or wrongly signed token is answered 401.

## Errors

Every error has the same body, `ErrorResponse`. Every answer names the version that gave it in `X-Service-Version`.

## Versions

`api_versions` of the health report lists the versions of the API that are served. A deprecated one says so on every
answer: since when in `Deprecation`, until when in `Sunset`, and what follows it in `Link`.
"""

TAGS = [
    {"name": "investigations", "description": "Start investigations and read their results."},
    {"name": "health", "description": "Probes for an orchestrator; they need no token."},
]

_HEADERS: dict[str, Any] = {
    "ServiceVersion": {
        "description": "Version of the service that answered",
        "required": True,
        "schema": {"type": "string"},
    },
    "Challenge": {"description": "How to authenticate", "required": True, "schema": {"type": "string"}},
}
_DEPRECATION: dict[str, Any] = {
    "Deprecation": {
        "description": "Since when this version is deprecated, as @seconds (RFC 9745)",
        "required": True,
        "schema": {"type": "string", "pattern": "^@[0-9]+$"},
    },
    "Sunset": {
        "description": "When this version is expected to be gone (RFC 8594)",
        "required": True,
        "schema": {"type": "string"},
    },
    "Link": {"description": "The version that follows", "required": True, "schema": {"type": "string"}},
}
_EXAMPLES = {"investigation_id": str(SEEDED_IDS[0])}


def told(derive: Callable[[], dict[str, Any]], settings: Settings) -> Callable[[], dict[str, Any]]:
    """Wrap the framework's document: add response headers, parameter examples and the contract test timeout."""
    document: dict[str, Any] = {}

    def tell() -> dict[str, Any]:
        if not document:
            document.update(derive())
            document["x-contract-test-timeout"] = settings.contract_test_timeout
            document["components"]["headers"] = dict(_HEADERS)
            for operation in _operations(document):
                _complete(operation)
                if operation.get("deprecated"):
                    document["components"]["headers"] |= _DEPRECATION
                    _mark_deprecated(operation)
        return document

    return tell


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from item.values()


def _complete(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in _EXAMPLES:
            parameter["example"] = _EXAMPLES[parameter["name"]]
    for status, response in operation["responses"].items():
        response["headers"] = {"X-Service-Version": {"$ref": "#/components/headers/ServiceVersion"}}
        if status == "401":
            response["headers"]["WWW-Authenticate"] = {"$ref": "#/components/headers/Challenge"}


def _mark_deprecated(operation: dict[str, Any]) -> None:
    operation["x-sunset"] = V1_SUNSET.date().isoformat()
    for response in operation["responses"].values():
        response["headers"] |= {name: {"$ref": f"#/components/headers/{name}"} for name in _DEPRECATION}
