"""`olorin rules`: every rule that judges a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from olorin_pipelines.cli.output import emit, json_option

if TYPE_CHECKING:
    from olorin_pipelines.diff import Rule

__all__ = ["rules"]

_DIRECTIONS = ("request", "response", "other")
_EXAMPLES = """\b
Example: olorin rules --severity breaking --direction request
         olorin rules --contains property --json
         olorin rules --profile oasdiff --contains sunset
"""


@click.command(epilog=_EXAMPLES, short_help="list the rules")
@click.option("--severity", type=click.Choice(["breaking", "warning", "info"]), help="Only the rules of this severity.")
@click.option("--direction", type=click.Choice(_DIRECTIONS),
              help="Only the rules about what is sent, what is answered, or neither.")  # fmt: skip
@click.option("--contains", default="", metavar="TEXT", help="Only the rules whose id contains this.")
@click.option("--profile", type=click.Choice(["strict", "oasdiff"]), default="strict", show_default=True,
              help="The rules of which profile; oasdiff: its ids and severities.")  # fmt: skip
@json_option
def rules(severity: str | None, direction: str | None, contains: str, profile: str, *, as_json: bool) -> None:
    """List the rules: id, severity, and what a finding says.

    The JSON also tells the severity under the `oasdiff` profile, where oasdiff has the same id.
    """
    from olorin_pipelines.diff import RULES, oasdiff_rules, oasdiff_severity

    found = [
        rule
        for rule in sorted(RULES if profile == "strict" else oasdiff_rules(), key=lambda rule: rule.id)
        if severity in (None, rule.severity.value) and direction in (None, _direction(rule)) and contains in rule.id
    ]
    data = [
        {
            "id": rule.id,
            "severity": rule.severity.value,
            "direction": _direction(rule),
            "says": rule.says,
            "why": rule.why,
            "fix": rule.fix,
            "oasdiff": oasdiff_severity(rule.id),
        }
        for rule in found
    ]
    emit(data, _table(found), as_json=as_json)


def _direction(rule: Rule) -> str:
    parts = rule.id.split("-")
    return next((name for name in _DIRECTIONS if name in parts), "other")


def _table(found: list[Rule]) -> str:
    colors = {"breaking": "red", "warning": "yellow", "info": "cyan"}
    width = max((len(rule.id) for rule in found), default=0)
    lines = [
        f"{rule.id:{width}}  {click.style(f'{rule.severity.value:8}', fg=colors[rule.severity.value])}  {rule.says}"
        for rule in found
    ]
    counted = "1 rule" if len(found) == 1 else f"{len(found)} rules"
    return "\n".join([*lines, f"{counted}; `olorin explain ID` says more"])
