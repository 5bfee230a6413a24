"""Who may ask? A bearer token, or a body that GitHub or GitLab vouches for; everything is compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from olorin_pipelines.config import Config, Secret
from olorin_pipelines.errors import OlorinError, UsageError

__all__ = ["Door", "Refused", "is_loopback"]


class Refused(OlorinError):
    """The caller did not show who it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The secrets of the intake. Without a token everybody who reaches it by a loopback name may ask."""

    token: str = field(default="", repr=False)
    github_secret: str = field(default="", repr=False)
    gitlab_token: str = field(default="", repr=False)

    @classmethod
    def of(cls, config: Config) -> Door:
        """Read the secrets. Raises `ConfigError` for a variable that is not set."""

        def value(secret: Secret | None) -> str:
            return secret.reveal() if secret else ""

        serve = config.serve
        return cls(
            token=value(serve.token),
            github_secret=value(serve.github_secret),
            gitlab_token=value(serve.gitlab_token),
        )

    def check_address(self, host: str) -> None:
        """Refuse to be opened beyond this machine without a token. Raises `UsageError`."""
        if not self.token and not is_loopback(host):
            raise UsageError(
                f"{host} is reached from other machines, and no token is asked for",
                hint='set `serve: {token: "${OLORIN_TOKEN}"}` in olorin.yaml, or listen on 127.0.0.1',
            )

    def admit(self, headers: Mapping[str, str]) -> None:
        """Let a caller in that shows the token. Header names are in lower case. Raises `Refused`."""
        if self.token:
            kind, _, shown = headers.get("authorization", "").partition(" ")
            if kind.lower() != "bearer" or not _same(shown.strip(), self.token):
                raise Refused("a bearer token is needed", hint="send `Authorization: Bearer …`")
        else:
            self._by_loopback_name(headers)

    def admit_signed(self, headers: Mapping[str, str], body: bytes) -> None:
        """Let a caller in that shows the token, or whose body GitHub or GitLab vouches for. Raises `Refused`."""
        if "x-hub-signature-256" in headers:
            self.admit_github(headers, body)
        elif "x-gitlab-token" in headers:
            self.admit_gitlab(headers)
        else:
            self.admit(headers)

    def admit_github(self, headers: Mapping[str, str], body: bytes) -> None:
        """Let GitHub in: it signs the body with the secret of the webhook. Raises `Refused`."""
        if not self.github_secret:
            raise Refused("webhooks of GitHub are not taken", hint="set serve.github_secret in olorin.yaml")
        made = hmac.new(self.github_secret.encode(), body, hashlib.sha256).hexdigest()
        if not _same(headers.get("x-hub-signature-256", ""), f"sha256={made}"):
            raise Refused("the signature does not fit the body", hint="both sides need the same secret")

    def admit_gitlab(self, headers: Mapping[str, str]) -> None:
        """Let GitLab in: it sends the secret token of the webhook. Raises `Refused`."""
        if not self.gitlab_token:
            raise Refused("webhooks of GitLab are not taken", hint="set serve.gitlab_token in olorin.yaml")
        if not _same(headers.get("x-gitlab-token", ""), self.gitlab_token):
            raise Refused("the token is another one", hint="both sides need the same token")

    def _by_loopback_name(self, headers: Mapping[str, str]) -> None:
        """A page in a browser of this machine may reach us under a name of its own: that is not for us."""
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if not is_loopback(host):
            raise Refused(f"{host or 'no host'} is not a name of this machine", hint="ask 127.0.0.1, or set a token")


def is_loopback(host: str) -> bool:
    """Tell whether a host name or an address is this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _same(shown: str, wanted: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), wanted.encode())
