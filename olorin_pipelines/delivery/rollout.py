"""How does a candidate get its traffic? Step by step, each weight confirmed and watched until a decision.

Nothing here rolls back: an aborted rollout leaves the route as it is, and the rollback takes over at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from olorin_pipelines.delivery import by_operation
from olorin_pipelines.delivery.decide import Act, Decision, Limits, decide
from olorin_pipelines.delivery.model import (
    Backend,
    Command,
    Counters,
    Reading,
    RolloutResult,
    RouteState,
    StepResult,
)
from olorin_pipelines.delivery.plan import Step
from olorin_pipelines.delivery.ports import Journal, MetricsSource, TrafficRouter
from olorin_pipelines.delivery.readings import difference
from olorin_pipelines.errors import DeliveryError, OlorinError, RegistryError, StaleFence
from olorin_pipelines.gate import Outcome

__all__ = ["run_rollout"]


_End: TypeAlias = Literal["aborted", "superseded", "paused", "held_unsafe", "overtaken"]
_ENDS: dict[str, _End] = {"abort": "aborted", "supersede": "superseded", "pause": "paused"}


class _Stopped(Exception):
    """The run of the rollout ends here as `end`, because of `outcome` in its step."""

    def __init__(self, reason: str, outcome: Outcome, *, end: _End = "aborted", waits_for: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.outcome, self.end, self.waits_for = reason, outcome, end, waits_for


class _Skipped(Exception):
    """A person wants no more waiting: straight to the end."""

    def __init__(self, command: Command) -> None:
        super().__init__(str(command))
        self.reason, self.outcome = str(command), Outcome.NOT_RUN


def run_rollout(
    candidate: Backend,
    *,
    service: str,
    stable: Backend,
    router: TrafficRouter,
    metrics: MetricsSource,
    plan: Sequence[Step],
    limits: Limits,
    journal: Journal,
    fence: int,
    rollout_id: str,
    monotonic: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    poll_seconds: float = 1.0,
    confirm_seconds: float = 5.0,
    unfit: Callable[[], str] = lambda: "",
) -> RolloutResult:
    """Walk `candidate` through `plan` against `stable`, and return how it ended.

    A breach, a lost metric or an unreachable router never raises: what cannot be told holds the weight until the
    step's deadline and then aborts. A newer writer ends it as `overtaken`: the route is no longer ours. `wait` and the
    journal raise `StaleFence` when somebody took over.

    What people want is asked of the journal before every look: a pause, or a step that needs an approval, holds the
    weight and ends the run; a promotion skips all waits. `unfit` says why there would be no way back to stable: then
    no weight is raised, and it is held.

    Every intent is in the journal before it is acted on; a journal that refuses aborts, and as nobody may be able to
    roll back then, the weight is put to 0 here.
    """
    walk = _Walk(
        target=RouteState(service=service, stable=stable, candidate=candidate, rollout_id=rollout_id, fence=fence),
        router=router,
        metrics=metrics,
        limits=limits,
        journal=journal,
        monotonic=monotonic,
        wait=wait,
        now=now,
        poll_seconds=poll_seconds,
        confirm_seconds=confirm_seconds,
        unfit=unfit,
    )
    started = monotonic()
    result = walk.run(plan)
    result = replace(result, seconds=round(monotonic() - started, 3))
    try:
        journal.record("rollout_ended", {"outcome": result.outcome, "reason": result.reason, "seconds": result.seconds})
    except StaleFence as error:
        return replace(result, outcome="overtaken", reason=_taken(error.message).reason)
    except OlorinError as error:
        if result.outcome == "promoted":
            return replace(result, outcome="aborted", reason=f"the promotion could not be recorded: {error.message}")
    return result


@dataclass(slots=True)
class _Window:
    """What is seen of one step: the counters at its start, the newest readings, the trouble when there is none."""

    started: float
    started_at: str
    confirmed_seconds: float | None = None
    base: dict[str, Counters] = field(default_factory=dict)
    candidate: Reading | None = None
    stable: Reading | None = None
    slow: frozenset[str] = frozenset()
    grown: float = 0.0

    def __post_init__(self) -> None:
        self.grown = self.started


@dataclass(slots=True, kw_only=True)
class _Walk:
    target: RouteState
    router: TrafficRouter
    metrics: MetricsSource
    limits: Limits
    journal: Journal
    monotonic: Callable[[], float]
    wait: Callable[[float], None]
    now: Callable[[], datetime]
    poll_seconds: float
    confirm_seconds: float
    unfit: Callable[[], str]
    moved: bool = False
    reference: Reading | None = None
    results: list[StepResult] = field(default_factory=list)

    def run(self, plan: Sequence[Step]) -> RolloutResult:
        if not plan:
            return RolloutResult(outcome="aborted", reason="the plan has no step")
        try:
            reason = self._walk(plan)
        except _Stopped as stop:
            return RolloutResult(
                outcome=stop.end, reason=stop.reason, steps=tuple(self.results), waits_for=stop.waits_for
            )
        except StaleFence as error:
            return RolloutResult(outcome="overtaken", reason=_taken(error.message).reason, steps=tuple(self.results))
        except OlorinError as error:
            reason = f"{type(error).__name__}: {error.message}"
            if isinstance(error, RegistryError) and self.moved:
                reason = f"{reason}; {self._off()}"
            return RolloutResult(outcome="aborted", reason=reason, steps=tuple(self.results))
        return RolloutResult(outcome="promoted", reason=f"100 %: {reason}", steps=tuple(self.results))

    def _walk(self, plan: Sequence[Step]) -> str:
        """Live all steps; returns why the last one passed. A person may skip what is left of them."""
        reason = ""
        try:
            for step in plan:
                self._may_begin(step)
                reason = self._step(step)
        except _Skipped as skipped:
            return self._step(plan[-1], skipped=skipped.reason)
        return reason

    def _may_begin(self, step: Step) -> None:
        """Stop before a step that needs an approval, or when there would be no way back from it."""
        self._obey()
        if step.approval:
            raise _Stopped(f"{step.weight} % needs an approval", Outcome.NOT_RUN, end="paused", waits_for=step.weight)
        until = self.monotonic() + self.limits.step_deadline_seconds
        while why := self.unfit():
            if self.monotonic() >= until:
                raise _Stopped(f"no way back before {step.weight} %: {why}", Outcome.NOT_RUN, end="held_unsafe")
            self.wait(self.poll_seconds)
            self._obey()

    def _off(self) -> str:
        """Take the traffic off without a record; returns how that went."""
        try:
            receipt = self.router.apply(self.target)
            self.router.confirm(receipt, within=self.confirm_seconds)
        except OlorinError as error:
            return f"the weight could not be put to 0: {error.message}"
        return "the weight was put to 0"

    def _step(self, step: Step, *, skipped: str = "") -> str:
        """Live one step; returns why it passed, raises `_Stopped` otherwise. `skipped` says why it is not watched."""
        window = _Window(self.monotonic(), self.now().isoformat())
        desired = replace(self.target, weight=step.weight)
        self.journal.record("step_intent", desired.to_dict())
        try:
            self._move(desired, window, skipped=bool(skipped))
            if skipped:
                self._close(step, window, Outcome.NOT_RUN, skipped)
                return skipped
            decision = self._watch(desired, window)
        except (_Stopped, _Skipped) as end:
            self._close(step, window, end.outcome, end.reason)
            raise
        self._close(step, window, decision.outcome, decision.reason)
        if decision.act is Act.ROLL_BACK:
            raise _Stopped(f"at {step.weight} %: {decision.reason}", decision.outcome)
        if window.stable is not None and window.stable.requests >= self.limits.min_requests:
            self.reference = window.stable
        return decision.reason

    def _move(self, desired: RouteState, window: _Window, *, skipped: bool) -> None:
        """Apply and confirm, again and again until the step's deadline. The first scrape is taken just before."""
        while True:
            self._obey(skipped=skipped)
            try:
                self.journal.record("apply_intent", desired.to_dict())
                window.base = self._scrape_quietly()
                self.moved = True
                receipt = self.router.apply(desired)
                evidence = self.router.confirm(receipt, within=self.confirm_seconds)
            except StaleFence as error:
                raise _taken(error.message) from error
            except DeliveryError as error:
                trouble = f"{type(error).__name__}: {error.message}"
            else:
                self.journal.record("apply_evidence", asdict(evidence))
                window.confirmed_seconds = round(evidence.seconds, 4)
                return
            decision = decide(None, None, self.limits, elapsed=self._elapsed(window), trouble=trouble)
            if decision.act is Act.ROLL_BACK:
                raise _Stopped(f"at {desired.weight} %: {decision.reason}", decision.outcome)
            self.wait(self.poll_seconds)

    def _watch(self, desired: RouteState, window: _Window) -> Decision:
        while True:
            self.wait(self.poll_seconds)
            self._obey()
            unread = self._look(window)
            decision = self._decide(window, unread)
            replaced = "" if unread else self._replaced(desired)
            if replaced and decision.act is not Act.ROLL_BACK:  # who meddles with the route does not hide a breach
                decision = self._decide(window, replaced)
            window.slow = decision.slow
            if decision.act is not Act.HOLD:
                return decision

    def _decide(self, window: _Window, trouble: str) -> Decision:
        return decide(
            window.candidate,
            self._stable(window),
            self.limits,
            elapsed=self._elapsed(window),
            slow=window.slow,
            idle=self.monotonic() - window.grown,
            trouble=trouble,
        )

    def _look(self, window: _Window) -> str:
        """Take a reading into the window; returns what went wrong, empty when nothing did."""
        try:
            counters = dict(self.metrics.read(self.target.service, [b.version for b in self.target.backends]))
        except DeliveryError as error:
            return f"{type(error).__name__}: {error.message}"
        versions = [backend.version for backend in self.target.backends]
        stable, candidate = (self._reading(window, counters, version) for version in versions)
        if candidate is not None and (window.candidate is None or candidate.requests != window.candidate.requests):
            window.grown = self.monotonic()
        window.stable, window.candidate = stable, candidate
        return ""

    def _reading(self, window: _Window, counters: dict[str, Counters], version: str) -> Reading | None:
        """Return the reading since the start of the step; counters that began again are a new start."""
        found = counters.get(version)
        if found is None:
            return None
        reading = difference(window.base.get(version), found)
        if reading is None:
            window.base[version] = found
        return reading

    def _scrape_quietly(self) -> dict[str, Counters]:
        """Scrape for a start; when that fails the first scrape of the watch is the start.

        A version that is not counted yet will be counted from zero.
        """
        versions = [backend.version for backend in self.target.backends]
        try:
            found = dict(self.metrics.read(self.target.service, versions))
        except DeliveryError:
            return {}
        at = min((counters.at for counters in found.values()), default=self.monotonic())
        return {version: found.get(version) or Counters(at=at, requests=0, errors=0) for version in versions}

    def _replaced(self, desired: RouteState) -> str:
        """Say what is wrong with the route that the data plane shows; a newer writer's ends the rollout."""
        try:
            shown = self.router.read(desired.service)
        except DeliveryError as error:
            return f"{type(error).__name__}: {error.message}"
        if shown is not None and shown.fence > desired.fence:
            raise _taken(f"fence {shown.fence} of {shown.rollout_id!r} is newer than {desired.fence}")
        return "" if shown == desired else "the data plane does not show the weight of this step any more"

    def _stable(self, window: _Window) -> Reading | None:
        """Return stable's reading of this step, or of an earlier one when it gets too little traffic now."""
        if window.stable is not None and window.stable.requests >= self.limits.min_requests:
            return window.stable
        return self.reference or window.stable

    def _obey(self, *, skipped: bool = False) -> None:
        """Do what is wanted of this rollout; what was `skipped` already is not skipped again."""
        command = self.journal.commanded()
        if command is None:
            return
        if command.verb != "promote":
            raise _Stopped(str(command), Outcome.NOT_RUN, end=_ENDS[command.verb])
        if not skipped:
            raise _Skipped(command)

    def _elapsed(self, window: _Window) -> float:
        return self.monotonic() - window.started

    def _close(self, step: Step, window: _Window, outcome: Outcome, reason: str) -> None:
        candidate, stable = window.candidate, window.stable
        result = StepResult(
            weight=step.weight,
            started_at=window.started_at,
            seconds=round(self._elapsed(window), 3),
            requests=candidate.requests if candidate else 0,
            errors=candidate.errors if candidate else 0,
            error_rate=candidate.error_rate if candidate else None,
            p95_ms=candidate.p95_ms if candidate else None,
            mean_ms=candidate.mean_ms if candidate else None,
            stable_requests=stable.requests if stable else 0,
            stable_error_rate=stable.error_rate if stable else None,
            stable_p95_ms=stable.p95_ms if stable else None,
            stable_mean_ms=stable.mean_ms if stable else None,
            outcome=outcome.value,
            reason=reason,
            confirmed_seconds=window.confirmed_seconds,
            measured=by_operation.rows(candidate, self._stable(window), self.limits),
            query=candidate.query if candidate else "",
        )
        self.results.append(result)
        self.journal.record("step_ended", asdict(result))


def _taken(detail: str) -> _Stopped:
    return _Stopped(f"a newer writer has the route: {detail}", Outcome.NOT_RUN, end="overtaken")
