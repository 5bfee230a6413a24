"""Write the pages of this folder that come from the code: `make docs`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from olorin_pipelines.cli.reference import reference as commands
from olorin_pipelines.config.reference import reference
from olorin_pipelines.config.schema import config_schema
from olorin_pipelines.contract.judge import CHECKS
from olorin_pipelines.contract.judge.noise import NOISE
from olorin_pipelines.delivery.states import COMMANDS, EDGES, STATES
from olorin_pipelines.diff import RULES, Rule, Severity

_HERE = Path(__file__).parent

_FAULTS = _HERE.parent / "tests" / "delivery" / "faults.yaml"
_FAULTS_HEAD = """\
# Faults that a delivery survives

<!-- Generated from tests/delivery/faults.yaml by `make docs`. -->

**Whatever is killed, whenever: users are off a rejected version within 120 s, nothing is recorded that is not true, and
the record says why.** These are the faults that this is held against. What is expected was written down before the
code. Where *judged by* says Envoy, its admin interface and its access log decide whether the row holds, never the
registry alone. A row without a test is a promise, not a fact: {tested} of {all} rows are tested.
"""
_STATES_HEAD = """\
# States of a delivery

<!-- Generated from olorin_pipelines/delivery/states.py by `make docs`. -->

One table says in which states a deployment can be and what leads from one to the next. The state of a deployment is not
stored: it is read from the events of its record along these edges, so that the two cannot disagree. `olorin rollout`
refuses what the state does not allow, and a test with random faults looks that no record leaves the table.
"""
_STATES_WAY = """\
The good way is `captured` → `gated` → `opened` → (`shifting` → `baking`, once for each weight) → `promoting` →
`post_bake` → `succeeded`; the way back is `precheck` → `routing` → `confirming` → `draining` → `scaling` →
`verifying` → `rolled_back`. A rollback begins in every state that is no end (`precheck`), and an abort is legal in all
of them: this table leaves those two out.
"""
_EVERYWHERE = ("abort", "precheck")
_RULES_HEAD = """\
# Rules of the diff

<!-- Generated from olorin_pipelines/diff by `make docs`. -->

Every change between two documents is judged by one of these rules. An id stays for ever. A **breaking** finding makes
the gate `schema_diff` fail; with `policy: {breaking: warn}` it is shown and does not decide. `{before}` and `{after}`
stand for the values in the documents.
"""
_CHECKS_HEAD = """\
# Checks of the contract tests

<!-- Generated from olorin_pipelines/contract/judge by `make docs`. -->

Schemathesis makes requests of the document and sends them; every recorded exchange is then judged by these checks.
A failure that both know is one failure, under the name below, with what Schemathesis says in its detail. The table
`checks` of the gate `contract_tests` has a row for each: how many exchanges it looked at, what it found, and what
it could not see.

| check | looks for | what a finding means | of Schemathesis |
|---|---|---|---|"""
_CHECKS_NOISE = """
## What is not held against a service

Only certain violations count. A wrong type alone is none, as frameworks coerce; nor a format in a request, a
pattern where dialects differ, a text whose length depends on how it is counted, a repeated parameter, or a number
too exact for a float. Refusals of the framework's own, which few documents name, are none either:
"""
_CHECKS_TAIL = """
Shown in the table `warnings`, and never deciding: an operation far slower than the others, repeated items accepted
where `uniqueItems` is documented (a parser that reads into a set keeps one of each), a time without offset in an
answer, a documented header that is not required and that no answer carried, and a valid request refused for what
may be a rule between several values.

`allow_header_conformance` and `negative_data_rejection` of Schemathesis are off: they accuse correct services.

## What is asked after the suite

Requests that succeeded are sent again with one thing changed: creating ones three times; something that was made
is deleted and then read; lists with a limit of one and the page behind it; reading ones twice; every number (up to
128) and text length inside a small range; a body that is no JSON; and bad tokens. These are garbage, and for a JWT
one wrongly signed and one unsigned (`alg: none`). An expired one cannot be made without the key: give it as
`auth.expired_bearer`, or the row of `token_refused` says that it was not tested.

## Coverage

The table `covered` counts, from the recorded exchanges: documented statuses, parameters, media types and
constraints of requests and answers, and names what was not reached. `endpoint_coverage` decides by operations
alone.
"""
_MEANING = {
    Severity.BREAKING: "a consumer that worked until now no longer does",
    Severity.WARNING: "a consumer may notice; it was announced, or depends on what it does",
    Severity.INFO: "nothing a consumer relied on has changed",
}


def pages() -> dict[str, str]:
    """Return the generated pages by file name."""
    return {
        "cli.md": commands(),
        "configuration.md": reference(),
        "contract-checks.md": _checks(),
        "faults.md": _faults(),
        "rules.md": _rules(RULES),
        "states.md": _states(),
        "schemas/olorin.schema.json": json.dumps(config_schema(), indent=2) + "\n",
    }


def _states() -> str:
    follows = [f"| `{state.name}` | {_followers(state.name)} |" for state in STATES]
    states = [f"| `{state.name}` | {state.group} | {_cell(state.meaning)} | {_cell(state.users)} |" for state in STATES]
    edges = [f"| {edge.event} | {_codes(edge.sources)} | `{edge.target}` | {_cell(edge.why)} |" for edge in EDGES]
    commands = [f"| `{verb}` | {_codes(legal)} |" for verb, legal in COMMANDS.items()]
    return "\n".join(
        [
            _STATES_HEAD,
            *("| state | | what it means | users get |", "|---|---|---|---|", *states, ""),
            *(
                "## What follows what",
                "",
                _STATES_WAY,
                "| in | comes next, by which event |",
                "|---|---|",
                *follows,
                "",
            ),
            *("## Edges", "", "| event | from | to | why |", "|---|---|---|---|", *edges, ""),
            *("## Commands", "", "| `olorin rollout` | legal in |", "|---|---|", *commands, ""),
        ]
    )


def _followers(state: str) -> str:
    """Each state that follows a state, with the events that lead there; an end has none."""
    found: dict[str, list[str]] = {}
    for edge in EDGES:
        if state in edge.sources and state != edge.target and edge.event not in _EVERYWHERE:
            found.setdefault(edge.target, []).append(edge.event)
    return "; ".join(f"`{target}`: {', '.join(events)}" for target, events in found.items()) or "–"


def _faults() -> str:
    groups = yaml.safe_load(_FAULTS.read_text(encoding="utf-8"))
    rows = [row for group in groups for row in group["rows"]]
    head = _FAULTS_HEAD.format(tested=sum(bool(row["test"]) for row in rows), all=len(rows))
    return "\n".join([head, *(_faults_of(group) for group in groups)])


def _faults_of(group: dict) -> str:
    judges = {"envoy": "Envoy", "decision": "a test without Envoy"}
    rows = [
        f"| `{row['id']}` | {_cell(row['fault'])} | {_cell(row['expect'])} | {judges[row['judge']]} "
        f"| {'tested' if row['test'] else '**not yet tested**'} |"
        for row in group["rows"]
    ]
    head = [
        f"## {group['group']}",
        "",
        "| row | what happens | what is expected | judged by | |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def _checks() -> str:
    rows = [
        f"| `{check.name}`{' (shown only)' if check.advisory else ''} | {_cell(check.looks_for)} "
        f"| {_cell(check.means)} | {', '.join(f'`{each}`' for each in check.folds)} |"
        for check in CHECKS
    ]
    noise = [f"- {text}" for text in NOISE.values()]
    return "\n".join([_CHECKS_HEAD, *rows, _CHECKS_NOISE, *noise, _CHECKS_TAIL])


def _rules(rules: Sequence[Rule]) -> str:
    by_severity = {severity: [rule for rule in rules if rule.severity is severity] for severity in Severity}
    return "\n".join([_RULES_HEAD, *(_section(severity, found) for severity, found in by_severity.items())])


def _section(severity: Severity, rules: Sequence[Rule]) -> str:
    rows = [f"| `{rule.id}` | {_cell(rule.says)} | {_cell(rule.why)} | {_cell(rule.fix)} |" for rule in rules]
    head = [f"## {severity.value.capitalize()}: {len(rules)} rules", "", f"{_MEANING[severity].capitalize()}.", ""]
    return "\n".join([*head, "| id | the finding | why | what to do |", "|---|---|---|---|", *rows, ""])


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


if __name__ == "__main__":
    for name, text in pages().items():
        (_HERE / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")
