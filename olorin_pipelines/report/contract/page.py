"""What does the page of contract tests look like, and what does it do? Its style and its script."""

from __future__ import annotations

from olorin_pipelines.report.page import STYLE as OF_FINDINGS
from olorin_pipelines.report.page import security

__all__ = ["SCRIPT", "SECURITY", "STYLE"]

STYLE = (
    OF_FINDINGS
    + """
h2{margin:1.6rem 0 .5rem;font-size:1.1rem}p.outcome{font-size:1.05rem;margin:.4rem 0 0;overflow-wrap:anywhere}
.outcome b{padding:.1em .5em;border-radius:4px;background:var(--soft)}
.fail b,.error b,tr.failing .mark{color:var(--breaking)}
.pass b,tr.fixed .mark{color:var(--info)}.no_data b,tr.warning .mark,tr.known .mark{color:var(--warning)}
table.plain{table-layout:auto}table.plain th,table.plain td{width:auto;padding:.3rem .6rem}td.n{text-align:right;
font-variant-numeric:tabular-nums}pre{margin:.3rem 0;padding:.5rem .6rem;background:var(--soft);border-radius:4px;
white-space:pre-wrap;overflow-wrap:anywhere;font:.82em/1.45 ui-monospace,monospace;max-height:18rem;overflow:auto}
ul.notes{margin:.2rem 0;padding-left:1.2rem}.bar{display:inline-block;width:5rem;height:.55rem;background:var(--line);
border-radius:3px;margin-right:.4rem;overflow:hidden}.bar i{display:block;height:100%;background:var(--info)}
table.failures{table-layout:fixed}table.failures th:nth-child(2){width:22%}table.failures th:nth-child(4){width:26%}
"""
    + "".join(f".w{share}{{width:{share}%}}" for share in range(0, 101, 5))
)

SCRIPT = """
const form = document.querySelector('form'), rows = [...document.querySelectorAll('tr[data-kind]')];
const shown = document.querySelector('output');
const known = rows.map(row => [row, row.dataset.kind, row.textContent.toLowerCase(), row.dataset.operation]);
function show() {
  const wanted = new Set([...form.querySelectorAll('[name=kind]:checked')].map(box => box.value));
  const words = form.elements.text.value.toLowerCase().split(/\\s+/), operation = form.elements.operation.value;
  let count = 0;
  for (const [row, kind, text, own] of known) {
    row.hidden = !(wanted.has(kind) && words.every(word => text.includes(word)) && (!operation || own === operation));
    count += !row.hidden;
  }
  shown.textContent = count + ' of ' + rows.length + ' shown';
}
if (form) {
  for (const event of ['input', 'change']) form.addEventListener(event, show);
  form.addEventListener('submit', event => event.preventDefault());
  form.hidden = false;
  show();
}
"""

SECURITY = security(STYLE, SCRIPT)
"""The content security policy of the page."""
