"""`olorin status --watch`: the same again and again; drawn on a terminal, else a line or an object for each change."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from olorin_pipelines.cli.output import GOOD_OUTCOMES, moment
from olorin_pipelines.delivery.states import STATES
from olorin_pipelines.pipeline.live import Measured, Watch, Watched
from olorin_pipelines.report.weights import weight_blocks

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

__all__ = ["drawn", "line_of", "watch"]

_SECONDS = 1.0
_WIDEST = 60


def watch(
    looks: Sequence[Watch], *, as_json: bool, until_closed: bool, wait: Callable[[float], None] = time.sleep
) -> Watched:
    """Show what `looks` see, once a second, until Ctrl-C, or with `until_closed` until the first is closed.

    Returns the last look of the first.
    """
    seen = _seen(looks, until_closed=until_closed, wait=wait)
    if sys.stdout.isatty() and not as_json:
        return _live(seen)
    before: dict[str, Watched] = {}
    last: list[Watched] = []
    try:
        for last in seen:
            for found in last:
                if not found.same_as(before.get(found.service)):
                    click.echo(json.dumps(found.to_dict()) if as_json else line_of(found))
                before[found.service] = found
    except KeyboardInterrupt:
        pass
    return last[0] if last else looks[0].look()


def _seen(looks: Sequence[Watch], *, until_closed: bool, wait: Callable[[float], None]) -> Iterator[list[Watched]]:
    while True:
        found = [each.look() for each in looks]
        yield found
        if until_closed and found[0].outcome:
            return
        wait(_SECONDS)


def _live(seen: Iterator[list[Watched]]) -> Watched:
    from rich.console import Console, Group
    from rich.live import Live

    last: list[Watched] = []
    console = Console(no_color=bool(os.environ.get("NO_COLOR")) or None)
    with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
        try:
            for last in seen:
                live.update(Group(*(drawn(found) for found in last)), refresh=True)
        except KeyboardInterrupt:
            pass
    return last[0]


def line_of(found: Watched) -> str:
    """Return a look as one line."""
    parts = [moment(found.at), found.service, found.version or f"production {found.production or 'unknown'}"]
    parts += [found.state] + ([f"{found.weight} %"] if found.steps else [])
    parts += [f"{each.name} {_shown(each.name, each.candidate)}" for each in found.measured]
    if found.rollback:
        parts.append("rollback " + ", ".join(f"{s.name} {_seconds(s.seconds)}" for s in found.rollback))
    parts += [part for part in (found.decision, found.because, found.trouble, found.outcome) if part]
    return " · ".join(parts)


def drawn(found: Watched) -> Group:
    """Return a look as it is drawn on a terminal."""
    from rich.console import Group
    from rich.text import Text

    head = Text.assemble((found.service, "bold"), f"  production {found.production or 'unknown'}")
    if found.retained:
        head.append(f", retained {found.retained}", "dim")
    if not found.version:
        return Group(head, Text("  no deployment yet", "dim"))
    head.append(f"\n  {found.version}", "bold").append(f"  {found.state}", _style(found))
    head.append(f"  {found.verdict or 'no verdict yet'}").append(f"  {found.outcome}", _style(found))
    parts: list[Text | Table] = [head]
    if found.weights:
        until = found.at if not found.outcome else max(found.weights[-1][0] + 1.0, found.weights[0][0] + 1.0)
        blocks = weight_blocks(found.weights, until=until, width=_WIDEST)
        parts.append(Text.assemble("  weight  ", (blocks, "cyan"), f"  {found.weight} %"))
    if found.steps and not found.outcome:
        parts.append(_steps(found))
    if found.measured:
        parts.append(_table(found.measured))
    if found.trouble:
        parts.append(Text(f"  {found.trouble}", "yellow"))
    if found.rollback:
        stages = "  →  ".join(f"{stage.name} {_seconds(stage.seconds)}" for stage in found.rollback)
        parts.append(Text.assemble("  rollback  ", stages))
    if found.decision:
        when = "judged  " if found.measured else "decided "
        parts.append(Text.assemble(f"  {when} ", (found.decision, "bold"), f"  {found.because}"))
    if found.mover:
        parts.append(Text(f"  moved by {found.mover}, {found.silent_seconds:g} s ago", "dim"))
    return Group(*parts, Text(""))


def _steps(found: Watched) -> Text:
    from rich.text import Text

    text = Text("  step    ")
    for weight in found.steps:
        now = weight == found.weight
        text.append(f"{weight} %", "bold reverse" if now else "green" if weight < found.weight else "dim").append("  ")
    if found.step_elapsed is not None:
        text.append(f"{found.step_elapsed:.0f} s of at least {found.step_seconds:g} s")
    if found.pace:
        text.append(f"  {found.pace} pace", "dim")
    return text


def _table(measured: Sequence[Measured]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1, 0, 2))
    for name, side in (("measured", "left"), ("candidate", "right"), ("stable", "right"), ("limit", "right")):
        table.add_column(name, justify="left" if side == "left" else "right", header_style="dim")
    for each in measured:
        values = [_shown(each.name, value) for value in (each.candidate, each.stable, each.limit)]
        bound = "at least " if each.name == "requests" else "at most "
        table.add_row(each.name, *values[:2], bound + values[2], style="red" if each.over else None)
    return table


def _shown(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    if name == "error_rate":
        return f"{value:.2%}"
    return f"{value:.1f} ms" if name.endswith("_ms") else f"{value:.0f}"


def _seconds(seconds: float | None) -> str:
    return "…" if seconds is None else f"{seconds:.2f} s"


def _style(found: Watched) -> str:
    if found.outcome in GOOD_OUTCOMES:
        return "green"
    going_back = any(each.name == found.state and each.group == "back" for each in STATES)
    return "red" if going_back or "back" in found.outcome or found.verdict == "rejected" else "yellow"
