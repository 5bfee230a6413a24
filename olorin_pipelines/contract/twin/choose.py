"""Which requests of a corpus may and should go to production? Reading ones, that succeeded, few of each operation."""

from __future__ import annotations

from collections.abc import Iterable

from olorin_pipelines.contract.corpus import Entry

__all__ = ["EACH", "MOST", "choose"]

EACH = 3
"""Requests of one operation."""
MOST = 60
"""Requests in all; production is asked each of them twice."""
_SAFE = ("GET", "HEAD")


def choose(entries: Iterable[Entry], *, each: int = EACH, most: int = MOST) -> list[Entry]:
    """Return distinct requests, one of every operation before the second of any.

    Left out is what carries a body, bad or no credentials, or a value of an earlier answer: production has other ids.
    """
    kept: dict[str, dict[tuple[object, ...], Entry]] = {}
    for entry in entries:
        safe = entry.method in _SAFE and entry.operation.startswith(f"{entry.method} ")
        if not safe or not entry.good or entry.valid is False or entry.body:
            continue
        if entry.links or entry.without or entry.bad_token or entry.probe:
            continue
        mine = kept.setdefault(entry.operation, {})
        if len(mine) < each:
            mine.setdefault((entry.path, entry.query, *sorted(entry.headers.items())), entry)
    rounds = [list(mine.values()) for mine in kept.values()]
    chosen = [mine[turn] for turn in range(each) for mine in rounds if turn < len(mine)]
    return chosen[:most]
