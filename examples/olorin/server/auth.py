"""Who may call: bearer tokens (JWT, HS256), issued and checked with the configured secret."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import jwt
from fastapi import Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import SecretStr

from .errors import Problem

__all__ = ["AuthenticatedRoute", "bearer", "check_token", "issue_token"]

_ALGORITHM = "HS256"

bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    scheme_name="bearer",
    description="A JWT signed with the service's secret. `python -m examples.olorin.server.token` prints one.",
)
"""The scheme as the document tells it; the check itself is made by `AuthenticatedRoute`."""


def issue_token(secret: SecretStr, *, subject: str, lifetime: timedelta, now: datetime) -> str:
    """Sign a token for `subject` that is valid from `now` on for `lifetime`."""
    claims = {"sub": subject, "iat": now, "exp": now + lifetime}
    return jwt.encode(claims, secret.get_secret_value(), algorithm=_ALGORITHM)


def check_token(authorization: str | None, secret: SecretStr) -> str:
    """Return the subject of an `Authorization` header, or raise the 401 that says what is wrong with it."""
    if authorization is None:
        raise _unauthorized("Send a bearer token in the Authorization header", 'Bearer realm="olorin"')
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorized("The Authorization header must be: Bearer <token>", 'Bearer realm="olorin"')
    challenge = 'Bearer realm="olorin", error="invalid_token"'
    try:
        claims = jwt.decode(
            token.strip(), secret.get_secret_value(), algorithms=[_ALGORITHM], options={"require": ["exp", "sub"]}
        )
    except jwt.ExpiredSignatureError as error:
        raise _unauthorized("The token has expired", challenge) from error
    except jwt.PyJWTError as error:
        raise _unauthorized("The token is not valid", challenge) from error
    return str(claims["sub"])


class AuthenticatedRoute(APIRoute):
    """A route that checks the token before it reads the body: strangers learn nothing about what we accept."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler behind the check."""
        answer = super().get_route_handler()

        async def authenticated(request: Request) -> Response:
            request.state.subject = check_token(
                request.headers.get("authorization"), request.app.state.settings.jwt_secret
            )
            return await answer(request)

        return authenticated


def _unauthorized(message: str, challenge: str) -> Problem:
    return Problem(401, "unauthorized", message, headers={"WWW-Authenticate": challenge})
