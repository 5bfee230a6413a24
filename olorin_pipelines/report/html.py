"""Findings as one page of HTML that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import orjson

from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.report.counts import headline, reach
from olorin_pipelines.report.page import SCRIPT, SECURITY, STYLE

if TYPE_CHECKING:
    from olorin_pipelines.policy import Judged
    from olorin_pipelines.report.location import Locate, Place

__all__ = ["to_html"]

_REACH = 50
"""Operations that a row names: a change of a shared schema may reach thousands."""

_LONGEST = 200
"""Characters of a value that a row shows."""

_NAMES = re.compile(r"`([^`]+)`")
"""Names that a message quotes."""

_COLUMNS = ("severity", "operation", "what changed", "rule and place")


def to_html(
    findings: Sequence[Finding],
    title: str,
    *,
    most: int = 2_000,
    locate: Locate | None = None,
    judged: Judged | None = None,
) -> str:
    """Return a whole page with at most `most` rows; everything from a document is escaped, nothing is fetched."""
    shown = findings[:most]
    rows = "\n".join(_row(finding, locate(finding).shown if locate else None) for finding in shown)
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    table = (
        f'{_form(shown)}<div class="wide"><table><caption>Findings, the worst first</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>\n<script>{SCRIPT}</script>"
    )
    more = f"<p>… and {len(findings) - most:,} more</p>" if len(findings) > most else ""
    notes = judged.notes if judged else ()
    listed = "".join(f"<li>{escape(note)}</li>" for note in notes[:most])
    approvals = f"<section><h2>Approvals</h2><ul>{listed}</ul></section>" if notes else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{SECURITY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f'<body><main><h1>{escape(title)}</h1><p class="counts">{headline(findings, judged)}</p>\n{approvals}'
        f"{table if findings else ''}{more}</main></body></html>\n"
    )


def _form(findings: Sequence[Finding]) -> str:
    """Without scripts the form stays hidden and all rows are shown."""
    boxes = "".join(
        f'<label><input type="checkbox" name="severity" value="{severity.value}" checked> '
        f"{severity.value} ({sum(finding.severity is severity for finding in findings):,})</label>"
        for severity in Severity
    )
    operations = sorted({operation for finding in findings for operation in finding.reachable_from[:_REACH]})
    options = "".join(f"<option>{escape(operation)}</option>" for operation in operations)
    return (
        f"<form hidden><fieldset><legend>Severity</legend>{boxes}</fieldset>"
        '<label for="endpoint">Endpoint</label> '
        f'<select id="endpoint" name="endpoint"><option value="">all</option>{options}</select>'
        '<label for="text">Text</label> <input id="text" type="search" name="text">'
        '<output for="endpoint text" aria-live="polite"></output></form>\n'
    )


def _row(finding: Finding, place: Place | None) -> str:
    severity = finding.severity.value
    listed = escape(orjson.dumps(finding.reachable_from[:_REACH]).decode())
    message = _NAMES.sub(r"<code>\1</code>", escape(finding.message))
    what = f"<p>{message}</p>{_values(finding)}"
    what += "".join(
        f"<p><b>{name}</b> {escape(text)}</p>"
        for name, text in (("Proof", finding.witness), ("Why", finding.why), ("Fix", finding.fix))
        if text
    )
    pointer = finding.new_pointer if finding.new_pointer is not None else finding.old_pointer
    where = f"{place.file}:{place.line}" if place and place.line else ""
    return (
        f'<tr class="{severity}" data-reach="{listed}"><td><span class="mark">{severity}</span></td>'
        f"<td>{_operations(finding)}</td><td>{what}</td>"
        f"<td><code>{escape(finding.id)}</code>"
        + "".join(f"<small>{escape(text)}</small>" for text in (where, pointer or "", finding.fingerprint) if text)
        + "</td></tr>"
    )


def _operations(finding: Finding) -> str:
    others = [key for key in finding.reachable_from if key != finding.operation]
    if not others:
        return f"<code>{escape(reach(finding))}</code>"
    listed = "".join(f"<li><code>{escape(key)}</code></li>" for key in others[: _REACH - 1])
    rest = f"<li>… and {len(others) - _REACH + 1:,} more</li>" if len(others) >= _REACH else ""
    return (
        f"<code>{escape(finding.operation)}</code>"
        f"<details><summary>and {len(others):,} more</summary><ul>{listed}{rest}</ul></details>"
    )


def _values(finding: Finding) -> str:
    if not finding.before and not finding.after:
        return ""
    shown = (
        f"<{tag}>{escape(text if len(text) <= _LONGEST else text[:_LONGEST] + '…') or 'none'}</{tag}>"
        for tag, text in (("del", finding.before), ("ins", finding.after))
    )
    return f'<p class="values">{" → ".join(shown)}</p>'
