"""What is a request of our own, before it is sent?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from olorin_pipelines.contract.judge.exchange import Probe

__all__ = ["READING", "Request"]

READING = ("GET", "HEAD", "OPTIONS", "TRACE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request for `operation` (`GET /x/{id}`), without credentials.

    `path` is below the service's address, as it is sent; `headers` are its own. The headers of the run are added, but
    for those named in `without` (lower case); `token` is sent in place of the first of them. `phase`, `valid` and
    `probe` are those of the exchange that it becomes.
    """

    operation: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    phase: str = ""
    valid: bool | None = None
    probe: Probe = ""
    without: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)

    @property
    def changes(self) -> bool:
        """Whether the service may hold something else afterwards, so that no other request is under way beside it."""
        return self.method not in READING
