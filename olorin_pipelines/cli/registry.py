"""`olorin registry`: the tables of the registry, and their upgrade."""

from __future__ import annotations

import click

from olorin_pipelines.cli import GOOD, REJECTED
from olorin_pipelines.cli.output import emit, json_option

__all__ = ["registry"]


@click.group(short_help="upgrade the registry's tables, or show their revision")
def registry() -> None:
    """Show which tables the registry has, and bring those of an older Olorin up to date.

    A SQLite file is upgraded when it is opened, after a copy was put beside it. PostgreSQL, which several programs may
    share, is upgraded by `olorin registry upgrade` alone: back it up, stop what uses it, upgrade, start the new ones.
    """


@registry.command(
    epilog="""\b
    Example:
      olorin registry upgrade          safe to repeat: what is up to date stays as it is"""
)
@json_option
def upgrade(*, as_json: bool) -> None:
    """Make the tables of a new registry, or bring those of an older Olorin up to date; nothing is lost.

    It is one transaction, and of several at once one does it. Exit code: 0 it is up to date, 3 it was left as it was.
    """
    from olorin_pipelines.config import load_config
    from olorin_pipelines.registry import upgrade as upgrade_registry

    done = upgrade_registry(load_config().registry_url)
    if done.before == done.after:
        text = f"{done.database} is up to date: revision {done.after}"
    elif not done.before:
        text = f"{done.database} is new: revision {done.after}"
    else:
        text = f"{done.database} is upgraded from revision {done.before} to {done.after}"
    copy = f"\nas it was before: {done.backup}" if done.backup else ""
    emit(done.to_dict(), text + copy, as_json=as_json)


@registry.command(epilog="Example: olorin registry show --json")
@json_option
@click.pass_context
def show(context: click.Context, *, as_json: bool) -> None:
    """Show the revision of the registry and the one this program works with; changes nothing.

    Exit code: 0 they are the same, 1 `olorin registry upgrade` has something to do.
    """
    from olorin_pipelines.config import load_config
    from olorin_pipelines.registry import state_of

    state = state_of(load_config().registry_url)
    text = f"{state.database}: revision {state.revision or 'none'}, this program works with {state.wanted}"
    emit(state.to_dict(), text, as_json=as_json)
    context.exit(GOOD if state.is_current else REJECTED)
