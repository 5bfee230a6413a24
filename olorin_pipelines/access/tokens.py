"""Where does a token come from that does not last? A command, or an OAuth2 token endpoint."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from olorin_pipelines.access.connection import Connection
from olorin_pipelines.errors import ToolFailed, ToolMissing

if TYPE_CHECKING:
    import httpx

__all__ = ["ClientCredentials", "CommandToken", "Token", "TokenSource"]

LONGEST = 16_384
"""Characters of a token."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and for how many seconds from now it is good; None: nobody said."""

    value: str = field(repr=False)
    seconds: float | None = None


class TokenSource(Protocol):
    """Something that gives a new token each time it is asked. Raises `ToolError`."""

    def fetch(self) -> Token:
        """Return a new token."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandToken:
    """What a command prints. It has `seconds` for it; what it prints is good for `lasts` seconds.

    The command is run without a shell. Its output is a secret: it is in no message, whatever happens.
    """

    command: Sequence[str]
    seconds: float = 10.0
    lasts: float | None = None

    def fetch(self) -> Token:
        """Run the command."""
        name = shlex.join(self.command[:1])
        try:
            child = subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise ToolMissing(f"{name} cannot be started: {error.strerror}", tool=name, hint=_HINT) from error
        try:
            printed, _ = child.communicate(timeout=self.seconds)
        except subprocess.TimeoutExpired as error:
            raise ToolFailed(f"{name} printed no token within {self.seconds:g} s", tool=name, hint=_HINT) from error
        finally:
            _kill_group(child)
        if child.returncode != 0:
            raise ToolFailed(f"{name} ended with {child.returncode} and no token", tool=name, hint=_HINT)
        return Token(_checked(printed.decode(errors="replace").strip(), name), self.lasts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """OAuth2 client credentials (RFC 6749, section 4.4): the token endpoint gives a token for id and secret."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ()
    audience: str = ""
    connection: Connection = field(default=Connection())
    seconds: float = 10.0

    def fetch(self) -> Token:
        """Ask the token endpoint."""
        import httpx

        asked = {"grant_type": "client_credentials"}
        asked |= {"scope": " ".join(self.scopes)} if self.scopes else {}
        asked |= {"audience": self.audience} if self.audience else {}
        try:
            with self.connection.client(timeout=self.seconds) as client:
                answer = client.post(self.token_url, data=asked, auth=(self.client_id, self.client_secret))
        except httpx.HTTPError as error:
            said = str(error) or type(error).__name__
            raise ToolFailed(f"no token from {self.token_url}: {said}", tool="oauth2", hint=_HINT) from error
        return self._read(answer)

    def _read(self, answer: httpx.Response) -> Token:
        try:
            found = answer.json()
        except ValueError:
            found = {}
        found = found if isinstance(found, dict) else {}
        if answer.status_code != 200:
            why = f" ({found['error']})" if isinstance(found.get("error"), str) else ""
            raise ToolFailed(f"{self.token_url} answered {answer.status_code}{why:.100}", tool="oauth2", hint=_HINT)
        if not isinstance(found.get("access_token"), str):
            raise ToolFailed(f"{self.token_url} answered without an access_token", tool="oauth2", hint=_HINT)
        lasts = found.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int | float) and lasts > 0 else None
        return Token(_checked(found["access_token"], self.token_url), seconds)


_HINT = "correct `auth:` of the service in olorin.yaml"


def _checked(token: str, source: str) -> str:
    if not token or len(token) > LONGEST or not token.isascii() or not token.isprintable():
        raise ToolFailed(f"{source} gave something that is no token", tool=source, hint=_HINT)
    return token


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    """End the command and whatever it left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.communicate() if child.stdout and not child.stdout.closed else child.wait()
