"""Where does a service serve its document? The usual places are tried, in order, and the first document is taken."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING

from olorin_pipelines.errors import DocumentError, DocumentUnreachable, NothingListens
from olorin_pipelines.openapi.fetch import without_credentials
from olorin_pipelines.openapi.load import load
from olorin_pipelines.openapi.snapshot import Snapshot

if TYPE_CHECKING:
    import httpx

__all__ = ["USUAL", "discover"]

USUAL = (
    "/openapi.json",
    "/openapi.yaml",
    "/openapi.yml",
    "/v3/api-docs",
    "/swagger.json",
    "/swagger.yaml",
    "/api/openapi.json",
    "/api/v1/openapi.json",
    "/api-docs",
    "/swagger/v1/swagger.json",
    "/v2/api-docs",
    "/api/schema/",
    "/docs/openapi.json",
    "/.well-known/openapi.json",
    "/api-json",
    "/q/openapi",
    "/swagger/doc.json",
    "/apispec_1.json",
    "/api/spec.yaml",
)
"""FastAPI and many others, Spring, Swagger 2.0, ASP.NET, drf-spectacular, NestJS, Quarkus, swag, flasgger, Jupyter …"""
_NONE: Mapping[str, str] = MappingProxyType({})


def discover(
    url: str, *, headers: Mapping[str, str] = _NONE, timeout: float = 10.0, client: httpx.Client | None = None
) -> Snapshot:
    """Return the document that the service at `url` serves at one of the `USUAL` places, asked by `client` if given.

    Raises `NothingListens`, or `DocumentUnreachable` with what each place answered.
    """
    import httpx

    tried: list[str] = []
    with nullcontext(client) if client else httpx.Client(timeout=timeout, trust_env=True) as asking:
        for path in USUAL:
            try:
                return load(url.rstrip("/") + path, headers=headers, timeout=timeout, client=asking)
            except NothingListens:
                raise
            except DocumentError as error:
                tried.append(f"{path} ({error.message.partition(': ')[2] or error.message})")
    raise DocumentUnreachable(
        f"no OpenAPI document was found; tried {', '.join(tried)}",
        source=without_credentials(url),
        hint="name it: --schema PATH or URL",
    )
