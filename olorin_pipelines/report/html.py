"""Findings as one page of HTML that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape

import orjson

from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.report.counts import headline, reach

__all__ = ["to_html"]

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--breaking:#c62828;--warning:#b26a00;--info:#2e7d32}
@media(prefers-color-scheme:dark){:root{--breaking:#ff8a80;--warning:#ffd180;--info:#a5d6a7}}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin:0}p.counts{margin:.25rem 0 1.5rem;opacity:.8}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.5rem .6rem;
border-bottom:1px solid var(--line);overflow-wrap:anywhere}th{font-weight:600}code{font-size:.9em;
background:var(--soft);padding:.1em .3em;border-radius:3px}td.severity{font-weight:600;white-space:nowrap}
tr.breaking td.severity{color:var(--breaking)}tr.warning td.severity{color:var(--warning)}
tr.info td.severity{color:var(--info)}td small{display:block;opacity:.75}
form{display:flex;flex-wrap:wrap;gap:.75rem 1.25rem;align-items:center;margin:0 0 1rem}label{display:flex;gap:.4rem;
align-items:center}input[type=search],select{font:inherit;padding:.3rem .5rem;max-width:22rem}[hidden]{display:none}
"""
_SCRIPT = """
const form = document.querySelector('form'), rows = [...document.querySelectorAll('tbody tr')];
const shown = document.querySelector('output');
function show() {
  const wanted = new Set([...form.querySelectorAll('[name=severity]:checked')].map(box => box.value));
  const text = form.elements.text.value.toLowerCase(), endpoint = form.elements.endpoint.value;
  let count = 0;
  for (const row of rows) {
    row.hidden = !(wanted.has(row.className) && row.textContent.toLowerCase().includes(text)
      && (!endpoint || JSON.parse(row.dataset.reach).includes(endpoint)));
    count += !row.hidden;
  }
  shown.textContent = count + ' of ' + rows.length + ' shown';
}
form.addEventListener('input', show);
form.addEventListener('submit', event => event.preventDefault());
form.hidden = false;
show();
"""
_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{_HASH}'"
_REACH = 50
"""Operations that a row names: a change of a shared schema may reach thousands."""
_HEAD = "<tr><th>severity</th><th>operation</th><th>what changed</th><th>rule</th></tr>"


def to_html(findings: Sequence[Finding], title: str, *, most: int = 2_000) -> str:
    """Return a whole page with at most `most` rows; everything from a document is escaped, nothing is fetched."""
    rows = "\n".join(_row(finding) for finding in findings[:most])
    form = _form(findings[:most]) if findings else ""
    script = f"<script>{_SCRIPT}</script>" if findings else ""
    table = f"<table><thead>{_HEAD}</thead><tbody>\n{rows}\n</tbody></table>" if findings else ""
    more = f"<p>… and {len(findings) - most:,} more</p>" if len(findings) > most else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f'<body><h1>{escape(title)}</h1><p class="counts">{headline(findings)}</p>\n'
        f"{form}{table}{more}{script}</body></html>\n"
    )


def _form(findings: Sequence[Finding]) -> str:
    """Without scripts the form stays hidden and all rows are shown."""
    boxes = "".join(
        f'<label><input type="checkbox" name="severity" value="{severity.value}" checked>{severity.value}</label>'
        for severity in Severity
    )
    operations = sorted({operation for finding in findings for operation in finding.reachable_from[:_REACH]})
    options = "".join(f"<option>{escape(operation)}</option>" for operation in operations)
    return (
        f"<form hidden>{boxes}"
        f'<label>endpoint <select name="endpoint"><option value="">all</option>{options}</select></label>'
        '<label>text <input type="search" name="text"></label><output></output></form>\n'
    )


def _row(finding: Finding) -> str:
    severity = finding.severity.value
    fix = f" <b>Fix:</b> {escape(finding.fix)}." if finding.fix else ""
    reached = finding.reachable_from[:_REACH]
    operations, listed = escape("\n".join(reached)), escape(orjson.dumps(reached).decode())
    pointer = finding.new_pointer if finding.new_pointer is not None else finding.old_pointer
    return (
        f'<tr class="{severity}" data-reach="{listed}"><td class="severity">{severity}</td>'
        f'<td title="{operations}"><code>{escape(reach(finding))}</code></td>'
        f"<td>{escape(finding.message)}<small>{escape(finding.why)}.{fix}</small></td>"
        f"<td><code>{escape(finding.id)}</code><small>{escape(pointer or '')}</small></td></tr>"
    )
