"""Which differences between two answers are those of behaviour, and not of the moment or of the data? Pure.

Production is asked twice: what differs between its own two answers is noise, by place. Where both have other data,
because a list is longer or a thing has another id, values say nothing and only status, headers and shape are compared.
A count (a whole number, alone or within a text) of two sides that are known to hold different data, wherever that
showed, may be one of that data: it is not compared either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from olorin_pipelines.access import asked_to_wait
from olorin_pipelines.contract.twin.values import (
    general,
    is_count,
    is_identity,
    is_moving,
    kind_of,
    lists,
    plain_lists,
    read,
    scalars,
    shape,
)
from olorin_pipelines.contract.wire import Answer

__all__ = ["COUNTS", "OTHER_DATA", "Difference", "Pair", "compare", "holds_other_data"]

OTHER_DATA = "the data is different: values were not compared"
COUNTS = "both sides hold different data: counts were not compared"

COUNT = "count"
_NOT_THERE = (404, 410)


class Difference(NamedTuple):
    """One difference: `what` is status, content type, header, field, value or order; `at` its place; both in words."""

    what: str
    at: str
    production: str
    candidate: str


class Pair(NamedTuple):
    """What came of one request: two answers of production, one of the candidate, and the names of documented headers.

    `versions` are the two versions, which may stand in answers; `grown` says that the document of the operation has
    changed, so that new fields are expected; `named` that the path names a thing, `apart` that both sides are known to
    hold different data.
    """

    first: Answer
    second: Answer
    candidate: Answer
    headers: tuple[str, ...] = ()
    versions: tuple[str, str] = ("", "")
    grown: bool = False
    named: bool = False
    apart: bool = False


def holds_other_data(pair: Pair) -> bool:
    """Whether the answers show that both sides hold different data: longer lists, other ids, a thing on one alone."""
    first, second, candidate = pair.first, pair.second, pair.candidate
    if first.status is None or candidate.status is None or first.status != second.status:
        return False
    if first.status != candidate.status:
        return _one_side_only(pair)
    if not (first.whole and second.whole and candidate.whole):
        return False
    one = read(first.body)
    return _other_data(one, read(candidate.body), _noise(one, read(second.body)))


def compare(pair: Pair) -> tuple[list[Difference], str]:
    """Return the differences, and why not everything was compared (empty: it was)."""
    first, second, candidate = pair.first, pair.second, pair.candidate
    if first.status is None or second.status is None:
        return [], "production did not answer"
    if any(asked_to_wait(each.status, each.headers.get("retry-after")) is not None for each in pair[:3]):
        return [], "rate limited by the service"
    if candidate.status is None:
        return [Difference("status", "", str(first.status), f"no answer: {candidate.fault}")], ""
    if first.status != second.status:
        return [], "production answers with different statuses"
    if first.status != candidate.status:
        if _one_side_only(pair):
            return [], "production has no such data"
        if pair.named and pair.apart and candidate.status in _NOT_THERE and first.status < 300:
            return [], "the candidate has no such data"
        return [Difference("status", "", str(first.status), str(candidate.status))], ""
    found = list(_headers(pair))
    if not (first.whole and second.whole and candidate.whole):
        return found, "the answer is too large"
    one, two, other = read(first.body), read(second.body), read(candidate.body)
    noise = _noise(one, two)
    if kind_of(one) != kind_of(other):
        return [*found, Difference("field", "/", kind_of(one), kind_of(other))], ""
    apart = _other_data(one, other, noise)
    found += _shapes(shape(one), shape(two), shape(other), grown=pair.grown, sure=not apart)
    if apart:
        return found, OTHER_DATA
    orders = _reordered(one, other, noise)
    values = [
        each
        for each in _values(scalars(one), scalars(other), noise, pair.versions)
        if not any(each.at.startswith(f"{order.at.rstrip('/')}/*") for order in orders)
    ]
    counts = pair.apart and any(each.what == COUNT for each in values)
    told = [each._replace(what="value") for each in values if not (pair.apart and each.what == COUNT)]
    return [*found, *orders, *told], COUNTS if counts else ""


def _one_side_only(pair: Pair) -> bool:
    """Whether a thing that the path names is there on the candidate's side only."""
    there = pair.candidate.status is not None and pair.candidate.status < 300
    return pair.named and pair.first.status in _NOT_THERE and there


def _reordered(one: Any, other: Any, noise: set[str]) -> list[Difference]:
    """The lists of scalars that hold the same in another order: one difference, and not one of each value."""
    here, there = plain_lists(one), plain_lists(other)
    return [
        Difference("order", general(at) or "/", "one order", "another one")
        for at in sorted(here.keys() & there.keys())
        if f"{general(at)}/*" not in noise and here[at] != there[at] and sorted(here[at]) == sorted(there[at])
    ]


def _headers(pair: Pair) -> Iterator[Difference]:
    first, second, other = (each.headers for each in (pair.first, pair.second, pair.candidate))
    kinds = [each.get("content-type", "").partition(";")[0].strip().lower() for each in (first, other)]
    if kinds[0] != kinds[1]:
        yield Difference("content type", "", kinds[0] or "none", kinds[1] or "none")
    for name in pair.headers:
        if (name in first) == (name in second) and (name in first) != (name in other):
            there = ("there", "missing")
            yield Difference("header", name, there[name not in first], there[name not in other])


def _noise(one: Any, two: Any) -> set[str]:
    """The places that differ between two answers of production."""
    before, after = scalars(one), scalars(two)
    moved = {general(at) for at in before.keys() | after.keys() if before.get(at, ...) != after.get(at, ...)}
    lengths = (lists(one), lists(two))
    return moved | {
        general(at) for at in lengths[0].keys() | lengths[1].keys() if lengths[0].get(at) != lengths[1].get(at)
    }


def _other_data(one: Any, other: Any, noise: set[str]) -> bool:
    here, there = lists(one), lists(other)
    if any(here[at] != there[at] for at in here.keys() & there.keys()):
        return True
    known, new = scalars(one), scalars(other)
    return any(known[at] != new[at] for at in known.keys() & new.keys() if is_identity(at) and general(at) not in noise)


def _shapes(
    one: Mapping[str, set[str]], two: Mapping[str, set[str]], other: Mapping[str, set[str]], *, grown: bool, sure: bool
) -> Iterator[Difference]:
    stable = one.keys() & two.keys()
    for at in sorted(one.keys() | other.keys()):
        parent = at.rpartition("/")[0]
        if at.endswith("/*") or not (parent in one and parent in other):
            continue  # said of what is above; an empty list says nothing of its elements
        if at in stable and at not in other:
            if sure:
                yield Difference("field", at, _kinds(one[at]), "missing")
        elif at in other and at not in one and at not in two:
            if sure and not grown:
                yield Difference("field", at, "missing", _kinds(other[at]))
        elif at in one and at in other:
            kinds = one[at] | two.get(at, set()), other[at]
            if not kinds[0] & kinds[1] and (sure or "null" not in kinds[0] | kinds[1]):
                yield Difference("field", at, _kinds(kinds[0]), _kinds(kinds[1]))


def _values(
    one: Mapping[str, Any], other: Mapping[str, Any], noise: set[str], versions: tuple[str, str]
) -> Iterator[Difference]:
    for at in one.keys() & other.keys():
        before, after = one[at], other[at]
        if before == after or kind_of(before) != kind_of(after) or general(at) in noise or is_moving(before, after):
            continue
        if (before, after) == versions:
            continue
        yield Difference(COUNT if is_count(before, after) else "value", general(at) or "/", *_told(before, after))


def _told(before: Any, after: Any) -> tuple[str, str]:
    """Both values without saying them: they are production data."""
    if isinstance(before, bool):
        return str(before).lower(), str(after).lower()
    if isinstance(before, int | float):
        return "a number", f"{after / before:.3g} times it" if before else "another number"
    same = "another" if len(before) == len(after) else "a"
    return f"a text of {len(before)}", f"{same} text of {len(after)}"


def _kinds(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))
