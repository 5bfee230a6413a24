"""Which operations are nobody's contract? Those that a policy leaves out by path, tag or extension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from olorin_pipelines.openapi import Operation, operations

if TYPE_CHECKING:
    from olorin_pipelines.policy.model import DiffPolicy

__all__ = ["outside"]


def outside(policy: DiffPolicy, *documents: Mapping[str, Any]) -> frozenset[str]:
    """Return the keys of the operations that are left out in every one of the documents that has them.

    In every one, so that nobody hides a breaking change by marking the operation internal in the same step.
    """
    choices = (policy.paths, policy.tags, policy.extensions)
    if not any(choice.include or choice.exclude for choice in choices):
        return frozenset()
    inside: set[str] = set()
    met: set[str] = set()
    for document in documents:
        for operation in operations(document):
            met.add(operation.key)
            if _admitted(policy, operation):
                inside.add(operation.key)
    return frozenset(met - inside)


def _admitted(policy: DiffPolicy, operation: Operation) -> bool:
    tags = operation.item.get("tags")
    extensions = {str(key) for item in (operation.path_item, operation.item) for key in item if _extends(key)}
    return (
        policy.paths.admits((operation.path,))
        and policy.tags.admits(str(tag) for tag in (tags if isinstance(tags, list) else ()))
        and policy.extensions.admits(extensions)
    )


def _extends(key: Any) -> bool:
    return str(key).startswith("x-")
