"""Which operations do the contract tests of a service ask? All, but for those that its policy leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from olorin_pipelines import openapi
from olorin_pipelines.config import Policy
from olorin_pipelines.errors import ConfigError
from olorin_pipelines.policy.glob import any_matches

__all__ = ["asked_for", "left_out_note"]


def asked_for(policy: Policy, document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the operations (`GET /x`) that are asked, empty when all are.

    Raises `ConfigError` when none is left: a gate that asks nothing would be a pass for nothing.
    """
    there = list(openapi.operations(document))
    kept = tuple(each.key for each in there if _admitted(policy, each))
    if there and not kept:
        hint = "correct policy.contract_include and policy.contract_exclude"
        raise ConfigError("the policy leaves out every operation of the document", hint=hint)
    return () if len(kept) == len(there) else kept


def left_out_note(asked: tuple[str, ...], document: Mapping[str, Any]) -> str:
    """Return what is to be said of the operations that are not asked."""
    if not asked:
        return ""
    missing = [each.key for each in openapi.operations(document) if each.key not in asked]
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    return f"; left out by the policy: {', '.join(missing[:5])}{more}"


def _admitted(policy: Policy, operation: openapi.Operation) -> bool:
    tags = operation.item.get("tags")
    names = (operation.key, operation.operation_id, *map(str, tags if isinstance(tags, list) else ()))
    if any_matches(policy.contract_exclude, names):
        return False
    return not policy.contract_include or any_matches(policy.contract_include, names)
