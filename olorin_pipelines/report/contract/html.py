"""Runs of contract tests as one page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from olorin_pipelines.contract.model import Failure
from olorin_pipelines.contract.tested import Tested
from olorin_pipelines.report.contract.page import SCRIPT, SECURITY, STYLE

__all__ = ["to_html"]

_KINDS = ("failing", "known", "fixed", "warning")
_COLUMNS = ("", "operation", "what was broken", "check and place")
_STEP = 5


def to_html(runs: Sequence[Tested], *, most: int = 500) -> str:
    """Return a page with at most `most` failures a run; whatever a service said is escaped, nothing is fetched."""
    title = f"{runs[0].title} {runs[0].version}".strip() if runs else "Contract tests"
    parts = "".join(_run(run, most, alone=len(runs) == 1) for run in runs)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{SECURITY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Contract tests: {escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><main><h1>{escape(title)}</h1>\n{_form(runs)}{parts}"
        f"<script>{SCRIPT}</script></main></body></html>\n"
    )


def _kinds(run: Tested) -> Iterator[tuple[str, Failure]]:
    for kind, failures in zip(_KINDS, (run.failures, run.excused, run.fixed, run.warnings), strict=True):
        yield from ((kind, failure) for failure in failures)


def _form(runs: Sequence[Tested]) -> str:
    """Without scripts the form stays hidden and all rows are shown."""
    found = [pair for run in runs for pair in _kinds(run)]
    if not found:
        return ""
    boxes = "".join(
        f'<label><input type="checkbox" name="kind" value="{kind}" checked> {kind} ({count:,})</label>'
        for kind in _KINDS
        if (count := sum(each == kind for each, _ in found))
    )
    options = "".join(f"<option>{escape(key)}</option>" for key in sorted({each.operation for _, each in found}))
    return (
        f"<form hidden><fieldset><legend>Kind</legend>{boxes}</fieldset>"
        '<label for="operation">Operation</label> '
        f'<select id="operation" name="operation"><option value="">all</option>{options}</select>'
        '<label for="text">Text</label> <input id="text" type="search" name="text">'
        '<output for="operation text" aria-live="polite"></output></form>\n'
    )


def _run(run: Tested, most: int, *, alone: bool) -> str:
    heading = "" if alone else f"<h2>By {escape(run.source)}</h2>"
    outcome = run.outcome.value
    word = outcome.replace("_", " ")
    mode = "read-only" if run.mode == "read_only" else "all methods, on data that is the test's own"
    facts = (
        f"{run.cases:,} requests in {run.seconds:.1f} s at {run.url} · {mode} · "
        f"{run.coverage:.0%} of {len(run.operations)} operations reached"
        + (f" · {run.replayed:,} requests of an earlier run were sent again" if run.way == "replay" else "")
    )
    return (
        f'{heading}<p class="outcome {outcome}"><b>{word}</b> {escape(run.summary)}</p>'
        f'<p class="counts">{escape(facts)}<br>{escape(run.source)}</p>\n'
        f"{_failures(run, most)}{_operations(run)}{_covered(run)}"
        + _notes("Could not be tested", run.errors)
        + _notes("Not tested", run.untested)
        + _notes("Left behind", [_left(each) for each in run.left_behind])
        + _notes("The list of known failures", run.notes)
    )


def _failures(run: Tested, most: int) -> str:
    found = list(_kinds(run))
    if not found:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    rows = "\n".join(_failure(kind, each) for kind, each in found[:most])
    more = f"<p>… and {len(found) - most:,} more</p>" if len(found) > most else ""
    return (
        '<div class="wide"><table class="failures"><caption>Failures</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>{more}\n"
    )


def _failure(kind: str, failure: Failure) -> str:
    mark = failure.state or kind
    times = f" <small>{failure.times:,} times</small>" if failure.times > 1 else ""
    what = f"<p>{escape(failure.message)}</p>"
    if failure.expected and failure.got and failure.got != failure.message:
        wanted, got = escape(failure.expected), escape(failure.got)
        what += f'<p class="values">expected <ins>{wanted}</ins>, got <del>{got}</del></p>'
    if failure.excuse:
        what += f"<p><b>Known</b> {escape(failure.excuse)}</p>"
    what += _details("request", failure.curl)
    if failure.answered and failure.answered.body:
        what += _details(f"answer {failure.answered.status}", failure.answered.body)
    small = "".join(
        f"<small>{escape(text)}</small>" for text in (failure.at, failure.pointer, failure.fingerprint) if text
    )
    return (
        f'<tr class="{kind}" data-kind="{kind}" data-operation="{escape(failure.operation)}">'
        f'<td><span class="mark">{escape(mark)}</span>{times}</td><td><code>{escape(failure.operation)}</code></td>'
        f"<td>{what}</td><td><code>{escape(failure.check)}</code>{small}</td></tr>"
    )


def _details(name: str, text: str) -> str:
    return f"<details><summary>{escape(name)}</summary><pre>{escape(text)}</pre></details>" if text else ""


def _operations(run: Tested) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each.key)}</code></td>{_number(each.cases)}{_number(each.failures)}"
        f"<td>{' '.join(map(str, each.statuses))}</td>{_number(each.p50_ms)}{_number(each.p95_ms)}"
        f"<td>{_bar(each.coverage)}</td><td>{'yes' if each.exercised else '<b>no</b>'}</td></tr>"
        for each in run.operations
    )
    names = ("operation", "requests", "failures", "answers", "p50 ms", "p95 ms", "exercised", "reached")
    return _table("Operations", names, rows)


def _covered(run: Tested) -> str:
    rows = "".join(
        f"<tr><td>{escape(each.kind)}</td>{_number(each.seen)}{_number(each.total)}"
        f"<td>{_bar(each.seen / each.total if each.total else 1.0)}</td>"
        f"<td>{_details(each.why, chr(10).join(each.missed)) if each.missed else ''}</td></tr>"
        for each in run.covered
    )
    return _table("What of the document was exercised", ("kind", "seen", "of", "share", "not seen"), rows)


def _table(title: str, names: Sequence[str], rows: str) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    return (
        f'<h2>{title}</h2><div class="wide"><table class="plain"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>\n"
    )


def _bar(share: float) -> str:
    step = _STEP * round(100 * share / _STEP)
    return f'<span class="bar"><i class="w{min(step, 100)}"></i></span>{share:.0%}'


def _number(value: float) -> str:
    return f'<td class="n">{value:,.0f}</td>' if float(value).is_integer() else f'<td class="n">{value:,.1f}</td>'


def _notes(title: str, entries: Sequence[str]) -> str:
    listed = "".join(f"<li>{escape(entry)}</li>" for entry in entries)
    return f'<h2>{title}</h2><ul class="notes">{listed}</ul>' if entries else ""


def _left(each: object) -> str:
    operation, count, examples, why = (getattr(each, name) for name in ("operation", "count", "examples", "why"))
    return f"{count} by {operation}: {why}" + (f" ({', '.join(examples)})" if examples else "")
