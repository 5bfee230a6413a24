"""`olorin check`: every gate about a proposed change, one report, one exit code."""

from __future__ import annotations

import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from olorin_pipelines.cli import COULD_NOT_TELL, GOOD, REJECTED
from olorin_pipelines.cli.output import outcome_style
from olorin_pipelines.cli.running import Meter, cache_folder, header_of, seconds_of, writable

if TYPE_CHECKING:
    from olorin_pipelines.gate import GateResult
    from olorin_pipelines.report.review.judgement import Judgement

__all__ = ["check"]

_FORMATS = {"text": "text", "markdown": "markdown", "json": "data", "sarif": "sarif", "junit": "junit"}
_FILES = {"report.md": "markdown", "report.json": "json", "report.sarif": "sarif", "junit.xml": "junit"}
_SKIPPABLE = ("generated_types", "consumer_compatibility", "contract_tests")
_EXAMPLES = """\b
Example: olorin check --base main:openapi.yaml --head openapi.yaml
         olorin check --base origin/main:openapi.json --app shop.main:app --consumer ../front
         olorin check --base https://api.example.org/openapi.json --url http://127.0.0.1:8000 --report out
         olorin check --service orders --base main:openapi.yaml --head openapi.yaml --format markdown
"""


@click.command(epilog=_EXAMPLES, short_help="judge a change before it is merged")
@click.option("--base", metavar="SOURCE", help="The document of today: FILE, URL, git REF:FILE or module:app. "
              "Left out when the new document is the first one.")  # fmt: skip
@click.option("--head", metavar="SOURCE", help="The document that is to come (default: what --app or --url serves).")
@click.option("--app", metavar="MODULE:NAME", help="An ASGI application to start here and to test.")
@click.option("--url", help="Where the new version answers already, to be tested.")
@click.option(
    "--service", metavar="NAME", help="A service of olorin.yaml: its policy, consumers and credentials count."
)
@click.option("--consumer", "consumers", multiple=True, metavar="DIR[:TYPES]",
              help="Folder of a TypeScript consumer, and the file of the API's types in it. Repeatable.")  # fmt: skip
@click.option("--policy", "approvals", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A file with severities, approvals and a scope, as for `olorin diff`.")  # fmt: skip
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'",
              help="Sent with every request; ${VARIABLE} in it is read from the environment. Repeatable.")  # fmt: skip
@click.option("--isolated-data/--read-only", "isolated", default=None,
              help="May test data be written? (default: on this machine it may, elsewhere it may not)")  # fmt: skip
@click.option("--budget", help="Time for the contract tests: 90s, 2m.  [default: 60s]")
@click.option("--min-coverage", type=click.FloatRange(0, 1), help="Share of operations to be reached.  [default: 0.95]")
@click.option("--skip", multiple=True, type=click.Choice(_SKIPPABLE), help="Leave out this gate. Repeatable.")
@click.option("--intended", default="", metavar="REASON",
              help="Let breaking changes through, and say why; contract tests decide all the same.")  # fmt: skip
@click.option("--format", "shape", type=click.Choice(list(_FORMATS)), default="text", show_default=True,
              help="How to print.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--report", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
              help=f"Also write {', '.join(_FILES)} there.")  # fmt: skip
@click.pass_context
def check(
    context: click.Context,
    base: str | None,
    head: str | None,
    app: str | None,
    url: str | None,
    service: str | None,
    consumers: tuple[str, ...],
    approvals: Path | None,
    headers: tuple[str, ...],
    isolated: bool | None,
    budget: str | None,
    min_coverage: float | None,
    skip: tuple[str, ...],
    intended: str,
    shape: str,
    folder: Path | None,
    *,
    as_json: bool,
) -> None:
    """Judge a proposed change: diff, audits, types, consumers, contract tests; the gates of a deployment, before it.

    Exit code 0: accepted; 1: rejected; 2: usage, or a document that cannot be read; 3: a gate could not tell.
    """
    if not {"generated_types", "consumer_compatibility"} <= {*skip}:
        from olorin_pipelines.pipeline.ahead import prepare_types

        prepare_types(Path.cwd(), ())  # Node loads its tools while all else is imported here
    import structlog

    from olorin_pipelines.cli.deploy import checked_url
    from olorin_pipelines.pipeline.review import Change, review

    if head is None and not (app or url):
        raise click.UsageError("there is nothing to judge: give --head, --app or --url")
    if app and url:
        raise click.UsageError("--app starts an instance and --url names one: give one of them")
    if folder is not None:
        writable(folder)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # standard output is for the report
    change = Change(
        base=base,
        head=head,
        url=checked_url(url) or "",
        app=app or "",
        service=service,
        consumers=consumers,
        approvals=approvals,
        headers=dict(map(header_of, headers)),
        isolated=isolated,
        seconds=seconds_of(budget) if budget else None,
        coverage=min_coverage,
        skip=skip,
        intended=" ".join(intended.split()),
    )
    meter, shape = Meter(), "json" if as_json else shape

    def told(result: GateResult) -> None:
        meter.end()
        if shape == "text":
            return  # the report itself begins with these lines
        word = result.outcome.value
        click.echo(f"{' ' * (14 - len(word))}{outcome_style(word)}  {result.gate}: {result.summary}", err=True)

    with tempfile.TemporaryDirectory(prefix="olorin-check-") as scratch:
        try:
            judgement = review(change, home=Path(scratch), cache=cache_folder(), told=told, progress=meter.show)
        finally:
            meter.end()
    if folder is not None:
        for name, form in _FILES.items():
            (folder / name).write_text(_printed(judgement, form), encoding="utf-8")
    click.echo(_printed(judgement, shape), nl=False)
    context.exit(GOOD if judgement.accepted else REJECTED if judgement.told else COULD_NOT_TELL)


def _printed(judgement: Judgement, shape: str) -> str:
    """Print in one format, of which only its own module is imported."""
    printer = getattr(import_module(f"olorin_pipelines.report.review.{_FORMATS[shape]}"), f"to_{shape}")
    options = {"color": sys.stdout.isatty() and not os.environ.get("NO_COLOR")} if shape == "text" else {}
    text: str = printer(judgement, **options)
    return text
