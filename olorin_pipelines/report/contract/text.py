"""A run of contract tests for a terminal: the failures below their operations, then what was reached and what not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from olorin_pipelines.contract.model import Failure
from olorin_pipelines.contract.tested import Tested
from olorin_pipelines.report.terminal import BOLD, DIM, clean, painted

__all__ = ["to_text"]

_RED, _YELLOW, _GREEN = "31;1", "33", "32"
_MOST = 50
_NAMED = 8
_LONGEST_CURL = 400
_COLORS = {"pass": _GREEN, "fail": _RED, "error": _RED}
_MODES = {
    "full": "valid and invalid requests with every method; test data is made, and deleted at the end",
    "read_only": "read-only: nothing but documented GETs that the document gives all values for",
}


def to_text(tested: Tested, *, color: bool = False, most: int = _MOST) -> str:
    """Return the report, with at most `most` failures. Control characters are replaced."""
    version = f" {tested.version}" if tested.version else ""
    lines = [
        painted(clean(f"{tested.title}{version} at {tested.url}"), BOLD, color=color),
        painted(clean(f"by {tested.source}; {_MODES[tested.mode]}"), DIM, color=color),
    ]
    if tested.way == "replay":
        said = f"the document was tested before: {tested.replayed:,} requests of then were sent again; "
        lines.append(painted(f"{said}--no-replay makes them anew", DIM, color=color))
    groups: dict[str, list[Failure]] = {}
    for failure in tested.failures[:most]:
        groups.setdefault(failure.operation, []).append(failure)
    for operation, failures in groups.items():
        lines += ["", painted(clean(operation), BOLD, color=color)]
        for failure in failures:
            lines += _failure(failure, color=color)
    if len(tested.failures) > most:
        lines += ["", f"… and {len(tested.failures) - most:,} more; --json and --report hold them all"]
    lines += _section("known, and not deciding", [_excused(each) for each in tested.excused], color=color)
    lines += _section("fixed since the last run", [_short(each) for each in tested.fixed], color=color)
    lines += _section("could not be tested", tested.errors, color=color)
    lines += _section("not tested", tested.untested, color=color)
    lines += _section("left behind", [_left(each) for each in _behind(tested)], color=color)
    lines += _section("the list of known failures", tested.notes, color=color)
    return "\n".join([*lines, "", *_ending(tested, color=color)]) + "\n"


def _failure(failure: Failure, *, color: bool) -> Iterator[str]:
    times = f" ({failure.times:,} times)" if failure.times > 1 else ""
    state = f" {painted(failure.state, _YELLOW, color=color)}" if failure.state else ""
    yield f"  {painted(failure.check, _RED, color=color)}{state}  {clean(failure.message)}{times}"
    details = []
    if failure.expected and failure.got and failure.got != failure.message:
        details.append(f"expected {failure.expected}; got {failure.got}")
    if failure.pointer:
        details.append(f"at {failure.at} {failure.pointer}" if failure.at else f"at {failure.pointer}")
    if failure.curl:
        cut = "…" if len(failure.curl) > _LONGEST_CURL else ""
        details.append(failure.curl[:_LONGEST_CURL] + cut)
    yield from (f"    {painted(clean(detail), DIM, color=color)}" for detail in details)


def _section(title: str, entries: Sequence[str], *, color: bool) -> list[str]:
    if not entries:
        return []
    more = [f"  … and {len(entries) - _NAMED:,} more"] if len(entries) > _NAMED else []
    return ["", painted(title, BOLD, color=color), *(f"  {clean(entry)}" for entry in entries[:_NAMED]), *more]


def _ending(tested: Tested, *, color: bool) -> Iterator[str]:
    reached = sum(each.exercised for each in tested.operations)
    p95 = max((each.p95_ms for each in tested.operations), default=0.0)
    removed = f", {tested.removed:,} resources deleted again" if tested.removed else ""
    missed = [each.key for each in tested.operations if not each.exercised]
    yield (
        f"{reached} of {len(tested.operations)} operations reached, "
        f"{tested.cases:,} requests in {tested.seconds:.1f} s, slowest p95 {p95:.0f} ms{removed}"
    )
    if missed:
        more = f" and {len(missed) - _NAMED} more" if len(missed) > _NAMED else ""
        yield clean(f"not reached: {', '.join(missed[:_NAMED])}{more}")
    if tested.warnings:
        yield f"{len(tested.warnings)} warnings, which do not decide: see --json or --report"
    word = painted(tested.outcome.value, _COLORS.get(tested.outcome.value, _YELLOW), color=color)
    yield f"{word}: {clean(tested.summary)}"


def _behind(tested: Tested) -> list[tuple[str, int, str, str]]:
    return [(each.operation, each.count, ", ".join(each.examples), each.why) for each in tested.left_behind]


def _left(each: tuple[str, int, str, str]) -> str:
    operation, count, examples, why = each
    return f"{count} by {operation}: {why}" + (f" ({examples})" if examples else "")


def _short(failure: Failure) -> str:
    return f"{failure.operation} {failure.check}: {failure.message}"


def _excused(failure: Failure) -> str:
    return f"{_short(failure)} ({failure.excuse})"
