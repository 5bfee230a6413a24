"""Did a release end as the story expects, and does the registry say what Dagster says? Pure."""

from __future__ import annotations

from typing import Any

from olorin_pipelines.demo.story import Release
from olorin_pipelines.registry import Deployment

__all__ = ["differences", "line_of", "unexpected"]


_COMPARED = {"verdict", "outcome", "decided_by"}


def unexpected(release: Release, entry: dict[str, Any]) -> list[str]:
    """Return what is not as the story expects, and what no story may have: a user that failed and need not have."""
    expected = release.expect.model_dump(exclude_none=True, include=_COMPARED)
    found = [
        f"{release.version}: {key} is {entry[key]!r}, the story expects {value!r}"
        for key, value in expected.items()
        if entry[key] != value
    ]
    limit, took = release.expect.within_seconds, entry["event_to_rolled_back_s"]
    if limit is not None and (took is None or took > limit):
        found.append(f"{release.version}: rolled back after {took} s, the story allows {limit:g} s")
    longest, failed_for = release.expect.failed_for_seconds, entry["failed_for_s"]
    if longest is not None and failed_for is not None and failed_for > longest:
        found.append(f"{release.version}: users failed for {failed_for} s, the story allows {longest:g} s")
    allowed = release.expect.user_failures
    if entry["user_failures"] > allowed:
        allows = f", the story allows {allowed}" if allowed else ""
        found.append(f"{release.version}: {entry['user_failures']} user requests failed{allows}")
    if entry["user_requests_on_rejected"]:
        found.append(
            f"{release.version}: {entry['user_requests_on_rejected']} user requests reached a rejected version"
        )
    if entry["outcome"] == "promoted":
        found += [
            f"{release.version}: the step {step['weight']} % is not a PASS"
            for step in entry["steps"]
            if step.get("outcome") != "pass"
        ]
        if not entry["steps"] or entry["steps"][-1]["weight"] != 100:
            found.append(f"{release.version}: promoted without a reading at 100 %")
    return found


def differences(recorded: Deployment, entry: dict[str, Any]) -> list[str]:
    """What the registry says against what was seen from outside."""
    pairs = {"verdict": recorded.verdict, "outcome": recorded.outcome, "decided_by": recorded.decided_by or ""}
    return [
        f"{recorded.version}: the registry says {key} {value!r}, Dagster says {entry[key]!r}"
        for key, value in pairs.items()
        if value != entry[key]
    ]


def line_of(entry: dict[str, Any]) -> str:
    """Return a release in one line for people."""
    decided = f" by {entry['decided_by']}" if entry["decided_by"] else ""
    back = entry["event_to_rolled_back_s"]
    failed_for = f" (the first {entry['failed_for_s']} s before that)" if entry["failed_for_s"] is not None else ""
    times = f"verdict after {entry['event_to_verdict_s']} s" + (f", rollback proved after {back} s" if back else "")
    return (
        f"{entry['version']}: {entry['verdict']}{decided}, {entry['outcome']}; {times}; "
        f"{entry['user_requests']} user requests, {entry['user_failures']} failed{failed_for}, "
        f"{entry['user_requests_on_rejected']} on a rejected version"
    )
