"""What does each command take? The reference page, generated from the commands so that it cannot be out of date."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from olorin_pipelines.cli import olorin

__all__ = ["reference"]

_HEAD = """\
# The command line

<!-- Generated from olorin_pipelines/cli by `make docs`. -->

`olorin COMMAND --help` says the same on a terminal. Everywhere: exit code 0 good, 1 rejected or breaking, 2 usage or
bad input, 3 could not tell, 130 interrupted. Colour is for terminals, and `NO_COLOR` turns it off. Messages and
progress go to standard error, results to standard output.

Commands and options complete themselves after `eval "$(olorin completion bash)"` in `~/.bashrc`, the same with `zsh`
in `~/.zshrc`, or `olorin completion fish > ~/.config/fish/completions/olorin.fish`.
"""


def reference() -> str:
    """Return the page as Markdown: a section per command, a row per argument and option."""
    top = click.Context(olorin, info_name="olorin", **olorin.context_settings)
    return "\n".join([_HEAD, *(_section(name, command) for name, command in _commands(top, olorin))])


def _commands(context: click.Context, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    """Walk the commands, a group before those below it."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        yield f"{context.command_path} {name}", command
        if isinstance(command, click.Group):
            yield from _commands(click.Context(command, info_name=name, parent=context), command)


def _section(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path, **olorin.context_settings)  # a command keeps its first help option
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    level = "#" * len(path.split())
    lines = [f"{level} {path}", "", "```text", usage, "```", "", _prose(command.help or ""), ""]
    rows = [_row(one, context) for one in command.get_params(context) if not _is_help(one)]
    if rows:
        lines += ["| argument or option | what it is |", "|---|---|", *rows, ""]
    if examples := _examples(command.epilog or ""):
        lines += ["```text", *examples, "```", ""]
    return "\n".join(lines)


def _is_help(parameter: click.Parameter) -> bool:
    return "--help" in parameter.opts


def _row(parameter: click.Parameter, context: click.Context) -> str:
    record = parameter.get_help_record(context)
    if record is None:  # an argument: click leaves its help to the text of the command
        return f"| `{parameter.make_metavar(context)}` | see above |"
    named, said = record
    return f"| `{_cell(named)}` | {_cell(said)} |"


def _prose(text: str) -> str:
    r"""The help as paragraphs; what stood behind `\b` keeps its lines."""
    blocks = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(_block(block) for block in blocks if block.strip())


def _block(block: str) -> str:
    lines = [line.strip() for line in block.replace("\b", "").strip("\n").splitlines()]
    if "\b" in block:
        return "\n".join(["```text", *lines, "```"])
    return _escaped(" ".join(lines))


def _examples(epilog: str) -> list[str]:
    text = re.sub(r"^Examples?:\s*", "", epilog.replace("\b", "").strip())
    return [line.strip() for line in text.splitlines() if line.strip()]


def _cell(text: str) -> str:
    return _escaped(" ".join(text.split())).replace("|", "\\|")


def _escaped(text: str) -> str:
    return text.replace("<", "&lt;")
