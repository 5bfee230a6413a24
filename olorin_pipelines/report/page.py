"""What does the page look like, what does it do, and what may it do? Its style, its script, and the hashes of both."""

from __future__ import annotations

import base64
import hashlib

__all__ = ["SCRIPT", "SECURITY", "STYLE", "security"]

STYLE = """
:root{color-scheme:light dark;--back:#fff;--ink:#1b1f24;--quiet:#57606a;--line:#d5dae0;--soft:#f2f4f7;
--breaking:#b3261e;--warning:#8a5300;--info:#1f6f43}
@media(prefers-color-scheme:dark){:root{--back:#14171c;--ink:#e4e7eb;--quiet:#9aa4b0;--line:#333a44;--soft:#20252d;
--breaking:#ff9a91;--warning:#f5c26b;--info:#8fd6ac}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:80rem;margin:0 auto;padding:1.5rem 1rem 3rem}h1{font-size:1.4rem;margin:0;overflow-wrap:anywhere}
h2{font-size:1rem;margin:0}p.counts{margin:.2rem 0 1.2rem;color:var(--quiet)}
section{background:var(--soft);border-radius:6px;padding:.7rem 1rem;margin:0 0 1.2rem}section ul{margin:.3rem 0 0}
form{display:flex;flex-wrap:wrap;gap:.5rem .7rem;align-items:center;position:sticky;top:0;background:var(--back);
padding:.6rem 0;border-bottom:1px solid var(--line);z-index:1}
fieldset{display:flex;flex-wrap:wrap;gap:.2rem 1rem;border:0;margin:0 .6rem 0 0;padding:0}
legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
input[type=search],select{font:inherit;color:inherit;background:var(--back);border:1px solid var(--line);
border-radius:5px;padding:.3rem .5rem;width:16rem;max-width:100%}output{color:var(--quiet);margin-left:auto}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;min-width:46rem;table-layout:fixed}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{text-align:left;vertical-align:top;padding:.6rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{color:var(--quiet);font-weight:600;font-size:.85em}th:first-child{width:7rem}th:nth-child(2){width:24%}
th:nth-child(4){width:27%}td p{margin:0 0 .25rem}td p:first-child{font-weight:500}td p b{color:var(--quiet)}
code,.values{font:.87em/1.5 ui-monospace,monospace}code{background:var(--soft);padding:.1em .3em;border-radius:3px}
small{display:block;color:var(--quiet);margin-top:.2rem}.mark{font-weight:700;white-space:nowrap}
details{margin-top:.25rem;color:var(--quiet)}details ul{margin:.2rem 0;padding-left:1.1rem}
.values del,.values ins{text-decoration:none;padding:.05em .3em;border-radius:3px;background:var(--soft)}
.values del{color:var(--breaking)}.values ins{color:var(--info)}tr.breaking .mark{color:var(--breaking)}
tr.warning .mark{color:var(--warning)}tr.info .mark{color:var(--info)}[hidden]{display:none}
"""

SCRIPT = """
const form = document.querySelector('form'), rows = [...document.querySelectorAll('tbody tr')];
const shown = document.querySelector('output');
const known = rows.map(row => [row, row.className, row.textContent.toLowerCase(), JSON.parse(row.dataset.reach)]);
function show() {
  const wanted = new Set([...form.querySelectorAll('[name=severity]:checked')].map(box => box.value));
  const words = form.elements.text.value.toLowerCase().split(/\\s+/), endpoint = form.elements.endpoint.value;
  let count = 0;
  for (const [row, severity, text, reach] of known) {
    row.hidden = !(wanted.has(severity) && words.every(word => text.includes(word))
      && (!endpoint || reach.includes(endpoint)));
    count += !row.hidden;
  }
  shown.textContent = count + ' of ' + rows.length + ' shown';
}
for (const event of ['input', 'change']) form.addEventListener(event, show);
form.addEventListener('submit', event => event.preventDefault());
form.hidden = false;
show();
"""


def security(style: str, script: str) -> str:
    """Return a content security policy: exactly this style and script, nothing from anywhere, nothing to anywhere."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


SECURITY = security(STYLE, SCRIPT)
"""The policy of the page of findings."""
