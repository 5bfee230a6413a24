"""Write the pages of this folder that come from the code: `make docs`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from olorin_pipelines.config.reference import reference
from olorin_pipelines.diff import RULES, Rule, Severity

_HERE = Path(__file__).parent

_RULES_HEAD = """\
# Rules of the diff

<!-- Generated from olorin_pipelines/diff by `make docs`. -->

Every change between two documents is judged by one of these rules. An id stays for ever. A **breaking** finding makes
the gate `schema_diff` fail; with `policy: {breaking: warn}` it is shown and does not decide. `{before}` and `{after}`
stand for the values in the documents.
"""
_MEANING = {
    Severity.BREAKING: "a consumer that worked until now no longer does",
    Severity.WARNING: "a consumer may notice; it was announced, or depends on what it does",
    Severity.INFO: "nothing a consumer relied on has changed",
}


def pages() -> dict[str, str]:
    """Return the generated pages by file name."""
    return {"configuration.md": reference(), "rules.md": _rules(RULES)}


def _rules(rules: Sequence[Rule]) -> str:
    by_severity = {severity: [rule for rule in rules if rule.severity is severity] for severity in Severity}
    return "\n".join([_RULES_HEAD, *(_section(severity, found) for severity, found in by_severity.items())])


def _section(severity: Severity, rules: Sequence[Rule]) -> str:
    rows = [f"| `{rule.id}` | {_cell(rule.says)} | {_cell(rule.why)} | {_cell(rule.fix)} |" for rule in rules]
    head = [f"## {severity.value.capitalize()}: {len(rules)} rules", "", f"{_MEANING[severity].capitalize()}.", ""]
    return "\n".join([*head, "| id | the finding | why | what to do |", "|---|---|---|---|", *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


if __name__ == "__main__":
    for name, text in pages().items():
        (_HERE / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")
