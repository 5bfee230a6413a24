"""What is said over HTTP? The bodies of the intake, of which its OpenAPI document is made."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.decide import gate_table
from olorin_pipelines.pipeline.rehearsal import rehearsal_of
from olorin_pipelines.registry import Deployment

__all__ = [
    "Announced",
    "Announcement",
    "GateAnswer",
    "Health",
    "Ignored",
    "Moved",
    "Problem",
    "Rehearsed",
    "Taken",
    "told",
]

_PLAIN = r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$"
Address = Annotated[str, Field(max_length=2000, pattern=r"^https?://[A-Za-z0-9.:\[\]_-]+(/[\x21-\x7e]*)?$")]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", max_length=63)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Announcement(_Message):
    """A version of a service runs somewhere. The same `id` with the same words is the same deployment."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,199}$", max_length=200)] = Field(
        default="", description="how the caller names this deployment, for safe repetition", examples=["build-4711"]
    )
    service: Name = Field(description="the service, as in olorin.yaml")
    version: Annotated[str, Field(min_length=1, max_length=200, pattern=_PLAIN)] = Field(
        description="its version", examples=["2.4.0"]
    )
    environment: Name = Field(default="canary", description="where it runs, as in olorin.yaml")
    url: Address | None = Field(
        default=None, description="where this version answers; that of the environment when it is left out"
    )
    revision: Annotated[str, Field(max_length=200, pattern=r"^[\x20-\x7e]*$")] = Field(
        default="", description="its source revision"
    )
    dry_run: bool = Field(
        default=False, description="ask all gates and tell what would be moved, with limits; move and stop nothing"
    )


class GateAnswer(_Message):
    """What one gate answered."""

    gate: str
    outcome: Literal["pass", "fail", "no_data", "error", "not_run", "not_applicable"]
    summary: str


class Moved(_Message):
    """How far the traffic was moved: `weight` is the last percent that was asked for."""

    state: str
    weight: int
    reason: str


class Taken(_Message):
    """A rollback: from which version to which, and how it ended."""

    from_version: str
    to_version: str
    outcome: str
    reason: str
    seconds: float


class Rehearsed(_Message):
    """What a dry run found: what `would` happen to the traffic and why; `trouble` is what stands in the way today."""

    would: Literal["roll_out", "refuse", "hold", "not_route"]
    reason: str
    pace: str = Field(description="fast, normal or slow; empty when nothing would be moved")
    weights: list[int] = Field(description="the steps it would walk, in percent")
    trouble: list[str]


class Announced(_Message):
    """A deployment and what was decided about it; null is what is not decided yet."""

    id: str
    service: str
    version: str
    environment: str
    url: str
    revision: str
    announced_at: float = Field(description="seconds since the epoch")
    verdict: Literal["accepted", "rejected", "held"] | None
    decided_by: str | None = Field(description="the gate that decided")
    because: str | None
    outcome: str | None = Field(description="promoted, rolled_back, paused, not_routed …; null while it is open")
    ended_at: float | None
    gates: list[GateAnswer]
    rollout: Moved | None
    rollbacks: list[Taken]
    dry_run: bool = Field(description="it is only told about; its traffic is never moved")
    rehearsal: Rehearsed | None = Field(description="what a dry run found; null before its end, and of all others")


class Ignored(_Message):
    """A webhook that is none of a deployment that has succeeded where a service is verified."""

    ignored: str


class Health(_Message):
    """Whether the registry answers."""

    status: Literal["ok", "unavailable"]
    version: str


class Problem(_Message):
    """What went wrong and what to do about it (RFC 9457)."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    hint: str = ""


def told(place: Workplace, row: Deployment) -> Announced:
    """Return a deployment with its evidence in short."""
    registry = place.registry
    rollout = registry.rollout(row.id)
    gates, dry_run = registry.gates(row.id), registry.is_dry_run(row.id)
    return Announced(
        id=row.id,
        service=row.service,
        version=row.version,
        environment=row.environment,
        url=row.url,
        revision=row.revision,
        announced_at=row.created_at,
        verdict=row.verdict,
        decided_by=row.decided_by or None,
        because=row.because,
        outcome=row.outcome,
        ended_at=row.ended_at,
        gates=[
            GateAnswer.model_validate({key: each[key] for key in ("gate", "outcome", "summary")})
            for each in gate_table(gates)
            if each["gate"] in gates
        ],
        rollout=Moved(state=rollout.state, weight=rollout.weight, reason=rollout.reason) if rollout else None,
        rollbacks=[
            Taken(
                from_version=back.from_version,
                to_version=back.to_version,
                outcome=back.outcome,
                reason=back.reason,
                seconds=back.seconds,
            )
            for back in registry.rollbacks(row.service)
            if back.deployment_id == row.id
        ],
        dry_run=dry_run,
        rehearsal=_rehearsed(place, row) if dry_run else None,
    )


def _rehearsed(place: Workplace, row: Deployment) -> Rehearsed | None:
    found = rehearsal_of(place, row.id)
    if found is None:
        return None
    return Rehearsed(
        would=found["would"],
        reason=found["reason"],
        pace=found["pace"],
        weights=[int(step["weight"]) for step in found["steps"]],
        trouble=list(found["trouble"]),
    )
