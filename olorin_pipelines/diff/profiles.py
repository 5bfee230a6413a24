"""By which yardstick is a change judged? `strict` asks whether a consumer can fail, `oasdiff` is oasdiff's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from olorin_pipelines.diff.edits import Reach, way_of
from olorin_pipelines.diff.finding import Finding, fingerprint, order
from olorin_pipelines.diff.rule import Rule, Severity
from olorin_pipelines.diff.rules import known_rule

if TYPE_CHECKING:
    from olorin_pipelines.diff.literal.uses import Options, Use

__all__ = ["Profile", "explained", "judge_literally", "oasdiff_rules", "oasdiff_severity"]


class Profile(StrEnum):
    """How documents are read and findings are graded."""

    STRICT = "strict"
    """Breaking is what can make a consumer fail that obeys the old contract."""
    OASDIFF = "oasdiff"
    """The findings and levels of oasdiff, one finding per edit instead of one per operation."""


_SEVERITIES: Mapping[str, Severity] = MappingProxyType(
    {"ERR": Severity.BREAKING, "WARN": Severity.WARNING, "INFO": Severity.INFO}
)


def oasdiff_severity(rule_id: str) -> str:
    """Return the severity that the `oasdiff` profile gives an id, empty when oasdiff has none of this name."""
    from olorin_pipelines.diff.literal.levels import LEVELS

    known = LEVELS.get(rule_id)
    return _SEVERITIES[known.level].value if known else ""


def judge_literally(
    old: Mapping[str, Any], new: Mapping[str, Any], options: Options | None = None
) -> tuple[Finding, ...]:
    """Return oasdiff's findings for two documents; the uses of one edit are one finding."""
    from olorin_pipelines.diff.literal.document import literal_uses, version_step
    from olorin_pipelines.diff.literal.uses import Use

    uses = literal_uses(old, new, options)
    edits: dict[tuple[Any, ...], list[Use]] = {}
    for use in uses:
        edits.setdefault((use.id, use.old_pointer, use.new_pointer, use.before, use.after, use.subject), []).append(use)
    if step := version_step(old, new, (use.id for use in uses)):
        versions = [str(side["info"]["version"]) for side in (old, new)]
        edits[(step,)] = [Use(step, "", "", "/info/version", "/info/version", versions[0], versions[1], "version")]
    return tuple(sorted((_finding(group) for group in edits.values()), key=order))


def _finding(uses: list[Use]) -> Finding:
    from olorin_pipelines.diff.literal.pages import page_of

    use, rule = uses[0], known_rule(uses[0].id)
    operations = tuple(sorted({f"{one.operation} {one.path}" for one in uses if one.operation}))
    page = None if rule else page_of(use.id)
    says = page.says if page else use.id.replace("-", " ")
    sentence = f"{says}: {use.subject or use.new_pointer or use.old_pointer}"
    if use.before or use.after:
        sentence += f" ({use.before or 'none'} → {use.after or 'none'})"
    return Finding(
        id=use.id,
        severity=Severity(oasdiff_severity(use.id) or Severity.BREAKING),
        operation=operations[0] if operations else "",
        message=sentence,
        why=rule.why if rule else page.why if page else "",
        fix=rule.fix if rule else page.fix if page else "",
        old_pointer=use.old_pointer,
        new_pointer=use.new_pointer,
        fingerprint=fingerprint(use.id, use.old_pointer, use.new_pointer, use.before, use.after),
        reachable_from=operations,
        uses=tuple(Reach(operation, way_of(use.id)) for operation in operations),
        before=use.before,
        after=use.after,
    )


def explained(rule_id: str) -> Rule | None:
    """Return the page of an id that only the `oasdiff` profile gives, as a rule without an example pair."""
    from olorin_pipelines.diff.literal.pages import page_of

    page = page_of(rule_id)
    if page is None:
        return None
    severity = Severity(oasdiff_severity(rule_id))
    says, why, fix = page
    return Rule(id=rule_id, severity=severity, says=says, why=why, fix=fix, mirror="", before={}, after={})


def oasdiff_rules() -> tuple[Rule, ...]:
    """Return a rule for each id of oasdiff, with oasdiff's severity, sorted by id."""
    from olorin_pipelines.diff.literal.levels import LEVELS

    found = [(known_rule(id_) or explained(id_), id_) for id_ in sorted(LEVELS)]
    return tuple(replace(rule, severity=Severity(oasdiff_severity(id_))) for rule, id_ in found if rule)
