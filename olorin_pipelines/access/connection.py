"""Over which connection is a service reached? Whom it trusts, how it shows itself, and through which proxy."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from olorin_pipelines.errors import ConfigError

if TYPE_CHECKING:
    import httpx

__all__ = ["Connection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """`ca` holds the certificates that are trusted (default: this machine's); `certificate` and `key` are our own.

    All are PEM files; a `key` may stand in the file of its certificate. `proxy` is the URL of an HTTP proxy.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    proxy: str | None = None

    @property
    def plain(self) -> bool:
        """Whether nothing is special about it."""
        return self == Connection()

    def check(self) -> None:
        """Raise `ConfigError` for a file that is not there or holds no certificate."""
        for what, file in (("ca", self.ca), ("certificate", self.certificate), ("key", self.key)):
            if file is not None and not file.is_file():
                raise ConfigError(f"there is no file {file}", key=f"http.{what}", hint="paths begin at olorin.yaml")
        self._context()

    def client(self, *, timeout: float = 10.0) -> httpx.Client:
        """Return an HTTP client over this connection. Environment variables are read for the proxy alone.

        Raises `ConfigError` for a file that cannot be used.
        """
        import httpx

        self.check()
        return httpx.Client(timeout=timeout, verify=self._context(), proxy=self.proxy, trust_env=self.proxy is None)

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=str(self.ca) if self.ca else None)
            if self.certificate:
                context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            files = ", ".join(str(file) for file in (self.ca, self.certificate, self.key) if file)
            raise ConfigError(f"{files}: no usable certificate: {error}", key="http") from error
        return context
