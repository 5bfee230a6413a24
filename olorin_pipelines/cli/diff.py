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

__all__ = ["diff"]

_FORMATS = ("text", "markdown", "html", "json", "sarif", "junit", "github", "changelog")
_LEVELS = ("breaking", "warning", "info", "none")
_EXAMPLE = "Example: olorin diff main:openapi.yaml openapi.yaml --policy diff-policy.yaml --format markdown"


@click.command(epilog=_EXAMPLE, short_help="compare two documents")
@click.argument("old")
@click.argument("new")
@click.option("--format", "shape", type=click.Choice(_FORMATS), default="text", show_default=True, help="How to print.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--profile", type=click.Choice(["strict", "oasdiff"]), default="strict", show_default=True,
              help="By which yardstick: what can break a consumer, or the findings and levels of oasdiff.")  # fmt: skip
@click.option("--policy", type=click.Path(exists=True, dir_okay=False), help="A file with severities and approvals.")
@click.option("--fail-on", type=click.Choice(_LEVELS), default="breaking", show_default=True,
              help="Exit with 1 when a finding is at least this bad.")  # fmt: skip
@click.pass_context
def diff(
    context: click.Context,
    old: str,
    new: str,
    shape: str,
    profile: str,
    policy: str | None,
    fail_on: str,
    *,
    as_json: bool,
) -> None:
    """Compare OLD with NEW (file, URL, `-` for stdin, git `ref:path`, or module:app).

    Exit code 0: nothing at or above --fail-on; 1: something is; 2: usage; 3: a document could not be read.
    """
    from olorin_pipelines import openapi
    from olorin_pipelines.diff import Profile
    from olorin_pipelines.diff import diff as compare
    from olorin_pipelines.policy import exit_status

    gc.disable()  # the process ends with the report: looking for garbage in documents would cost a third of the time
    before = openapi.load(old)
    after = before if new == old else openapi.load(new)
    findings = compare(before, after, profile=Profile(profile))
    if policy:
        findings = _apply(policy, findings, before, after)
    click.echo(_printed("json" if as_json else shape, findings, before, after), nl=False)
    context.exit(exit_status(findings, fail_on))


def _apply(path: str, findings: tuple[Finding, ...], old: Snapshot, new: Snapshot) -> tuple[Finding, ...]:
    from datetime import UTC, datetime
    from pathlib import Path

    from olorin_pipelines.policy import apply, outside, read

    policy = read(Path(path))
    left_out = outside(policy, old.document, new.document)
    judged = apply(findings, policy, datetime.now(UTC).date(), outside=left_out)
    for note in judged.notes:
        click.echo(f"{path}: {note}", err=True)
    return judged.findings


def _printed(shape: str, findings: tuple[Finding, ...], old: Snapshot, new: Snapshot) -> str:
    """Print in one format, of which only its own module is imported."""
    module = import_module(f"olorin_pipelines.report.{'data' if shape == 'json' else shape}")
    printer = getattr(module, f"to_{shape}")
    given: list[Any] = [findings]
    options: dict[str, Any] = {}
    if shape in ("json", "sarif", "github"):
        from olorin_pipelines.report.location import locator

        given.append(locator(old, new))
    elif shape == "text":
        options["color"] = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    else:
        given.append(f"{new.title or 'API'}: {old.version} → {new.version}")
    text: str = printer(*given, **options)
    return text if text.endswith("\n") or not text else f"{text}\n"
