"""How is a target asked that must not be harmed? Through Envoy, outside of whatever makes the requests."""

from olorin_pipelines.contract.guard.client import GuardedTransport, GuardRefused, guarded_client, through
from olorin_pipelines.contract.guard.guard import Guard, GuardCounts, guarded
from olorin_pipelines.contract.guard.limits import OPEN, READ_ONLY, Limits
from olorin_pipelines.contract.guard.refusals import Refusal, refusal_of

__all__ = [
    "OPEN",
    "READ_ONLY",
    "Guard",
    "GuardCounts",
    "GuardRefused",
    "GuardedTransport",
    "Limits",
    "Refusal",
    "guarded",
    "guarded_client",
    "refusal_of",
    "through",
]
