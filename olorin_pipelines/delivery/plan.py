"""Which weights does a rollout walk through? Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from olorin_pipelines.errors import UsageError

__all__ = ["Step", "plan"]


@dataclass(frozen=True, slots=True)
class Step:
    """One weight of a rollout: `number` counts from 1, `final` marks the last, after which it is promoted.

    `approval` says that a person has to say yes before it begins.
    """

    number: int
    weight: int
    final: bool
    approval: bool = False


def plan(
    steps: Sequence[int], *, shown_weight: int = 0, approve_before: Sequence[int] = (), approved: int = 0
) -> tuple[Step, ...]:
    """Return the steps of a rollout from its weights in percent, which rise and end with 100.

    A rollout that is taken up again where the route already shows `shown_weight` for the candidate repeats that step
    and does not go below it. A step that reaches or passes a weight of `approve_before` needs an approval, unless it
    is not above `approved`. Raises `UsageError` for weights that do not rise to 100.
    """
    weights = list(steps)
    if not weights or weights != sorted(set(weights)) or weights[0] < 1 or weights[-1] != 100:
        raise UsageError(f"weights rise from at least 1 and end with 100, not {weights}")
    if not 0 <= shown_weight <= 100:
        raise UsageError(f"a weight is 0 to 100 percent, not {shown_weight}")

    def needs(weight: int) -> bool:
        below = max((each for each in weights if each < weight), default=0)
        return weight > approved and any(below < gate <= weight for gate in approve_before)

    left = [weight for weight in weights if weight >= shown_weight]
    return tuple(Step(number, weight, weight == 100, needs(weight)) for number, weight in enumerate(left, 1))
