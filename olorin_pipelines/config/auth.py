"""With which credentials is a service called? The key `auth` of `olorin.yaml`."""

from __future__ import annotations

import base64
from typing import Literal

from pydantic import Field, model_validator

from olorin_pipelines.config.values import HttpUrl, Model, Secret

__all__ = ["ApiKey", "Auth", "Basic", "BearerCommand", "OAuth2"]


class Basic(Model):
    """User and password, sent as `Authorization: Basic …`."""

    username: str = Field(min_length=1, description="the user's name")
    password: Secret = Field(description="the password")


class ApiKey(Model):
    """A key of the service."""

    name: str = Field(min_length=1, description="name of the header, query parameter or cookie")
    place: Literal["header", "query", "cookie"] = Field(default="header", description="where it is sent")
    value: Secret = Field(description="the key")


class BearerCommand(Model):
    """A command that prints a token; run without a shell, its output is a secret."""

    command: tuple[str, ...] = Field(min_length=1, description="program and arguments, as a list")
    seconds: float = Field(default=10.0, gt=0, le=120, description="how long it may take")
    lasts: float | None = Field(default=None, gt=0, description="seconds a token is good for; it is renewed before")


class OAuth2(Model):
    """OAuth2 client credentials: a token is fetched when it is wanted, and renewed before it ends, during a run too."""

    token_url: HttpUrl = Field(description="address of the token endpoint")
    client_id: str = Field(min_length=1, description="who asks")
    client_secret: Secret = Field(description="the client's secret, sent as basic authentication")
    scopes: tuple[str, ...] = Field(default=(), description="what is asked for")
    audience: str = Field(default="", description="for whom, where the endpoint wants to know")


class Auth(Model):
    """With which credentials the service under contract is called. Of the first four keys at most one is given."""

    bearer: Secret | None = Field(default=None, description="token sent as `Authorization: Bearer …`")
    bearer_command: BearerCommand | None = Field(default=None, description="command that prints such a token")
    oauth2: OAuth2 | None = Field(default=None, description="token endpoint that gives such a token")
    basic: Basic | None = Field(default=None, description="user and password")
    api_key: ApiKey | None = Field(default=None, description="key in a header, in the query or in a cookie")
    more: dict[str, Secret] = Field(default={}, alias="headers", description="more headers, by name")
    expired_bearer: Secret | None = Field(
        default=None, description="token that was good once, to test that it is refused; without it that is not tested"
    )

    @model_validator(mode="after")
    def _one_authorization(self) -> Auth:
        given = [name for name in ("bearer", "bearer_command", "oauth2", "basic") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{given[0]} and {given[1]} both set `Authorization`: give one of them")
        return self

    def headers(self) -> dict[str, str]:
        """Return the headers that stay the same: all but a token that has to be fetched.

        Raises `ConfigError` when a secret is not set.
        """
        found = {name: value.reveal() for name, value in self.more.items()}
        if self.api_key and self.api_key.place != "query":
            key = self.api_key.value.reveal()
            cookie = self.api_key.place == "cookie"
            found |= {"Cookie": f"{self.api_key.name}={key}"} if cookie else {self.api_key.name: key}
        if self.basic:
            pair = f"{self.basic.username}:{self.basic.password.reveal()}".encode()
            found["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        if self.bearer:
            found["Authorization"] = f"Bearer {self.bearer.reveal()}"
        return found

    def query(self) -> dict[str, str]:
        """Return what is added to the query of every request. Raises `ConfigError` when a secret is not set."""
        key = self.api_key
        return {key.name: key.value.reveal()} if key and key.place == "query" else {}

    def expired_headers(self) -> dict[str, str]:
        """Return headers that must be refused. Raises `ConfigError` when a secret is not set."""
        return {"Authorization": f"Bearer {self.expired_bearer.reveal()}"} if self.expired_bearer else {}
