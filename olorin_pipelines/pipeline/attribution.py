"""Which change is the cause of which compiler error? By what the code at the error deals with, nearest first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from olorin_pipelines.diff import Finding
from olorin_pipelines.pipeline.anchors import Components
from olorin_pipelines.typegen import Context, Diagnostic, TypePath, Usage

__all__ = ["Cause", "attribute", "operations_of"]

_LISTED = re.compile(r"missing the following properties from type .*: (?P<names>.*)")
_FAR = 100


@dataclass(frozen=True, slots=True)
class Cause:
    """A finding with the members of the types that it is about; `first` counts the anchors of those before it."""

    finding: Finding
    anchors: tuple[TypePath, ...]
    first: int = 0

    @property
    def operations(self) -> frozenset[str]:
        """The operations it touches, such as "GET /cases"."""
        return operations_of(self.finding)

    @property
    def removes_operation(self) -> bool:
        """Whether an operation, or a path with all of its operations, is gone."""
        return self.finding.id.startswith(("api-removed", "api-path-removed"))


def operations_of(finding: Finding) -> frozenset[str]:
    """Return the operations a consumer calls that a finding touches, such as "GET /cases"."""
    return frozenset(use.operation for use in finding.uses if use.way not in ("webhook", "callback"))


def attribute(
    breaks: Sequence[Diagnostic], usage: Usage, causes: Sequence[Cause], components: Components
) -> tuple[Mapping[int, list[Diagnostic]], list[Diagnostic]]:
    """Return the errors by index of their cause, and those without one. An error may have several causes."""
    caused: dict[int, list[Diagnostic]] = {}
    rest: list[Diagnostic] = []
    for index, found in enumerate(breaks):
        context = usage.contexts[index] if index < len(usage.contexts) else Context()
        ranks = [_distance(found, context, usage, cause, components) for cause in causes]
        nearest = min(ranks, default=_FAR)
        if nearest >= _FAR:
            rest.append(found)
            continue
        for number, rank in enumerate(ranks):
            if rank == nearest:
                caused.setdefault(number, []).append(found)
    return caused, rest


def _distance(found: Diagnostic, context: Context, usage: Usage, cause: Cause, components: Components) -> int:
    """Return how far a cause is from an error; `_FAR` when nothing connects them."""
    nearest = min((_to_anchor(found, context, anchor, components) for anchor in cause.anchors), default=_FAR)
    operations = cause.operations
    if cause.removes_operation:
        named = [path for path in context.near if _names_operation(path, operations, usage)]
        nearest = min(nearest, 1 if named else _FAR)
    if any(f"{method} {path}" in operations for method, path in context.calls if method):
        told = any(_told(found, anchor) for anchor in cause.anchors)
        nearest = min(nearest, 20 if cause.removes_operation else 30 if told else 70)
    if any(operation in operations for path in (*context.typed, *context.near) for operation in usage.named_by(path)):
        nearest = min(nearest, 80)
    return nearest


def _names_operation(path: TypePath, operations: frozenset[str], usage: Usage) -> bool:
    if path[0] == "paths" and len(path) == 2:
        return any(operation.endswith(f" {path[1]}") for operation in operations)
    return any(operation in operations for operation in usage.named_by(path))


def _to_anchor(found: Diagnostic, context: Context, anchor: TypePath, components: Components) -> int:
    told = 0 if _told(found, anchor) else 5
    if anchor in context.near:
        return 0
    if any(path[: len(anchor)] == anchor for path in context.near):
        return 10 + told
    steps = [len(anchor) - len(path) for path in context.typed if anchor[: len(path)] == path]
    if steps and told == 0:
        return 20 + min(steps)
    if anchor in context.around:
        return 30
    if steps:
        return 40 + min(min(steps), 9)
    if any(components.holds(path, anchor) for path in context.typed):
        return 50 + told
    if any(path[:3] == anchor[:3] for path in context.around):
        return 60 + told
    return _FAR


def _told(found: Diagnostic, anchor: TypePath) -> bool:
    """Whether the compiler names the member."""
    name = anchor[-1]
    first = found.message.partition("\n")[0]
    if f"'{name}'" in found.message or f'"{name}"' in first:
        return True
    listed = _LISTED.search(found.message)
    return bool(listed and name in re.split(r"[,\s]+", listed["names"]))
