"""`olorin explain`: everything about one rule."""

from __future__ import annotations

import json

import click

__all__ = ["explain"]


@click.command(epilog="Example: olorin explain request-property-became-required", short_help="explain a rule")
@click.argument("rule_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(rule_id: str, *, as_json: bool) -> None:
    """Say why a change is judged as it is, show a pair of documents that differ in it, and what to do instead."""
    from olorin_pipelines.diff import RULES, oasdiff_severity
    from olorin_pipelines.errors import UnknownName

    known = {rule.id: rule for rule in RULES}
    if rule_id not in known:
        raise UnknownName("rule", rule_id, known)
    rule = known[rule_id]
    parts = {
        "id": rule.id,
        "severity": rule.severity.value,
        "oasdiff": oasdiff_severity(rule.id),
        "why": rule.why,
        "fix": rule.fix,
        "reverse": rule.mirror,
        "before": rule.before,
        "after": rule.after,
    }
    if as_json:
        click.echo(json.dumps(parts, indent=2))
        return
    import yaml

    for name in ("id", "severity", "oasdiff", "why", "fix", "reverse"):
        click.echo(f"{name + ':':10} {parts[name] or '-'}")
    for name in ("before", "after"):
        click.echo(f"\n{name}:\n")
        text = yaml.safe_dump(json.loads(json.dumps(parts[name])), sort_keys=False)
        click.echo("".join(f"    {line}\n" for line in text.splitlines()), nl=False)
