"""`olorin init`: look at a service and write an `olorin.yaml` for it."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from olorin_pipelines.pipeline.introduction import Introduction

__all__ = ["init"]

_EXAMPLES = """\b
Example: olorin init --url http://127.0.0.1:8000
         olorin init --app shop.main:app --name orders
         olorin init --url http://127.0.0.1:8888 --schema /internal/spec.json
         olorin init --url https://api.example.org --header 'Authorization: Bearer ${TOKEN}' --out config/olorin.yaml
"""


@click.command(epilog=_EXAMPLES, short_help="write an olorin.yaml for a service")
@click.option("--url", help="Where the service answers.")
@click.option("--app", metavar="MODULE:NAME", help="An ASGI application instead: it is started, looked at and ended.")
@click.option("--schema", metavar="PATH", help="Where it serves its document (default: the usual places are tried).")
@click.option("--name", default="", help="How the service is called (default: by the title of its document).")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'",
              help="Sent with the request for the document; ${VARIABLE} in it is read. Repeatable.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("olorin.yaml"), show_default=True,
              help="The file to write.")  # fmt: skip
@click.option("--force", is_flag=True, help="Write it in place of one that is there.")
def init(
    url: str | None,
    app: str | None,
    schema: str | None,
    name: str,
    headers: tuple[str, ...],
    out: Path,
    *,
    force: bool,
) -> None:
    """Look at a running service, or at an application, and write a commented olorin.yaml; say what to do next.

    It finds the document at the usual places, the credentials it asks for, a health path, and TypeScript consumers in
    this folder and beside it. Exit code 0: written; 2: usage, no document, or a file that is there already.
    """
    from olorin_pipelines import openapi
    from olorin_pipelines.cli.deploy import checked_url
    from olorin_pipelines.cli.running import header_of
    from olorin_pipelines.config import load_config
    from olorin_pipelines.errors import DocumentError, UsageError
    from olorin_pipelines.pipeline.hosting import hosted
    from olorin_pipelines.pipeline.introduction import introduce, to_yaml

    if bool(url) == bool(app):
        raise click.UsageError("give one of --url and --app")
    if out.exists() and not force:
        raise UsageError(f"{out} is there already", hint="--force writes a new one in its place")
    with tempfile.TemporaryDirectory(prefix="olorin-init-") as scratch:
        place = hosted(app, log=Path(scratch) / "log") if app else nullcontext(checked_url(url) or "")
        with place as address:
            sent = dict(map(header_of, headers))
            try:
                if schema is None:
                    snapshot = openapi.discover(address, headers=sent)
                else:
                    snapshot = openapi.load(f"{address.rstrip('/')}/{schema.lstrip('/')}", headers=sent)
            except DocumentError as error:
                hint = "name its place with --schema PATH; one that needs a login is asked with --header 'NAME: VALUE'"
                raise UsageError(error.message, hint=hint) from error
    shown = address if url else "http://127.0.0.1:8000"
    given = {key.strip(): value.strip() for key, _, value in (text.partition(":") for text in headers)}
    found = introduce(snapshot, url=shown, name=name, beside=out.absolute().parent, headers=given)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(to_yaml(found), encoding="utf-8")
    load_config(out, environ={})  # what was written is read again: it has to be right
    click.echo(_told(found, out, guessed=app is not None))


def _told(found: Introduction, out: Path, *, guessed: bool) -> str:
    lines = [f"{out} was written: {found.name}, {found.operations} operations at {found.schema}"]
    lines += [f"  consumer: {one.path} ({one.types})" for one in found.consumers]
    lines += ["", "Next:"]
    if guessed:
        lines.append(f"  correct the URL of production in {out}")
    lines += [f"  export {name}=…" for name in found.variables]
    lines += ["  olorin doctor", f"  olorin verify {found.name} --environment production"]
    return "\n".join(lines)
