"""What does a person want of a rollout, and is that possible now? Asked durably, done by whoever moves the traffic."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from olorin_pipelines.delivery.states import COMMANDS, HEARS, Position, follow
from olorin_pipelines.errors import UnknownName, UsageError, did_you_mean
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.registry import BY_HAND, RESTING, Deployment, RolloutCommand

__all__ = ["Asked", "awaited", "command", "position", "runs_wanted"]

_POLL_SECONDS = 0.2
_NAME = 200
_RUNS = ("resume", "approve", "promote")


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, its deployment (for `retry` the new one) and the state it was given in.

    `created` is False when the same was asked already and is not answered. `answer` is empty until it is done.
    """

    verb: str
    service: str
    version: str
    deployment_id: str
    state: str
    who: str
    reason: str
    created: bool
    sequence: int | None = None
    answer: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able values."""
        return asdict(self)


def position(place: Workplace, deployment_id: str) -> Position:
    """Return the state of a delivery, by its record. Raises `UnknownName`."""
    place.registry.deployment(deployment_id)
    return follow((event.at, event.kind, event.detail) for event in place.registry.events(deployment_id))


def command(place: Workplace, target: str, verb: str, *, who: str, reason: str) -> Asked:
    """Ask something of the rollout of a service, or of a deployment by its id.

    Asking again what is not answered yet changes nothing. Raises `UsageError` where the state does not allow it, and
    `UnknownName`.
    """
    if verb not in COMMANDS:
        raise UsageError(f"no command is called {verb!r}; {did_you_mean(verb, COMMANDS)}")
    if not reason.strip():
        raise UsageError("a reason is needed: it is kept in the decision record", hint='--reason "…"')
    if len(who) > _NAME:
        raise UsageError(f"who wants it has {len(who)} letters", hint=f"at most {_NAME}")
    deployment = _target(place, target)
    state = position(place, deployment.id).state
    _allowed(place, deployment, state, verb)
    if verb == "retry":
        return _retried(place, deployment, state, who=who, reason=reason)
    row, created = place.registry.ask_rollout(deployment.id, verb, who=who, reason=reason)
    if verb == "abort" and created and state not in HEARS:  # no run would hear it: one of its own takes it back
        why = f"abort was asked for by {who}: {reason}"
        place.registry.request_rollback(deployment.service, deployment_id=deployment.id, reason=why)
    return Asked(
        verb=verb,
        service=deployment.service,
        version=deployment.version,
        deployment_id=deployment.id,
        state=state,
        who=row.who,
        reason=row.reason,
        created=created,
        sequence=row.sequence,
    )


def awaited(place: Workplace, asked: Asked, *, seconds: float, wait: Callable[[float], None] = time.sleep) -> str:
    """Return the answer to a command, waiting up to `seconds` for it; empty when there is none yet."""
    until = time.monotonic() + seconds
    while asked.sequence is not None:
        answer = place.registry.command(asked.sequence).answer
        if answer or time.monotonic() >= until:
            return answer
        wait(_POLL_SECONDS)
    return asked.answer


def runs_wanted(place: Workplace, *, after: int, wait_seconds: float) -> tuple[Sequence[RolloutCommand], int]:
    """Return the commands behind number `after` that a run has to be started for, and the number of the last one.

    Waits up to `wait_seconds` for the first. A rollout that runs hears by itself; one that rests does not.
    """
    after = place.registry.seen_commands(after)
    rows = place.registry.commands_after(after, wait_seconds=wait_seconds)
    wanted = [row for row in rows if row.verb in _RUNS and row.answered_at is None and _rests(place, row)]
    return wanted, max([after, *(row.sequence for row in rows)])


def _rests(place: Workplace, row: RolloutCommand) -> bool:
    rollout = place.registry.rollout(row.deployment_id)
    return row.service in place.config.services and rollout is not None and rollout.state in RESTING


def _target(place: Workplace, target: str) -> Deployment:
    if target not in place.config.services:
        try:
            return place.registry.deployment(target)
        except UnknownName as error:
            raise UnknownName("service or deployment", target, place.config.services) from error
    registry = place.registry
    rows = [row for row in registry.deployments(target) if row.run_id != BY_HAND and not registry.is_dry_run(row.id)]
    moved = [row for row in rows if row.outcome is None and registry.rollout(row.id) is not None]
    waiting = [row for row in rows if row.outcome is None]
    found = next(iter((*moved, *waiting, *rows)), None)
    if found is None:
        raise UsageError(f"no deployment of {target} was announced yet", hint=f"olorin deploy {target} VERSION")
    return found


def _allowed(place: Workplace, deployment: Deployment, state: str, verb: str) -> None:
    rollout = place.registry.rollout(deployment.id)
    waits_for = rollout.detail.get("waits_for") if rollout is not None and state == "paused" else 0
    hint, possible = "", state in COMMANDS[verb]
    if verb == "resume" and waits_for:
        possible, hint = False, f"{waits_for} % needs an approval: olorin rollout approve"
    if verb == "approve" and possible and not waits_for:
        possible, hint = False, "it waits for no approval: olorin rollout resume"
    if verb == "retry" and deployment.outcome is None:
        possible = False
    if not possible:
        legal = [name for name, states in COMMANDS.items() if state in states and name != verb]
        raise UsageError(
            f"{deployment.service} {deployment.version} is {state}: {verb} is not possible now",
            hint=hint or (f"possible are {', '.join(legal)}" if legal else "olorin status"),
        )


def _retried(place: Workplace, deployment: Deployment, state: str, *, who: str, reason: str) -> Asked:
    """Announce it again: a new deployment, whose gates are asked anew."""
    row, created = place.registry.announce(
        deployment.service,
        environment=deployment.environment,
        version=deployment.version,
        url=deployment.url,
        revision=deployment.revision,
        dry_run=place.registry.is_dry_run(deployment.id),
    )
    if created:
        detail = {"verb": "retry", "who": who, "reason": reason, "of": deployment.id}
        place.registry.record("command_asked", service=row.service, deployment_id=row.id, detail=detail)
    return Asked(
        verb="retry",
        service=row.service,
        version=row.version,
        deployment_id=row.id,
        state=state,
        who=who,
        reason=reason,
        created=created,
        answer="announced again",
    )
