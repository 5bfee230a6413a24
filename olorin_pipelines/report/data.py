"""Findings as JSON, for other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson

from olorin_pipelines.diff import Finding, Severity

if TYPE_CHECKING:
    from olorin_pipelines.openapi import Snapshot
    from olorin_pipelines.policy import Judged
    from olorin_pipelines.policy.model import Approval
    from olorin_pipelines.report.location import Locate

__all__ = ["to_json"]


def to_json(
    findings: Sequence[Finding],
    locate: Locate | None = None,
    *,
    judged: Judged | None = None,
    documents: tuple[Snapshot, Snapshot] | None = None,
) -> str:
    """Return {"counts": {severity: n}, "findings": [...]} and what a policy did, indented, keys in a fixed order.

    The shape is published as `docs/schemas/diff-report.schema.json`.
    """
    counts = Counter(finding.severity for finding in findings)
    data: dict[str, Any] = {}
    if documents:
        data |= {side: _document(one) for side, one in zip(("old", "new"), documents, strict=True)}
    data["counts"] = {severity.value: counts[severity] for severity in Severity}
    data["findings"] = [_finding(finding, locate) for finding in findings]
    if judged:
        approved = [{**_finding(one, locate), "approval": _approval(approval)} for one, approval in judged.approved]
        data |= {
            "approved": approved,
            "expired": [_approval(one) for one in judged.expired],
            "stale": [_approval(one) for one in judged.stale],
            "ignored": len(judged.ignored),
        }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def _document(snapshot: Snapshot) -> dict[str, str]:
    return {
        "source": snapshot.source,
        "title": snapshot.title,
        "version": snapshot.version,
        "digest": snapshot.digest,
    }


def _finding(finding: Finding, locate: Locate | None) -> dict[str, Any]:
    places = locate(finding) if locate else None
    location = None
    if places:
        location = {
            "old": asdict(places.old) if places.old else None,
            "new": asdict(places.new) if places.new else None,
        }
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "message": finding.message,
        "operation": finding.operation,
        "pointer": finding.new_pointer if finding.new_pointer is not None else finding.old_pointer,
        "old_pointer": finding.old_pointer,
        "new_pointer": finding.new_pointer,
        "before": finding.before,
        "after": finding.after,
        "location": location,
        "reachable_from": [{"operation": use.operation, "way": use.way} for use in finding.uses],
        "fingerprint": finding.fingerprint,
        "witness": finding.witness,
        "why": finding.why,
        "fix": finding.fix,
    }


def _approval(approval: Approval) -> dict[str, Any]:
    return {
        "fingerprint": approval.fingerprint,
        "id": approval.id,
        "location": approval.location,
        "reason": approval.reason,
        "expires": approval.expires.isoformat(),
    }
