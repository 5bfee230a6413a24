"""How is a target asked that must not be harmed? Through Envoy, outside of whatever makes the requests."""

from olorin_pipelines.contract.guard.guard import Guard, GuardCounts, guarded
from olorin_pipelines.contract.guard.limits import READ_ONLY, Limits
from olorin_pipelines.contract.guard.refusals import Refusal, refusal_of

__all__ = ["READ_ONLY", "Guard", "GuardCounts", "Limits", "Refusal", "guarded", "refusal_of"]
