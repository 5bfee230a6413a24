"""Do pairs of real documents compare without error, and twice to the same bytes? Are broken ones refused?

DIR holds folders with `old.*` and `new.*`, or with several releases of one document (compared in the order of their
names), and two folders that are different: `awkward` (each compares, or is refused with a place; the same API written
as `*-30.*` and `*-31.*` differs in nothing) and `malformed` (each is refused with a place).
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from olorin_pipelines import report
from olorin_pipelines.diff import diff
from olorin_pipelines.errors import DocumentError, OlorinError
from olorin_pipelines.openapi import load, problems

__all__ = ["measure"]

_SUFFIXES = (".json", ".yaml", ".yml")


def measure(directory: Path, *, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the counts, and one row per pair and document."""
    pairs = [_pair(directory, *pair, say=say) for pair in _pairs(directory)]
    awkward = [_document(path, directory) for path in _documents(directory / "awkward")]
    malformed = [_document(path, directory) for path in _documents(directory / "malformed")]
    rows = [row for row in pairs if "error" in row or not row["same_bytes"]]
    return {
        "pairs": len(pairs),
        "pairs_failed": len(rows),
        "awkward": len(awkward),
        "awkward_refused_without_place": sum(not row["loads"] and not row.get("located") for row in awkward),
        "malformed": len(malformed),
        "malformed_not_refused": [row["document"] for row in malformed if row["loads"]],
        "malformed_without_place": [row["document"] for row in malformed if not row["loads"] and not row["located"]],
        "rows": [*pairs, *awkward, *malformed],
    }


def _documents(folder: Path) -> list[Path]:
    """Return the documents of a folder: those its index names, or all."""
    if (index := folder / "index.tsv").is_file():
        names = (line.split("\t")[0] for line in index.read_text("utf-8").splitlines()[1:])
        return sorted(path for name in names if (path := folder / name).suffix in _SUFFIXES and path.is_file())
    found = (path for path in folder.rglob("*") if path.suffix in _SUFFIXES) if folder.is_dir() else ()
    return sorted(found)


def _pairs(directory: Path) -> Iterator[tuple[Path, Path]]:
    for folder in sorted(path for path in directory.iterdir() if path.is_dir()):
        if folder.name == "malformed":
            continue
        found = _documents(folder)
        if folder.name == "awkward":
            twins = {path.with_name(path.name.replace("-31", "-30")): path for path in found if "-31" in path.stem}
            yield from ((old, new) for old, new in twins.items() if old in found)
        elif old := next((path for path in found if path.stem == "old"), None):
            yield from ((old, path) for path in found if path.stem == "new")
        else:
            yield from itertools.pairwise(sorted(found, key=_release))


def _release(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.stem)]


def _pair(directory: Path, old: Path, new: Path, *, say: Callable[[str], None]) -> dict[str, Any]:
    row: dict[str, Any] = {"old": str(old.relative_to(directory)), "new": str(new.relative_to(directory))}
    started = time.perf_counter()
    try:
        before, after = load(str(old)), load(str(new))
        findings = diff(before, after)
        row["seconds"] = round(time.perf_counter() - started, 3)
        again = diff(load(str(old)), load(str(new)))
    except OlorinError as error:
        return {**row, "error": str(error)}
    row["findings"] = len(findings)
    row["breaking"] = sum(finding.severity.value == "breaking" for finding in findings)
    row["same_bytes"] = report.to_json(findings) == report.to_json(again)
    say(f"{row['old']} → {row['new']}: {row['findings']} findings, {row['breaking']} breaking, {row['seconds']} s")
    return row


def _document(path: Path, directory: Path) -> dict[str, Any]:
    row: dict[str, Any] = {"document": str(path.relative_to(directory)), "loads": False, "located": False}
    try:
        snapshot = load(str(path))
        diff(snapshot, snapshot)
        if found := problems(snapshot):
            return {**row, "error": str(found[0]), "located": found[0].line is not None, "compares": True}
    except DocumentError as error:
        return {**row, "error": str(error), "located": error.line is not None}
    except OlorinError as error:
        return {**row, "error": str(error)}
    return {**row, "loads": True}
