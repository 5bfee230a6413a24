"""Over which connection is a service called? The key `http` of `olorin.yaml`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from olorin_pipelines.config.values import HttpUrl, Model

__all__ = ["Http"]


class Http(Model):
    """Over which connection the service is called, how our requests are marked, and which values are known to exist."""

    ca: Path | None = Field(default=None, description="PEM file of the certificates that are trusted")
    certificate: Path | None = Field(default=None, description="PEM file of our own certificate, for mutual TLS")
    key: Path | None = Field(default=None, description="PEM file of its key, unless it stands in the same file")
    proxy: HttpUrl | None = Field(default=None, description="HTTP proxy that leads to the service")
    synthetic_header: str = Field(
        default="X-Olorin-Synthetic",
        pattern=r"^[A-Za-z0-9-]+$",
        description="header that marks our requests as no user's",
    )
    values: dict[str, str] = Field(default={}, description="real values of path and query parameters, by their name")
    operations: dict[str, dict[str, str]] = Field(
        default={}, description='the same for one operation: `GET /items/{item_id}: {item_id: "7"}`'
    )

    @model_validator(mode="after")
    def _key_of_a_certificate(self) -> Http:
        if self.key and not self.certificate:
            raise ValueError("a key belongs to a certificate: give `certificate` too")
        return self
