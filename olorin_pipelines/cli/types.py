"""`olorin types`: the files a front end builds on, from a document."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from olorin_pipelines.openapi import Snapshot

__all__ = ["types"]

_EXAMPLES = """\b
Example: olorin types openapi.yaml --out src/api
         olorin types https://api.example.org/openapi.json --out src/api/v2 --paths '/api/v2/**'
         olorin types main:openapi.yaml --out src/api --json
         olorin types http://127.0.0.1:8001/openapi.json --out src/api --watch
"""
_POLL_SECONDS = 1.0
_MOST_TOLD = 20


@click.command(epilog=_EXAMPLES, short_help="generate a front end's types, client, validators and mocks")
@click.argument("schema")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write.")
@click.option("--paths", "globs", multiple=True, metavar="GLOB",
              help="Only these paths and what they reach: * within a segment, ** across. Can be repeated.")  # fmt: skip
@click.option("--watch", is_flag=True, help="Go on: look every second, and write again when the document changed.")
@click.option("--timeout", default=60.0, show_default=True, help="Seconds a generator may take.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines; with --watch one line each time.")
@click.pass_context
def types(
    context: click.Context,
    schema: str,
    out: Path,
    globs: tuple[str, ...],
    timeout: float,
    *,
    watch: bool,
    as_json: bool,
) -> None:
    """Write schema.d.ts, client.ts, validators.js, handlers.ts and manifest.json for SCHEMA into a folder.

    SCHEMA is a file, URL, `-` for stdin, git `ref:path`, or module:app. Files that would not change are not touched.

    Exit code 0: the files are there; 1: the types do not compile, and nothing was written; 2: usage, or a document that
    cannot be read; 3: a tool is missing or failed.
    """
    from olorin_pipelines.errors import UsageError

    if watch and schema == "-":
        raise UsageError("standard input cannot be watched", hint="name a file or an address")
    if watch or not (out / "manifest.json").exists():
        _start_node()
    if watch:
        _follow(schema, out, globs, timeout, as_json=as_json)
        return
    context.exit(_once(_loaded(schema), out, globs, timeout, as_json=as_json))


def _start_node() -> None:
    """Let Node start while the document is read; whether it can is told when it is asked."""
    from olorin_pipelines import typegen
    from olorin_pipelines.errors import ToolError

    with contextlib.suppress(ToolError):
        typegen.worker_of(typegen.find_toolchain()).prepare()


def _loaded(schema: str) -> Snapshot:
    from olorin_pipelines import openapi
    from olorin_pipelines.errors import DocumentError, UsageError

    try:
        return openapi.load(schema)
    except DocumentError as error:
        raise UsageError(error.message, hint=error.hint) from error


def _once(snapshot: Snapshot, out: Path, globs: tuple[str, ...], timeout: float, *, as_json: bool) -> int:
    from olorin_pipelines import typegen

    started = time.monotonic()
    if typegen.unchanged(out, digest=snapshot.digest, globs=globs):
        _report({"outcome": "unchanged", "out": str(out), "changed": []}, started, as_json=as_json)
        return 0
    say = _say if sys.stderr.isatty() else lambda _: None
    made = typegen.make_front_end(snapshot.canonical, digest=snapshot.digest, globs=globs, timeout=timeout, say=say)
    found = [str(diagnostic) for diagnostic in made.diagnostics]
    if found:
        _report({"outcome": "does not compile", "out": str(out), "diagnostics": found}, started, as_json=as_json)
        return 1
    changed = typegen.write_files(out, made.files, obsolete=typegen.FILES)
    left_out = [{"file": each.file, "operation": each.operation, "reason": each.reason} for each in made.left_out]
    told = {"outcome": "written", "out": str(out), "changed": list(changed), "left_out": left_out}
    files = [{"file": name, "bytes": len(data)} for name, data in made.files.items()]
    _report({**told, "files": files, "notes": list(made.notes)}, started, as_json=as_json)
    return 0


def _follow(schema: str, out: Path, globs: tuple[str, ...], timeout: float, *, as_json: bool) -> None:
    """Look at the document again and again until it is interrupted; a fault is told once and waited out."""
    from olorin_pipelines.errors import OlorinError

    last = ""
    click.echo(f"watching {schema}; end with Ctrl-C", err=True)
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            try:
                snapshot = _loaded(schema)
                if snapshot.digest != last:
                    _once(snapshot, out, globs, timeout, as_json=as_json)
                    last = snapshot.digest
            except OlorinError as error:
                if last != error.message:
                    click.echo(f"error: {error.diagnostics()}", err=True)
                last = error.message
            time.sleep(_POLL_SECONDS)


def _say(step: str) -> None:
    click.echo(f"{step} …", err=True)


def _report(told: dict[str, Any], started: float, *, as_json: bool) -> None:
    told["seconds"] = round(time.monotonic() - started, 3)
    if as_json:
        click.echo(json.dumps(told))
        return
    if "diagnostics" in told:
        click.echo(f"the types do not compile, {told['out']} is left as it was:", err=True)
        for diagnostic in told["diagnostics"][:_MOST_TOLD]:
            click.echo(f"  {diagnostic}", err=True)
        return
    if told["outcome"] == "unchanged":
        click.echo(f"{told['out']}: unchanged")
        return
    for entry in told["files"]:
        mark = "written  " if entry["file"] in told["changed"] else "unchanged"
        click.echo(f"  {mark}  {entry['file']:16} {entry['bytes']:>12,} bytes")
    for entry in told["left_out"][:_MOST_TOLD]:
        subject = f"{entry['file']}: {entry['operation']}".removesuffix(": ")
        click.echo(f"  left out   {subject}: {entry['reason']}")
    if len(told["left_out"]) > _MOST_TOLD:
        click.echo(f"  and {len(told['left_out']) - _MOST_TOLD} more, all in {told['out']}/manifest.json")
    for note in told["notes"][:_MOST_TOLD]:
        click.echo(f"  note       {note}")
    click.echo(
        f"{told['out']}: {len(told['changed'])} of {len(told['files'])} files written in {told['seconds']:.2f} s"
    )
