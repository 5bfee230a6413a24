"""Which level does oasdiff give an id, and of which kind is it? Facts of oasdiff's own list of rules (Apache-2.0)."""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

__all__ = ["LEVELS", "Level"]


class Level(NamedTuple):
    """ERR, WARN or INFO, and the kind of change, which decides what another change can speak for."""

    level: str
    kind: str


def _read() -> dict[str, Level]:
    lines = files(__package__).joinpath("levels.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {id_: Level(level, kind) for id_, level, kind in rows}


LEVELS = _read()
"""Every id of oasdiff that is reported here."""
