"""What is a corpus? The requests of a suite as they are sent again, and where later ones take their values from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from olorin_pipelines.contract.request import READING, Request

__all__ = ["Corpus", "Entry", "Link", "renumbered"]


class Link(NamedTuple):
    """A value that an earlier answer gives: `place` is `path`, `query` or `body`; `at` the segment of the path, the
    name in the query or the pointer in the body; `source` the number of the entry; `pointer` says where in its answer.

    A pointer `@location` is the last segment of the header Location.
    """

    place: str
    at: str
    source: int
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Request):
    """A request that was recorded.

    `bad_token` says that it carried one that is no token; `good` that it was answered with success when it was
    recorded.
    """

    bad_token: bool = False
    good: bool = False
    links: tuple[Link, ...] = ()

    @property
    def changes(self) -> bool:
        """Likewise; what was refused when it was recorded changed nothing, and shall not do so now."""
        return self.good and self.method not in READING


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The entries in their order, and of which document and options they are. `dropped` could not be kept."""

    key: str
    digest: str
    options: Mapping[str, object]
    created: float
    entries: tuple[Entry, ...]
    dropped: int = 0

    def only(self, operations: Iterable[str]) -> tuple[Entry, ...]:
        """Return the entries of these operations, links among them kept, and those to others cut."""
        return renumbered(self.entries, set(operations))


def renumbered(entries: tuple[Entry, ...], operations: set[str], *, first: int = 0) -> tuple[Entry, ...]:
    """Return the entries of these operations, with the numbers of links that follow from it, counted from `first`."""
    numbers: dict[int, int] = {}
    for number, entry in enumerate(entries):
        if entry.operation in operations:
            numbers[number] = first + len(numbers)
    return tuple(
        replace(
            entries[number],
            links=tuple(
                link._replace(source=numbers[link.source]) for link in entries[number].links if link.source in numbers
            ),
        )
        for number in numbers
    )
