"""`olorin rules`: every rule that judges a change."""

from __future__ import annotations

import json

import click

__all__ = ["rules"]


@click.command(epilog="Example: olorin rules --severity breaking --contains property", short_help="list the rules")
@click.option("--severity", type=click.Choice(["breaking", "warning", "info"]), help="Only the rules of this severity.")
@click.option("--contains", default="", metavar="TEXT", help="Only the rules whose id contains this.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rules(severity: str | None, contains: str, *, as_json: bool) -> None:
    """List the rules: id, severity, and the severity under the `oasdiff` profile where oasdiff has the same id."""
    from olorin_pipelines.diff import RULES, oasdiff_severity

    rows = [
        {"id": rule.id, "severity": rule.severity.value, "oasdiff": oasdiff_severity(rule.id), "why": rule.why}
        for rule in sorted(RULES, key=lambda rule: rule.id)
        if severity in (None, rule.severity.value) and contains in rule.id
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    width = max((len(str(row["id"])) for row in rows), default=0)
    for row in rows:
        click.echo(f"{row['id']:{width}}  {row['severity']:8}  {row['oasdiff'] or '-':8}  {row['why']}")
    click.echo(f"{len(rows)} rules; `olorin explain ID` says more", err=True)
