"""What is a route, a backend, a reading? The values that delivery speaks in. Nothing here acts or reads a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from olorin_pipelines.errors import UsageError

__all__ = [
    "Activity",
    "Backend",
    "Command",
    "Counters",
    "Evidence",
    "Proof",
    "Reading",
    "Receipt",
    "RollbackResult",
    "RolloutResult",
    "RouteState",
    "StepResult",
    "StopEvidence",
]


@dataclass(frozen=True, slots=True)
class Backend:
    """One version of a service at its own URL, such as `http://127.0.0.1:8002`."""

    version: str
    url: str

    def __post_init__(self) -> None:
        if not self.version or not self.url:
            raise UsageError("a backend needs a version and a URL")

    def to_dict(self) -> dict[str, Any]:
        """Return the backend as JSON-able values."""
        return {"version": self.version, "url": self.url}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Backend:
        """Read back what `to_dict` wrote."""
        return cls(str(data["version"]), str(data["url"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteState:
    """Where the traffic of a service goes: `weight` percent to `candidate`, the rest to `stable`.

    `fence` is a number that only grows: the writer with the higher one is the newer one. `rollout_id` names the
    rollout or rollback that wrote the route. `believed` says that it is what a router was told, which nobody can read
    back.
    """

    service: str
    stable: Backend
    candidate: Backend | None = None
    weight: int = 0
    rollout_id: str = ""
    fence: int = 0
    believed: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.weight <= 100:
            raise UsageError(f"a weight is 0 to 100 percent, not {self.weight}")
        if self.candidate is None and self.weight:
            raise UsageError("a weight needs a candidate")
        if self.candidate and self.candidate.version == self.stable.version:
            raise UsageError(
                f"stable and candidate are both version {self.stable.version!r}: answers could not be told apart",
                hint="give a rebuild its own version, such as 2.4.0+build7",
            )
        if self.fence < 0:
            raise UsageError("a fence is not negative")

    @property
    def backends(self) -> tuple[Backend, ...]:
        """Stable, then the candidate when there is one."""
        return (self.stable, self.candidate) if self.candidate else (self.stable,)

    @property
    def weights(self) -> dict[str, int]:
        """Percent of traffic by version."""
        if self.candidate is None:
            return {self.stable.version: 100}
        return {self.stable.version: 100 - self.weight, self.candidate.version: self.weight}

    def to_dict(self) -> dict[str, Any]:
        """Return the route as JSON-able values."""
        return {
            "service": self.service,
            "stable": self.stable.to_dict(),
            "candidate": self.candidate.to_dict() if self.candidate else None,
            "weight": self.weight,
            "rollout_id": self.rollout_id,
            "fence": self.fence,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RouteState:
        """Read back what `to_dict` wrote."""
        candidate = data.get("candidate")
        return cls(
            service=str(data["service"]),
            stable=Backend.from_dict(data["stable"]),
            candidate=Backend.from_dict(candidate) if candidate else None,
            weight=int(data["weight"]),
            rollout_id=str(data["rollout_id"]),
            fence=int(data["fence"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A router took a desired route; it is not yet confirmed.

    `token` names this write, `rejected_before` counts the routes the data plane had refused before it (None when it
    could not be asked), and `logged_before` is what it had logged by then, in bytes.
    """

    desired: RouteState
    token: str
    rejected_before: int | None = None
    logged_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The data plane shows the desired route: after `seconds`, with these `weights` by version.

    `version_info` is the data plane's name of the configuration; `proof` is what it showed, JSON-able.
    """

    seconds: float
    version_info: str
    weights: Mapping[str, int]
    proof: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Activity:
    """Requests of one backend at the data plane: in flight now, and ended since its cluster exists."""

    active: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """Cumulative counters of one backend at one moment (`at`, monotonic seconds of the reader).

    `requests` are ended ones, `errors` those that ended as 5xx, failed connections and timeouts included.
    `buckets` are cumulative (upper bound in ms, count) pairs, the last bound infinite. `uptime` is the age of the
    process that counts, in seconds: a younger one has begun to count again. `age` is for how many seconds the counters
    have not been read anew by whoever keeps them. `operations` are the counters of each operation by name, as far as
    they are counted apart; `query` is what was asked, for the record. `samples` of the requests are our own.
    """

    at: float
    requests: int
    errors: int
    latency_sum_ms: float = 0.0
    buckets: tuple[tuple[float, int], ...] = ()
    uptime: float = 0.0
    age: float = 0.0
    operations: Mapping[str, Counters] = field(default_factory=dict)
    query: str = ""
    samples: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What happened on one backend in a window of `seconds`. Latencies are None when none was measured.

    `age`, `operations`, `query` and `samples` are as those of `Counters`.
    """

    requests: int
    errors: int
    p95_ms: float | None
    mean_ms: float | None
    seconds: float
    age: float = 0.0
    operations: Mapping[str, Reading] = field(default_factory=dict)
    query: str = ""
    samples: int = 0

    @property
    def users(self) -> int:
        """Requests of users, which are all but our own."""
        return self.requests - self.samples

    @property
    def error_rate(self) -> float | None:
        """Share of failed requests, None without requests."""
        return self.errors / self.requests if self.requests else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopEvidence:
    """What a scaler did: `managed` says whether the backend is its own, `stopped` whether nothing runs there now."""

    managed: bool
    stopped: bool
    detail: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One weight of a rollout as it was lived.

    `started_at` is ISO 8601 UTC, `seconds` how long the step took, `confirmed_seconds` how long the data plane took
    to show its weight (None: never). `outcome` is that of `olorin_pipelines.gate.Outcome`. `measured` is the table of
    what was measured, the whole service first, then each operation, and `query` where it was asked.
    """

    weight: int
    started_at: str
    seconds: float
    requests: int
    errors: int
    error_rate: float | None
    p95_ms: float | None
    mean_ms: float | None
    stable_requests: int
    stable_error_rate: float | None
    stable_p95_ms: float | None
    stable_mean_ms: float | None
    outcome: str
    reason: str
    confirmed_seconds: float | None
    measured: tuple[Mapping[str, Any], ...] = ()
    query: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """What is wanted of a rollout that runs, by whom and why; `supersede` comes from a newer deployment."""

    verb: Literal["pause", "promote", "abort", "supersede"]
    who: str
    reason: str

    def __str__(self) -> str:
        return f"{self.verb} was asked for by {self.who}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutResult:
    """How a rollout ended.

    `aborted` and `superseded` leave the route as it is, for the rollback. `paused` and `held_unsafe` hold the weight;
    `waits_for` is the weight that needs an approval, 0 when none does. `overtaken` found a newer writer.
    """

    outcome: Literal["promoted", "aborted", "superseded", "paused", "held_unsafe", "overtaken"]
    reason: str
    steps: tuple[StepResult, ...] = ()
    seconds: float = 0.0
    waits_for: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing shown after a rollback; with `known` false the router has no means to show it, which is no data."""

    name: str
    passed: bool
    detail: str
    known: bool = True

    @property
    def outcome(self) -> str:
        """The answer as that of `olorin_pipelines.gate.Outcome`."""
        return "no_data" if not self.known else "pass" if self.passed else "fail"

    def to_dict(self) -> dict[str, Any]:
        """Return the proof as JSON-able values."""
        return {"name": self.name, "outcome": self.outcome, "passed": self.passed, "detail": self.detail}


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackResult:
    """How a rollback ended: degraded means that traffic is proved on stable and something else is not as it should."""

    outcome: Literal["rolled_back", "rolled_back_degraded", "rollback_failed"]
    reason: str
    proofs: tuple[Proof, ...]
    seconds: float
    step_seconds: Mapping[str, float]
