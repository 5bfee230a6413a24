"""`olorin comment`: a report as the one comment on a pull request."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

__all__ = ["comment"]

_EXAMPLES = """\b
Example: olorin comment out/report.md
         olorin comment out/report.md --repository shop/orders --pull-request 7
"""


@click.command(epilog=_EXAMPLES, short_help="put a report on a pull request, as one comment")
@click.argument("report", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--repository", envvar="GITHUB_REPOSITORY", show_envvar=True, help="OWNER/NAME.")
@click.option("--pull-request", "number", type=click.IntRange(1), help="Its number (default: that of the event in "
              "GITHUB_EVENT_PATH).")  # fmt: skip
@click.option("--api", envvar="GITHUB_API_URL", show_envvar=True, default="https://api.github.com", show_default=True,
              help="Address of the server's REST API.")  # fmt: skip
def comment(report: Path, repository: str | None, number: int | None, api: str) -> None:
    """Write REPORT (report.md of `olorin check`) on a pull request; the earlier comment is updated.

    The token is read from GITHUB_TOKEN. Exit code 0: written; 2: usage; 3: the server refused or did not answer.
    """
    from olorin_pipelines.errors import UsageError
    from olorin_pipelines.pipeline.pull_request import PullRequest
    from olorin_pipelines.pipeline.pull_request import comment as write

    token = os.environ.get("GITHUB_TOKEN")
    if not token:
        raise UsageError("GITHUB_TOKEN is not set", hint="export a token that may comment on pull requests")
    if not repository:
        raise click.UsageError("say where: --repository OWNER/NAME")
    on = PullRequest(repository=repository, number=number or _of_event(), token=token, api=api)
    click.echo(write(on, report.read_text(encoding="utf-8")))


def _of_event() -> int:
    from olorin_pipelines.errors import UsageError

    path = os.environ.get("GITHUB_EVENT_PATH", "")
    try:
        event: Any = json.loads(Path(path).read_text(encoding="utf-8"))
        return int(event["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError("which pull request?", hint="give --pull-request NUMBER") from error
