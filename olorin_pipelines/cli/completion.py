"""`olorin completion`: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click

from olorin_pipelines.errors import UsageError

__all__ = ["completion"]

_SHELLS = ("bash", "zsh", "fish")
_EXAMPLES = """\b
Example: eval "$(olorin completion bash)"                                        # in ~/.bashrc
         eval "$(olorin completion zsh)"                                         # in ~/.zshrc, after compinit
         olorin completion fish > ~/.config/fish/completions/olorin.fish
"""


@click.command(epilog=_EXAMPLES, short_help="print the script that completes commands in a shell")
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that completes commands, options and choices in SHELL."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise UsageError(f"{shell} cannot be completed by the installed click")
    script = kind(context.find_root().command, {}, "olorin", "_OLORIN_COMPLETE")
    click.echo(script.source())
