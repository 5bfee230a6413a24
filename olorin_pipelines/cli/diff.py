"""`olorin diff`: compare two documents."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from olorin_pipelines.diff import Finding
    from olorin_pipelines.openapi import Snapshot
    from olorin_pipelines.policy import Judged

__all__ = ["diff"]

_FORMATS = ("text", "markdown", "html", "json", "sarif", "junit", "github", "changelog")
_TELLING = ("text", "markdown", "html")
"""The formats that show approvals; beside the others they are told on standard error."""

_LEVELS = ("breaking", "warning", "info", "none")
_EXAMPLES = """\b
Example: olorin diff old.yaml new.yaml
         olorin diff main:openapi.yaml openapi.yaml --policy diff-policy.yaml --format markdown
         olorin diff https://api.example.org/openapi.json openapi.yaml --fail-on warning --format github
"""


@click.command(epilog=_EXAMPLES, short_help="compare two documents")
@click.argument("old")
@click.argument("new")
@click.option("--format", "shape", type=click.Choice(_FORMATS), default="text", show_default=True, help="How to print.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--profile", type=click.Choice(["strict", "oasdiff"]), default="strict", show_default=True,
              help="By which yardstick: what can break a consumer, or the findings and levels of oasdiff.")  # fmt: skip
@click.option("--policy", type=click.Path(dir_okay=False), help="A file with severities, approvals and a scope.")
@click.option("--fail-on", type=click.Choice(_LEVELS), default="breaking", show_default=True,
              help="Exit with 1 when a finding is at least this bad; none: never.")  # fmt: skip
@click.option("--allow-ref-host", "ref_hosts", multiple=True, metavar="HOST",
              help="Follow references to http(s) addresses at this host; may be given again.")  # fmt: skip
@click.pass_context
def diff(
    context: click.Context,
    old: str,
    new: str,
    shape: str,
    profile: str,
    policy: str | None,
    fail_on: str,
    ref_hosts: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Compare OLD with NEW (file, URL, `-` for stdin, git `ref:path`, or module:app).

    Exit code 0: nothing at or above --fail-on; 1: something is; 2: usage, or a document or policy that cannot be read.
    """
    from datetime import UTC, datetime

    from olorin_pipelines import openapi
    from olorin_pipelines.diff import Profile
    from olorin_pipelines.diff import diff as compare
    from olorin_pipelines.errors import DocumentError, UsageError
    from olorin_pipelines.policy import exit_status

    gc.disable()  # the process ends with the report: looking for garbage in documents would cost a third of the time
    try:
        before = openapi.load(old, ref_hosts=ref_hosts)
        after = before if new == old else openapi.load(new, ref_hosts=ref_hosts)
        findings = compare(before, after, profile=Profile(profile), today=datetime.now(UTC).date())
    except DocumentError as error:
        raise UsageError(error.message, hint=error.hint) from error
    judged = _judged(policy, findings, before, after)
    if profile == "strict":
        judged = _proved(judged, before, after)
    shape = "json" if as_json else shape
    click.echo(_printed(shape, judged, before, after), nl=False)
    for note in judged.notes if shape not in _TELLING else ():
        click.echo(f"{policy}: {note}", err=True)
    context.exit(exit_status(judged.findings, fail_on))


def _proved(judged: Judged, old: Snapshot, new: Snapshot) -> Judged:
    from dataclasses import replace

    from olorin_pipelines.diff import Severity

    if not any(finding.severity is Severity.BREAKING for finding in judged.findings):
        return judged
    from olorin_pipelines.diff.witness import with_witnesses

    return replace(judged, findings=with_witnesses(judged.findings, old.document, new.document))


def _judged(path: str | None, findings: tuple[Finding, ...], old: Snapshot, new: Snapshot) -> Judged:
    from olorin_pipelines.policy import Judged, apply, outside, read

    if path is None:
        return Judged(findings=findings)
    from datetime import UTC, datetime
    from pathlib import Path

    policy = read(Path(path))
    left_out = outside(policy, old.document, new.document)
    return apply(findings, policy, datetime.now(UTC).date(), outside=left_out)


def _printed(shape: str, judged: Judged, old: Snapshot, new: Snapshot) -> str:
    """Print in one format, of which only its own module is imported."""
    findings = judged.findings
    title = f"{new.title or 'API'}: {old.version} → {new.version}"
    given: list[Any] = [findings]
    options: dict[str, Any] = {}
    if shape in ("markdown", "html", "junit", "changelog"):
        given.append(title)
    if shape not in ("github", "changelog"):
        options["judged"] = judged
    if shape == "json":
        options["documents"] = (old, new)
    if shape == "text":
        options["color"] = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    if shape not in ("markdown", "junit", "changelog"):
        from olorin_pipelines.report.location import locator

        approved = [finding for finding, _ in judged.approved]
        options["locate"] = locator(old, new, [*findings, *approved])
    printer = getattr(import_module(f"olorin_pipelines.report.{'data' if shape == 'json' else shape}"), f"to_{shape}")
    text: str = printer(*given, **options)
    return text if text.endswith("\n") or not text else f"{text}\n"
