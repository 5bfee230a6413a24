"""`olorin test`: contract tests of any running service, without an olorin.yaml."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from olorin_pipelines.cli import COULD_NOT_TELL, GOOD, REJECTED
from olorin_pipelines.cli.output import json_option
from olorin_pipelines.cli.running import Meter, cache_folder, header_of, seconds_of, writable

if TYPE_CHECKING:
    from olorin_pipelines.contract import Corpora, Tested

__all__ = ["test"]

_EXAMPLES = """\b
Example: olorin test --url http://127.0.0.1:8000
         olorin test --url http://127.0.0.1:8000 --schema openapi.yaml --header 'Authorization: Bearer ${TOKEN}'
         olorin test --url http://127.0.0.1:8000 --changed-since main:openapi.yaml --budget 30s --json
         olorin test --url https://staging.example.org --isolated-data --report out --known known-failures.yaml
"""
_INTERRUPTED = 130


@click.command(epilog=_EXAMPLES, short_help="test any running service against its OpenAPI document")
@click.option("--url", required=True, help="Where the service answers.")
@click.option("--schema", help="Its document: PATH or URL (default: the usual places below --url are tried).")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'",
              help="Sent with every request; ${VARIABLE} in it is read from the environment. Repeatable.")  # fmt: skip
@click.option("--operation", "operations", multiple=True, metavar="ID|'METHOD /PATH'",
              help="Only this operation. Repeatable.")  # fmt: skip
@click.option("--tag", "tags", multiple=True, help="Only operations with this tag. Repeatable.")
@click.option("--changed-since", metavar="OLD", help="Only operations that differ from the document OLD.")
@click.option("--budget", default="60s", show_default=True, help="Time for the run: 90s, 2m.")
@click.option("--isolated-data/--read-only", "isolated", default=None,
              help="May test data be written? (default: on this machine it may, elsewhere it may not)")  # fmt: skip
@click.option("--min-coverage", type=click.FloatRange(0, 1), default=0.95, show_default=True,
              help="Share of operations that has to be reached for a pass.")  # fmt: skip
@click.option("--known", type=click.Path(dir_okay=False, path_type=Path),
              help="A file of known failures: shown, and not deciding.")  # fmt: skip
@click.option("--history", type=click.Path(dir_okay=False, path_type=Path),
              help="A file that remembers failures: each is new, known, flaky or fixed.")  # fmt: skip
@click.option("--report", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help="Write report.html, report.json, junit.xml, failures.har and all requests there.")  # fmt: skip
@click.option("--har", type=click.Choice(["failures", "all"]), default="failures", show_default=True,
              help="With --report: all adds requests.har.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same one sends the same.")
@click.option("--replay/--no-replay", "again", default=True, show_default=True,
              help="Send the requests of the last run by the same document again, or make them anew.")  # fmt: skip
@json_option
@click.pass_context
def test(
    context: click.Context,
    url: str,
    schema: str | None,
    headers: tuple[str, ...],
    operations: tuple[str, ...],
    tags: tuple[str, ...],
    changed_since: str | None,
    budget: str,
    isolated: bool | None,
    min_coverage: float,
    known: Path | None,
    history: Path | None,
    folder: Path | None,
    har: str,
    seed: int,
    *,
    again: bool,
    as_json: bool,
) -> None:
    """Test a running service against its OpenAPI document: requests are made, answers judged by named checks.

    Exit code 0: nothing is wrong; 1: a violation; 2: usage; 3: could not tell (no answer, too little reached, no time).
    """
    from olorin_pipelines.cli.deploy import checked_url
    from olorin_pipelines.pipeline.examine import Asked, examine

    asked = Asked(
        url=checked_url(url) or url,
        schema=schema,
        headers=dict(map(header_of, headers)),
        operations=operations,
        tags=tags,
        changed_since=changed_since,
        seconds=seconds_of(budget),
        isolated=isolated,
        coverage=min_coverage,
        known=known,
        history=history,
        seed=seed,
        again=again,
    )
    if folder is not None:
        writable(folder)
    meter = Meter()
    with tempfile.TemporaryDirectory(prefix="olorin-test-") as scratch:
        try:
            tested = examine(
                asked,
                workdir=Path(scratch),
                cache=cache_folder("schemathesis"),
                corpora=_corpora(),
                progress=meter.show,
            )
        finally:
            meter.end()
        written = _reports(tested, folder, Path(scratch), everything=har == "all") if folder is not None else ()
    _print(tested, as_json=as_json)
    for path in written:
        click.echo(f"written: {path}", err=True)
    context.exit(_code(tested))


def _code(tested: Tested) -> int:
    if tested.stop_reason == "interrupted":
        return _INTERRUPTED
    return {"pass": GOOD, "not_applicable": GOOD, "fail": REJECTED}.get(tested.outcome.value, COULD_NOT_TELL)


def _print(tested: Tested, *, as_json: bool) -> None:
    if as_json:
        from olorin_pipelines.report.contract.data import to_json

        click.echo(to_json(tested))
        return
    from olorin_pipelines.report.contract.text import to_text

    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(to_text(tested, color=color), nl=False, color=color)


def _reports(tested: Tested, folder: Path, scratch: Path, *, everything: bool) -> list[Path]:
    from olorin_pipelines.report.contract.files import write_reports

    return write_reports([tested], folder, cases=scratch / "contract.ndjson.gz", all_requests=everything)


def _corpora() -> Corpora | None:
    """Where the requests of complete runs are kept; without it each run makes its own."""
    from olorin_pipelines.contract import Corpora

    folder = cache_folder("corpora")
    return Corpora(folder) if folder else None
