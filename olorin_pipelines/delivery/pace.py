"""How carefully does a version get its traffic? By what changed in its contract. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from olorin_pipelines.config.model import Pace, RolloutPolicy

__all__ = ["Change", "Shape", "Speed", "shaped"]

Speed: TypeAlias = Literal["fast", "normal", "slow"]
Change: TypeAlias = Literal["none", "additive", "breaking", "unknown"]

_HALF, _TWICE = 0.5, 2.0
_WHY: Mapping[Change, str] = {
    "none": "the document is the one production serves",
    "additive": "the document changed, and nothing of it breaks",
    "breaking": "the contract is broken, as was approved",
    "unknown": "what changed is not known",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """The weights of a rollout and the times of its steps in seconds; `why` is for the record."""

    pace: Speed
    why: str
    steps: tuple[int, ...]
    step_seconds: float
    step_deadline_seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return the shape as JSON-able values."""
        return {
            "pace": self.pace,
            "why": self.why,
            "steps": list(self.steps),
            "step_seconds": self.step_seconds,
            "step_deadline_seconds": self.step_deadline_seconds,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Shape:
        """Read what `to_dict` wrote."""
        return cls(**{**data, "steps": tuple(data["steps"])})


def shaped(policy: RolloutPolicy, change: Change) -> Shape:
    """Return the shape of a rollout: half the time for no change, twice the time for an approved break.

    A step's deadline grows with its time and never falls: a step still waits as long for its requests.
    """
    paces: dict[Change, tuple[Speed, Pace | None, float]] = {
        "none": ("fast", policy.fast, _HALF),
        "breaking": ("slow", policy.slow, _TWICE),
    }
    pace, own, factor = paces.get(change, ("normal", None, 1.0))
    seconds = own.step_seconds if own is not None and own.step_seconds else policy.step_seconds * factor
    return Shape(
        pace=pace,
        why=_WHY[change],
        steps=own.steps if own is not None and own.steps else policy.steps,
        step_seconds=seconds,
        step_deadline_seconds=policy.step_deadline_seconds * max(1.0, seconds / policy.step_seconds),
    )
