"""How do commands speak? JSON for machines, aligned text for people, colour only on a terminal."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

__all__ = ["GOOD_OUTCOMES", "columns", "emit", "json_option", "moment", "outcome_style"]

GOOD_OUTCOMES = ("promoted", "not_routed", "verified", "dry_run")
"""How a deployment ends that is not taken back."""

_GOOD = {"pass", "accepted", "promoted", "not_applicable", "verified"}
_BAD = {"fail", "error", "rejected", "rolled_back", "rollback_failed", "aborted"}


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")(command)


def emit(data: Any, text: str, *, as_json: bool) -> None:
    """Print the data or the text."""
    click.echo(json.dumps(data, indent=2, default=str) if as_json else text)


def outcome_style(word: str) -> str:
    """Colour a word by what it means; click drops the colour where nobody would see it."""
    colour = "green" if word in _GOOD else "red" if word in _BAD else "yellow"
    return click.style(word, fg=colour)


def moment(seconds: float | None) -> str:
    """Return a time as ISO 8601 in UTC, empty for None."""
    if seconds is None:
        return ""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def columns(rows: Sequence[Mapping[str, Any]], *, empty: str) -> str:
    """Return rows as aligned columns with a header."""
    if not rows:
        return empty
    names = list(rows[0])
    cells = [[click.unstyle(str(row[name])) for name in names] for row in rows]
    shown = [[str(row[name]) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[i]) for line in cells)) for i, name in enumerate(names)]
    header = "  ".join(name.upper().ljust(width) for name, width in zip(names, widths, strict=True))
    lines = [
        "  ".join(
            text + " " * (width - len(plain)) for text, plain, width in zip(texts, plains, widths, strict=True)
        ).rstrip()
        for texts, plains in zip(shown, cells, strict=True)
    ]
    return "\n".join([header.rstrip(), *lines])
