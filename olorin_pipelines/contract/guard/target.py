"""Where does the guard lead to? One scheme, host, port and base path, and nowhere else."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from olorin_pipelines.errors import UsageError

__all__ = ["Target", "target_of"]

_PATH = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The one upstream of a guard. `base` is the path below which everything lies, without a slash at its end."""

    host: str
    port: int
    tls: bool
    base: str = ""

    @property
    def authority(self) -> str:
        """What the `Host` header says, whatever the client sent."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    @property
    def is_address(self) -> bool:
        """Whether the host is an address, not a name."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True


def target_of(url: str) -> Target:
    """Return where `url` leads. Raises `UsageError` for what is no plain http(s) address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{url!r} is not an address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UsageError(f"{url!r} is not an address of a service", hint="http://host:port/path is expected")
    if parts.username or parts.password is not None:
        raise UsageError("an address with a password in it is not used", hint="set `auth:` of the service instead")
    if not _PATH.fullmatch(parts.path):
        raise UsageError(f"{url!r} is not an address: its path has to be escaped")
    tls = parts.scheme == "https"
    return Target(host=parts.hostname, port=port or (443 if tls else 80), tls=tls, base=parts.path.rstrip("/"))
