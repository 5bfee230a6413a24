"""Which findings are meant to be? Severities of one's own, and approvals with a reason and an end."""

from olorin_pipelines.policy.apply import Judged, apply
from olorin_pipelines.policy.file import Approval, Policy, read

__all__ = ["Approval", "Judged", "Policy", "apply", "read"]
