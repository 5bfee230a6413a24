"""`olorin`: the only place that prints and exits. Commands are imported when they are called, so that help is quick.

Exit codes: 0 good, 1 rejected or breaking, 2 usage or bad input, 3 could not tell.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from olorin_pipelines import __version__
from olorin_pipelines.errors import OlorinError, UsageError, did_you_mean

__all__ = ["COULD_NOT_TELL", "GOOD", "REJECTED", "USAGE", "main", "olorin"]

GOOD, REJECTED, USAGE, COULD_NOT_TELL = 0, 1, 2, 3

_COMMANDS = {
    "init": "look at a service and write an olorin.yaml for it",
    "doctor": "look for what is missing on this machine, and name the fix",
    "deploy": "announce that a version runs somewhere; the sensor verifies it",
    "status": "show what production serves and what was decided",
    "verify": "ask all gates about a running version, without Dagster",
    "test": "test any running service against its OpenAPI document",
    "diff": "compare two OpenAPI documents",
    "check": "judge a change before it is merged: all gates, one report",
    "comment": "put the report of a check on a pull request, as one comment",
    "types": "generate a front end's types, client, validators and mocks",
    "rules": "list the rules that judge a change",
    "explain": "explain a rule: why, an example, the fix",
    "consumers": "check whether a change breaks a consumer, and at which line",
    "can-i-deploy": "ask the records whether a version may go to an environment",
    "rollout": "pause, resume, approve, promote, abort or retry a rollout",
    "rollback": "take traffic off a version now, and prove it",
    "registry": "upgrade the registry's tables, or show their revision",
    "serve": "take deployments over HTTP, and show metrics",
    "notify": "tell people what was decided, or try a channel",
    "guard": "take traffic back when whoever moves it has died",
    "workspace": "write the files that dagster dev starts from",
    "completion": "print the script that completes commands in a shell",
    "demo": "play the story: four releases, one Envoy, one Dagster",
    "dev": "the embedded world without a story",
}
_SILENT = frozenset({"diff", "rules", "explain", "completion"})
"""Commands that log nothing, and do not pay for it."""


class _Lazy(click.Group):
    """A group whose commands live in modules of their own name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        if cmd_name not in _SILENT:
            import logging

            logging.getLogger("httpx").setLevel(logging.WARNING)
        name = cmd_name.replace("-", "_")
        module = import_module(f"olorin_pipelines.cli.{name}")
        command: click.Command = getattr(module, name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no command is called {args[0]!r}; {did_you_mean(args[0], _COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="olorin")
@click.pass_context
def olorin(context: click.Context) -> None:
    """Guard the contract between HTTP APIs and their consumers.

    \b
    Example:
      olorin deploy investigations 2.1.0 --url http://127.0.0.1:8002 --wait
    """
    if _colorless():
        context.color = False  # else click decides: on a terminal only


def _colorless() -> bool:
    return bool(os.environ.get("NO_COLOR"))  # no-color.org


def main() -> None:
    """Run the command line; turn every error into a message and an exit code."""
    try:
        code = olorin.main(standalone_mode=False, complete_var="_OLORIN_COMPLETE")
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as error:
        error.show()
        code = USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = 130
    except OlorinError as error:
        color = False if _colorless() else None
        click.echo(f"{click.style('error:', fg='red')} {error.diagnostics()}", err=True, color=color)
        code = USAGE if isinstance(error, UsageError) else COULD_NOT_TELL
    except SystemExit:  # click's answer to a closed pipe, as in `olorin status | head`
        code = GOOD
    sys.exit(code if isinstance(code, int) else GOOD)
