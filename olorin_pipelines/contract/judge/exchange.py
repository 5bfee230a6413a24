"""What was asked and what was answered? The one thing that is judged, however it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from olorin_pipelines.access import asked_to_wait

__all__ = ["FILTERED", "Exchange", "Probe", "Violation"]

FILTERED = "[Filtered]"
"""Stands where a secret stood: such a value is never judged."""

Probe = Literal["", "no_token", "garbage_token", "wrongly_signed_token", "unsigned_token", "expired_token", "again"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer.

    `operation` is the documented one it was made for (`GET /x/{id}`), `method` what was really sent. `path` is as it
    was sent, below the service's own address, `query` without its `?`. Names of headers are lower case. `status` is
    None when no answer came; `whole` is False when a part of the answer's body was not recorded. `valid` is what the
    maker of the request says of it, None when it does not know. `probe` names a request with a purpose.
    """

    operation: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    status: int | None = None
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer: bytes = b""
    whole: bool = True
    elapsed_ms: float = 0.0
    phase: str = ""
    valid: bool | None = None
    probe: Probe = ""

    @property
    def good(self) -> bool:
        """Whether it was answered with success."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def wait(self) -> float | None:
        """For how many seconds the service asked to be left alone instead of answering; None when it answered."""
        return asked_to_wait(self.status, self.answer_headers.get("retry-after"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A broken promise: the name of the check, a line about it, and the place that tells it from another one.

    One that is `advisory` is shown and never decides. `pointer` leads to the line of the document that was broken,
    `expected` is what stands there, `got` what came. No value of an answer is in the texts.
    """

    check: str
    message: str
    place: str = ""
    operation: str = ""
    advisory: bool = False
    pointer: str = ""
    expected: str = ""
    got: str = ""
