"""Which promises of production still bind a candidate? All, except those whose end was agreed to.

An operation whose break was approved, or was let through by the policy (`breaking: warn`, or `breaking: consumers` and
no consumer notices), is not tested against production's document again: the candidate would be refused for the very
change that was agreed to. Neither is one that is gone after its end was announced and came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from olorin_pipelines.diff import Severity
from olorin_pipelines.openapi import Snapshot
from olorin_pipelines.pipeline.approved import judged
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.compare import decides_by_consumers

__all__ = ["agreed_to_break", "without"]

_ENDED = frozenset(f"api-{what}removed-{how}" for what in ("", "path-") for how in ("with-deprecation", "after-sunset"))


def agreed_to_break(case: Case, baseline: Snapshot, candidate: Snapshot) -> tuple[str, ...]:
    """Return the operations, such as "GET /cases", that a break reaches to which the policy or an approval agreed.

    Those belong to them that were taken away after they had been deprecated, where the rules do not call that a break.
    """
    under_policy = judged(case.place.config, case.service, baseline, candidate)
    agreed = [finding for finding, _ in under_policy.approved]
    if case.policy.breaking == "warn" or decides_by_consumers(case.service):
        agreed += under_policy.findings
    broken = [one for one in agreed if one.severity is Severity.BREAKING]
    ended = [one for one in under_policy.findings if one.id in _ENDED and one.severity is not Severity.BREAKING]
    return tuple(sorted({name for one in (*broken, *ended) for name in one.reachable_from}))


def without(document: Mapping[str, Any], operations: Sequence[str]) -> dict[str, Any]:
    """Return a document without some of its operations."""
    paths = {
        path: {key: value for key, value in item.items() if f"{key.upper()} {path}" not in operations}
        for path, item in (document.get("paths") or {}).items()
    }
    return {**document, "paths": paths}
