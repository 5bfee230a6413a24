"""What do the changes mean for consumers? Pure: changes in, findings out."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import date

from olorin_pipelines.diff.change import Change
from olorin_pipelines.diff.edits import Reach, edit_of, way_of
from olorin_pipelines.diff.finding import Finding, fingerprint, order
from olorin_pipelines.diff.lifecycle import version_changes
from olorin_pipelines.diff.profiles import Profile, judge_literally
from olorin_pipelines.diff.rule import Rule, Severity
from olorin_pipelines.diff.rules import rule_of
from olorin_pipelines.diff.walk import compare
from olorin_pipelines.openapi import Snapshot

__all__ = ["diff", "judge"]


def diff(
    old: Snapshot, new: Snapshot, *, profile: Profile = Profile.STRICT, today: date | None = None
) -> tuple[Finding, ...]:
    """Return the findings from one snapshot to another; equal digests have none. `today` is for sunset dates."""
    if old.digest == new.digest:
        return ()
    if profile is Profile.OASDIFF:
        return judge_literally(old.document, new.document)
    changes = compare(old.document, new.document, today=today)
    findings = judge(changes)
    reached = {key for one in findings if one.severity is Severity.BREAKING for key in one.reachable_from}
    if findings and findings[0].severity is Severity.BREAKING:
        findings = judge((*changes, *version_changes(old.document, new.document, reached)))
    return findings


def judge(changes: Iterable[Change]) -> tuple[Finding, ...]:
    """Return one finding per edit: breaking first, then by operation and place. A kind without a rule is UNSHOWN.

    An edit met from several sides is judged from each, and the worst decides.
    """
    edits: dict[Hashable, list[tuple[Rule, Change]]] = {}
    for change in changes:
        edits.setdefault(edit_of(change), []).append((rule_of(change.kind), change))
    return tuple(sorted((_finding(group) for group in edits.values()), key=order))


def _finding(group: list[tuple[Rule, Change]]) -> Finding:
    rule, change = min(group, key=lambda one: (one[0].severity.rank, one[0].id))
    uses = sorted({Reach(key, other.way or way_of(one.id)) for one, other in group for key in other.operations})
    operations = tuple(sorted({use.operation for use in uses}))
    return Finding(
        id=rule.id,
        severity=rule.severity,
        operation=change.operations[0] if change.operations else "",
        message=rule.says.format(subject=change.subject, before=change.before or "none", after=change.after or "none"),
        why=rule.why,
        fix=rule.fix,
        old_pointer=change.old_pointer,
        new_pointer=change.new_pointer,
        fingerprint=fingerprint(rule.id, change.old_pointer, change.new_pointer, change.before, change.after),
        reachable_from=operations,
        uses=tuple(uses),
        before=change.before,
        after=change.after,
    )
