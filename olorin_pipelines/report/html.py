"""Findings as one page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from olorin_pipelines.diff import Finding
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
"""
_HEAD = "<tr><th>severity</th><th>operation</th><th>what changed</th><th>rule</th></tr>"


def to_html(findings: Sequence[Finding], title: str, *, most: int = 2_000) -> str:
    """Return a whole page with at most `most` rows; everything from a document is escaped, nothing is fetched."""
    rows = "\n".join(_row(finding) for finding in findings[:most])
    table = f"<table><thead>{_HEAD}</thead><tbody>\n{rows}\n</tbody></table>" if findings else ""
    more = f"<p>… and {len(findings) - most:,} more</p>" if len(findings) > most else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f'<body><h1>{escape(title)}</h1><p class="counts">{headline(findings)}</p>\n{table}{more}</body></html>\n'
    )


def _row(finding: Finding) -> str:
    severity = finding.severity.value
    fix = f" <b>Fix:</b> {escape(finding.fix)}." if finding.fix else ""
    operations = escape("\n".join(finding.reachable_from[:50]))
    pointer = finding.new_pointer if finding.new_pointer is not None else finding.old_pointer
    return (
        f'<tr class="{severity}"><td class="severity">{severity}</td>'
        f'<td title="{operations}"><code>{escape(reach(finding))}</code></td>'
        f"<td>{escape(finding.message)}<small>{escape(finding.why)}.{fix}</small></td>"
        f"<td><code>{escape(finding.id)}</code><small>{escape(pointer or '')}</small></td></tr>"
    )
