"""Which findings are meant to be? Severities and a scope of one's own, and approvals with a reason and an end."""

from olorin_pipelines.policy.apply import Judged, apply
from olorin_pipelines.policy.file import read
from olorin_pipelines.policy.known import Excused, excuse, read_known
from olorin_pipelines.policy.level import FAIL_ON, exit_status
from olorin_pipelines.policy.scope import outside

__all__ = [
    "FAIL_ON",
    "Excused",
    "Judged",
    "apply",
    "excuse",
    "exit_status",
    "outside",
    "read",
    "read_known",
]
