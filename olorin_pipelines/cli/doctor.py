"""`olorin doctor`: what is missing on this machine, and how it is mended."""

from __future__ import annotations

import click

from olorin_pipelines.cli import GOOD, REJECTED
from olorin_pipelines.cli.output import emit, json_option

__all__ = ["doctor"]

_COLOURS = {"ok": "green", "note": "yellow", "fault": "red"}


@click.command(epilog="Example: olorin doctor\n         olorin doctor --install", short_help="look for what is missing")
@click.option("--install", "wanted", is_flag=True, help="First install the TypeScript tools, in their pinned versions.")
@json_option
@click.pass_context
def doctor(context: click.Context, *, wanted: bool, as_json: bool) -> None:
    """Look at Python, Node, Envoy, ports, registry, Dagster and at each service of olorin.yaml; name each fix.

    Services are asked with reading requests only. Exit code 0: nothing has to be mended; 1: something has.
    """
    from olorin_pipelines.config import load_config
    from olorin_pipelines.pipeline.diagnosis import Found, State, diagnose

    if wanted:
        _install()
    seen: list[Found] = []
    for found in diagnose(load_config):
        seen.append(found)
        if not as_json:
            word = click.style(found.state.value, fg=_COLOURS[found.state.value])
            click.echo(f"{' ' * (5 - len(found.state))}{word}  {found.name}: {found.said}")
            if found.fix and found.state is not State.OK:
                click.echo(f"       fix: {found.fix}")
    faults = sum(found.state is State.FAULT for found in seen)
    if as_json:
        rows = [{"name": one.name, "state": one.state.value, "said": one.said, "fix": one.fix} for one in seen]
        emit({"faults": faults, "found": rows}, "", as_json=True)
    else:
        click.echo(f"\n{faults} to mend" if faults else "\nnothing to mend")
    context.exit(REJECTED if faults else GOOD)


def _install() -> None:
    """A fault is left to the look at Node that follows, but for npm's own words, which nothing else would show."""
    from olorin_pipelines.errors import ToolFailed, ToolMissing
    from olorin_pipelines.typegen.install import install

    click.echo("installing the TypeScript tools with npm ci …", err=True)
    try:
        install()
    except ToolMissing:
        return
    except ToolFailed as error:
        click.echo(error.diagnostics(), err=True)
