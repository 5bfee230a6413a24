"""How do two documents differ, and which of it breaks consumers?

`compare` walks both documents once and gives typed changes; `judge` turns changes into findings by the table `RULES`.
"""

from __future__ import annotations

from typing import Any

from olorin_pipelines.diff.change import UNSHOWN, Change, Place
from olorin_pipelines.diff.edits import Reach
from olorin_pipelines.diff.finding import Finding
from olorin_pipelines.diff.judge import diff, judge
from olorin_pipelines.diff.profiles import Profile, explained, oasdiff_rules, oasdiff_severity
from olorin_pipelines.diff.rule import Rule, Severity
from olorin_pipelines.diff.walk import compare

__all__ = [
    "RULES",
    "UNSHOWN",
    "Change",
    "Finding",
    "Place",
    "Profile",
    "Reach",
    "Rule",
    "Severity",
    "compare",
    "diff",
    "explained",
    "judge",
    "oasdiff_rules",
    "oasdiff_severity",
]


def __getattr__(name: str) -> Any:
    if name != "RULES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from olorin_pipelines.diff.rules import all_rules

    return all_rules()
