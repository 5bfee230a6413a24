"""Which operations does a change reach? Contexts are walked once; what reaches them is worked out afterwards."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from olorin_pipelines.diff.change import Change
from olorin_pipelines.diff.graph import leading_to

__all__ = ["Trace"]


@dataclass(slots=True)
class Trace:
    """A graph: operations name contexts, contexts name contexts, and each holds the changes found in it."""

    _changes: dict[Hashable, list[Change]] = field(default_factory=dict)
    _parts: dict[Hashable, set[Hashable]] = field(default_factory=dict)
    _operations: dict[str, set[Hashable]] = field(default_factory=dict)

    def enter(self, context: Hashable, user: Hashable) -> bool:
        """Note that `user` reaches `context`; return whether the context has yet to be walked."""
        self._parts.setdefault(user, set()).add(context)
        fresh = context not in self._changes
        self._changes.setdefault(context, [])
        return fresh

    def add(self, context: Hashable, change: Change) -> None:
        """Note a change found in a context."""
        self._changes.setdefault(context, []).append(change)

    def operation(self, key: str, context: Hashable) -> None:
        """Note that an operation starts at a context."""
        self._operations.setdefault(key, set()).add(context)

    def changes(self) -> tuple[Change, ...]:
        """Return each change once, in the order found, with all operations it reaches."""
        masks = self._masks()
        names = sorted(self._operations)
        merged: dict[Change, int] = {}
        for context, found in self._changes.items():
            for change in found:
                merged[change] = merged.get(change, 0) | masks.get(context, 0)
        return tuple(
            replace(change, operations=tuple(name for i, name in enumerate(names) if mask >> i & 1))
            for change, mask in merged.items()
        )

    def _masks(self) -> dict[Hashable, int]:
        """Spread the operations, one bit each, over the contexts until nothing grows any more (cycles included).

        Only contexts from which a change can be reached take part: most of a large document leads to none.
        """
        leading = leading_to((context for context, found in self._changes.items() if found), self._parts)
        masks: dict[Hashable, int] = {}
        for i, key in enumerate(sorted(self._operations)):
            for context in self._operations[key] & leading:
                masks[context] = masks.get(context, 0) | 1 << i
        waiting = deque(masks)
        listed = set(masks)
        while waiting:
            context = waiting.popleft()
            listed.discard(context)
            mask = masks[context]
            for part in self._parts.get(context, ()):
                known = masks.get(part, 0)
                if part in leading and mask & ~known:
                    masks[part] = known | mask
                    if part not in listed:
                        listed.add(part)
                        waiting.append(part)
        return masks
