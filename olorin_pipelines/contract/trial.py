"""What is tested by which document, how, and with which credentials? The one value that every way of testing takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from olorin_pipelines.contract import settings
from olorin_pipelines.contract.model import Progress, Suite

__all__ = ["Trial"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A document (JSON, as it was captured) and the service at `url` that shall keep it.

    Requests go to `url` and nowhere else, whatever `servers` the document names. The report is kept in `workdir`.

    `headers` are sent with every request; they reach Schemathesis through its environment, and the values of those
    with a telling name, as well as `secrets`, are replaced in everything that is stored or returned. `expired` are
    headers with credentials that were good once: without them nothing can be said of expired tokens.

    `cache` is a folder for character tables that are slow to build, worth sharing between runs (default: in
    `workdir`). `program` replaces Schemathesis. `progress` is told about every second how far the run is, maybe from
    another thread. With `keep_interrupted` a KeyboardInterrupt ends the run, and what was found until then is returned
    (`stop_reason` "interrupted").
    """

    document: bytes = field(repr=False)
    url: str
    workdir: Path
    suite: Suite = field(default=Suite())
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Sequence[str] = field(default=(), repr=False)
    expired: Mapping[str, str] = field(default_factory=dict, repr=False)
    cache: Path | None = None
    program: Sequence[str] | None = None
    progress: Callable[[Progress], None] | None = None
    keep_interrupted: bool = False
    monotonic: Callable[[], float] = time.monotonic

    @property
    def sent(self) -> dict[str, str]:
        """The headers of every request, with the one that marks it as a test."""
        return {self.suite.mark: "contract-test", **self.headers}

    @property
    def options(self) -> dict[str, object]:
        """What decides which requests are sent: a run without credentials asks for other things than one with them."""
        return {**settings.options(self.suite), "headers": sorted(name.lower() for name in self.headers)}
