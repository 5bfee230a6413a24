"""What do commands that run contract tests share? Their options' values, the folder of caches, a line of progress."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from olorin_pipelines.contract import Progress

__all__ = ["Meter", "cache_folder", "header_of", "seconds_of", "writable"]

_BUDGET = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|m|h|)")
_SECONDS = {"ms": 0.001, "": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_EVERY_SECONDS = 5.0


def writable(folder: Path) -> None:
    """Make the folder of `--report`, before the run and not after it. Raises `UsageError`."""
    from olorin_pipelines.errors import UsageError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--report {folder}: {error.strerror}", hint="name a folder that can be made") from error


def cache_folder(*names: str) -> Path | None:
    """Return a folder for what takes seconds to make; None where there is none to be had, and it is made each time."""
    try:
        folder = Path.home().joinpath(".cache", "olorin", *names)
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or none that can be written
        return None
    return folder if os.access(folder, os.W_OK) else None


def header_of(text: str) -> tuple[str, str]:
    """Return name and value of `--header`; `${VARIABLE}` is read from the environment. Raises `click.UsageError`."""
    from olorin_pipelines.config.values import expand

    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        # the text is not repeated: it may hold a secret
        raise click.UsageError("--header is written 'Name: value'")
    return name.strip(), expand(value.strip())


def seconds_of(budget: str) -> float:
    """Return the seconds of `--budget`. Raises `click.UsageError` for what is no time of 1 s to 24 h."""
    match = _BUDGET.fullmatch(budget.strip())
    seconds = float(match["number"]) * _SECONDS[match["unit"]] if match else 0.0
    if not 1 <= seconds <= 24 * 3600:
        raise click.UsageError(f"--budget {budget!r} is no time of 1s to 24h; write it as 90s or 2m")
    return seconds


class Meter:
    """Shows how far a run is on standard error: one line that is rewritten on a terminal, else one now and then."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._next = _EVERY_SECONDS
        self._shown = False

    def show(self, progress: Progress) -> None:
        """Tell how far the run is."""
        found = f", {progress.failures} failures" if progress.failures else ""
        text = (
            f"{progress.phase or 'starting'}: {progress.asked} of {progress.operations} operations, "
            f"{progress.cases:,} requests{found}, {progress.seconds:.0f} s"
        )
        if self._live:
            click.echo(f"\r\x1b[2K{text}", err=True, nl=False)
            self._shown = True
        elif progress.seconds >= self._next:
            self._next = progress.seconds + _EVERY_SECONDS
            click.echo(text, err=True)

    def end(self) -> None:
        """Leave the line free for what comes next."""
        if self._shown:
            click.echo("\r\x1b[2K", err=True, nl=False)
