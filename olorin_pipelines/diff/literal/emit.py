"""Which uses does a delta give? Only oasdiff's ids are said, and nothing that a larger change says already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from olorin_pipelines.diff.change import BROKEN, UNSHOWN
from olorin_pipelines.diff.literal.delta import Delta, Deltas
from olorin_pipelines.diff.literal.levels import LEVELS
from olorin_pipelines.diff.literal.transitions import Transitions
from olorin_pipelines.diff.literal.uses import Options, Use
from olorin_pipelines.diff.values import short, text_of
from olorin_pipelines.openapi import Pointer

__all__ = ["Emit", "Site", "Spot", "bound_step", "flag", "number"]

Spot = tuple[Pointer | None, Pointer | None]


class Site(NamedTuple):
    """The operation that is compared."""

    operation: str
    path: str
    options: Options
    stability: str


class Emit:
    """Collects the uses of one pair of documents, each once."""

    def __init__(self, deltas: Deltas, options: Options) -> None:
        self.deltas, self.options = deltas, options
        self.uses: dict[Use, None] = {}
        self._transitions: dict[int, Transitions] = {}

    def transitions(self, delta: Delta) -> Transitions:
        """Return what a delta is as a whole."""
        if id(delta) not in self._transitions:
            self._transitions[id(delta)] = Transitions(self.deltas, delta)
        return self._transitions[id(delta)]

    def say(
        self,
        site: Site | None,
        id_: str,
        spot: Spot,
        before: Any = "",
        after: Any = "",
        *,
        subject: str = "",
        claimed_by: Delta | None = None,
    ) -> None:
        """Note a use; `claimed_by` is the delta whose transition may speak for it."""
        known = LEVELS.get(id_)
        if known is None or (claimed_by is not None and self.transitions(claimed_by).speaks_for(id_, known.kind)):
            return
        self._note(site, id_, spot, before, after, subject)

    def guarded(self, site: Site | None, spot: Spot, walk: Callable[[], None]) -> None:
        """A corner that is not written as OpenAPI has it is a use of its own, and never the end of the comparison."""
        try:
            walk()
        except BROKEN as error:
            self._note(site, UNSHOWN, spot, "", "", f"not all of this can be read ({error})")

    def _note(self, site: Site | None, id_: str, spot: Spot, before: Any, after: Any, subject: str) -> None:
        operation, path = (site.operation, site.path) if site else ("", "")
        texts = [value if isinstance(value, str) else short(text_of(value)) for value in (before, after)]
        self.uses[Use(id_, operation, path, spot[0], spot[1], texts[0], texts[1], subject)] = None


def number(value: Any) -> bool:
    """Whether a value is a number and not a boolean."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def flag(delta: Delta, keyword: str, *, new: bool = True) -> bool:
    """Whether a boolean keyword is true on one side."""
    return (delta.new if new else delta.old).get(keyword) is True


def bound_step(before: Any, after: Any, other: str) -> str:
    """Return "set", "unset", "increased" or "decreased"; `other` for what cannot be ordered."""
    if before is None or after is None:
        return "set" if before is None else "unset"
    if number(before) and number(after):
        return "increased" if after > before else "decreased"
    return other
