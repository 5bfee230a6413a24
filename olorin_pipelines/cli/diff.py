"""`olorin diff`: compare two documents."""

from __future__ import annotations

import sys

import click

from olorin_pipelines.cli import GOOD, REJECTED

__all__ = ["diff"]


@click.command(
    epilog="Example: olorin diff old.yaml http://127.0.0.1:8002/openapi.json", short_help="compare two documents"
)
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "markdown", "html", "json"]),
    default="text",
    show_default=True,
    help="How to print the findings.",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.pass_context
def diff(context: click.Context, old: str, new: str, shape: str, *, as_json: bool) -> None:
    """Compare OLD with NEW (file, URL, `-` for stdin, or module:app).

    Exit code 0: nothing breaks; 1: a breaking change; 2: usage; 3: a document could not be read.
    """
    from olorin_pipelines import openapi, report
    from olorin_pipelines.diff import Severity
    from olorin_pipelines.diff import diff as compare

    before, after = openapi.load(old), openapi.load(new)
    findings = compare(before, after)
    title = f"{before.title}: {before.version} → {after.version}"
    if as_json or shape == "json":
        click.echo(report.to_json(findings))
    elif shape == "markdown":
        click.echo(report.to_markdown(findings, title))
    elif shape == "html":
        click.echo(report.to_html(findings, title))
    else:
        click.echo(report.to_text(findings, color=sys.stdout.isatty()))
    breaking = any(finding.severity is Severity.BREAKING for finding in findings)
    context.exit(REJECTED if breaking else GOOD)
