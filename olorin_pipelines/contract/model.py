"""What is run against a service, and what came of it: the values that the parts of this package hand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from olorin_pipelines.access import Pinned
from olorin_pipelines.contract.evidence import Answered, Sent

__all__ = [
    "CoverageRow",
    "Failure",
    "LeftBehind",
    "Mode",
    "OperationResult",
    "Phase",
    "Progress",
    "Suite",
    "SuiteResult",
    "Way",
]

Mode = Literal["all", "positive"]
Phase = Literal["examples", "coverage", "fuzzing", "stateful"]
Way = Literal["full", "changed first", "changed and replay", "replay"]
"""How a run came about: by Schemathesis, by it for what changed and then the rest, by it for what changed and by a
corpus for the rest, or by a corpus alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """What to run.

    `mode`: `all` sends valid and invalid requests and is for the candidate's own document; `positive` sends only
    what the document allows and is for the baseline's document: what a consumer of the old version relies on.
    `seconds` bounds the whole run, `request_timeout` one request. `include_operations` are keys such as `POST /x`;
    an empty tuple means every operation of the document. The examples bound the random phases, `after_requests` what is
    asked of the service afterwards in the time that is left. `enough` is the share of all operations (0.0 to 1.0) that
    makes a run complete though its time was up; None: only its end does. `mark` is the header that marks every request,
    `pinned` are values of parameters that exist, `query` is sent as the keys of the document's security schemes.
    """

    mode: Mode = "all"
    phases: tuple[Phase, ...] = ("coverage", "stateful")
    seed: int = 0
    seconds: float = 60.0
    request_timeout: float = 5.0
    stateful_examples: int = 20
    fuzzing_examples: int = 20
    include_operations: tuple[str, ...] = ()
    after_requests: int = 2_000
    enough: float | None = None
    mark: str = "X-Olorin-Synthetic"
    pinned: Pinned = field(default=Pinned())
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A violation: `check` by its name in `contract.judge.CHECKS`, `times` it was seen, the smallest of its requests.

    `message` is one line, `detail` what Schemathesis says of it; `status` is None when no answer came. `curl` repeats
    the request, with each secret replaced by `[Filtered]`. One that is `advisory` is shown and never decides.
    `pointer` leads to the line of the document that was broken, `at` says where it stands (`file:line:column`, empty
    where the text is not at hand), `expected` what it wants and `got` what came. `fingerprint` names the cause from
    run to run, `state` what earlier runs say of it: new, known, flaky, or empty where none is remembered. `excuse` is
    the reason, with its end, for which a list of known failures excuses it.
    """

    operation: str
    check: str
    message: str
    detail: str = ""
    curl: str = ""
    status: int | None = None
    phase: str = ""
    times: int = 1
    advisory: bool = False
    pointer: str = ""
    at: str = ""
    expected: str = ""
    got: str = ""
    fingerprint: str = ""
    state: str = ""
    excuse: str = ""
    sent: Sent | None = None
    answered: Answered | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """How much of one kind of thing in the document was exercised: `seen` of `total`; `missed` names the rest."""

    kind: str
    total: int
    seen: int
    missed: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationResult:
    """One operation: `key` such as `POST /x`, requests sent (`cases`), violations, `statuses` seen and documented.

    `exercised`: a valid request was answered, and a documented answer came that says that a request reached the
    operation: not 401, 403, 405, 429 or 5xx. `why` says why not. `succeeded`: a documented 2xx or 3xx was among them.
    `valid` counts the requests that were answered and are not known to be invalid, `refused` those to which the
    service asked to come again later until the end. `p50_ms` and `p95_ms` are of all answers, 0.0 without one.
    `coverage` is the share of its documented statuses, parameters and media types that were exercised.
    """

    key: str
    cases: int = 0
    failures: int = 0
    statuses: tuple[int, ...] = ()
    documented: tuple[str, ...] = ()
    exercised: bool = False
    succeeded: bool = False
    why: str = ""
    valid: int = 0
    refused: int = 0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    coverage: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """What a run created by `operation` and is still there: how many, some of their paths, and why."""

    operation: str
    count: int
    examples: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is: operations that were asked, of all of them; requests, failures, seconds since it began."""

    phase: str
    asked: int
    operations: int
    cases: int
    failures: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """What a run came to. `complete` is False when its time was up or the service stopped answering.

    `errors` are operations that could not be tested, each in one line. `warnings` are advisory failures, `judged` how
    many exchanges each named check looked at, `not_covered` why one could not look at all of it. `version` is that of
    Schemathesis, `report` the gzipped ndjson of every case, with secrets replaced. `excused` are failures that a list
    of known ones names: shown, and never deciding. `removed` counts the test data that was deleted at the end,
    `left_behind` is what could not be. `way` is how the run came about and `why` the reason, `first` the operations
    that were tested before others, `left_out` what the time did not allow, `replayed` how many cases came from a corpus
    and at how many per second, `options` what decides which requests are sent, the seed included. `come_back` is for
    how many seconds the service asked to be left alone, when that ended the run.
    """

    operations: tuple[OperationResult, ...]
    failures: tuple[Failure, ...]
    errors: tuple[str, ...] = ()
    warnings: tuple[Failure, ...] = ()
    judged: Mapping[str, int] = field(default_factory=dict)
    not_covered: Mapping[str, str] = field(default_factory=dict)
    covered: tuple[CoverageRow, ...] = ()
    cases: int
    complete: bool
    stop_reason: str
    seconds: float
    exit_code: int
    version: str
    seed: int
    mode: Mode
    report: Path = field(default=Path())
    excused: tuple[Failure, ...] = ()
    removed: int = 0
    left_behind: tuple[LeftBehind, ...] = ()
    way: Way = "full"
    why: str = ""
    first: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    replayed: int = 0
    requests_per_second: float = 0.0
    options: Mapping[str, object] = field(default_factory=dict)
    come_back: float = 0.0

    @property
    def total(self) -> int:
        """How many operations the suite should reach."""
        return len(self.operations)

    @property
    def exercised(self) -> int:
        """How many operations it reached."""
        return sum(operation.exercised for operation in self.operations)

    @property
    def coverage(self) -> float:
        """Exercised operations over all of them, 0.0 to 1.0; 0.0 when there is none."""
        return self.exercised / self.total if self.total else 0.0
