"""Which rule judges a kind of change? Looked up by id; those for schemas are made place by place, when asked for."""

from __future__ import annotations

from functools import cache

from olorin_pipelines.diff.change import UNSHOWN, Place
from olorin_pipelines.diff.rule import Rule
from olorin_pipelines.diff.rules_operation import OPERATION_RULES
from olorin_pipelines.diff.rules_schema import ALIASES, schema_rules

__all__ = ["all_rules", "known_rule", "rule_of"]

_OPERATION = {rule.id: rule for rule in OPERATION_RULES}
_PLACES = sorted((place for place in Place if place is not Place.EXACT), key=lambda place: -len(place.value))


@cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule of the strict profile, once."""
    return (*OPERATION_RULES, *(rule for place in Place if place is not Place.EXACT for rule in schema_rules(place)))


def known_rule(rule_id: str) -> Rule | None:
    """Return the rule of this id, None when there is none."""
    if found := _OPERATION.get(rule_id):
        return found
    kinds = {rule_id, *(kind for kind, alias in ALIASES.items() if alias == rule_id)}
    return next((rule for kind in kinds for rule in _placed(kind) if rule.id == rule_id), None)


@cache
def rule_of(kind: str) -> Rule:
    """Return the rule for a kind of change; one that nobody knows cannot be shown to be compatible."""
    return known_rule(ALIASES.get(kind, kind)) or _OPERATION[UNSHOWN]


def _placed(kind: str) -> tuple[Rule, ...]:
    place = next((place for place in _PLACES if kind.startswith(f"{place.value}-")), None)
    return schema_rules(place) if place else ()
