"""How far does the `oasdiff` profile agree with oasdiff's own test cases?"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from olorin_pipelines.diff.literal.document import literal_uses, version_step
from olorin_pipelines.diff.literal.levels import LEVELS
from olorin_pipelines.diff.literal.uses import Options
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.openapi import load

__all__ = ["measure"]

_RANK = {"NONE": 0, "INFO": 1, "WARN": 2, "ERR": 3}
Entry = tuple[str, int, str, str]


def measure(directory: Path, *, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the counts per file and every deviation; a case agrees when its set of entries is exactly the same."""
    figures: dict[str, Any] = {}
    deviations: list[dict[str, Any]] = []
    for name, read in (("cases.jsonl", _cases), ("golden.jsonl", _golden)):
        counts: Counter[str] = Counter()
        for line in (directory / name).read_text("utf-8").splitlines():
            for label, expected, found in read(directory / "data", json.loads(line)):
                missing, extra = sorted(expected - found), sorted(found - expected)
                counts["total"] += 1
                counts["deviating" if missing or extra else "agreed"] += 1
                counts["missing"] += len(missing)
                counts["extra"] += len(extra)
                if missing or extra:
                    deviations.append({"file": name, "case": label, "missing": missing, "extra": extra})
        figures[name] = {key: counts[key] for key in ("total", "agreed", "deviating", "missing", "extra")}
        figures[name]["share"] = round(counts["agreed"] / max(counts["total"], 1), 4)
        say(f"{name}: {counts['agreed']} of {counts['total']} agree")
    totals = {
        key: sum(figure[key] for figure in figures.values()) for key in ("agreed", "deviating", "missing", "extra")
    }
    return {**totals, "files": figures, "deviations": deviations}


def _cases(data: Path, case: Mapping[str, Any]) -> Iterator[tuple[str, set[Entry], set[Entry]]]:
    config = case["config"]
    levels = {id_: _RANK[config["level_overrides"].get(id_, known.level)] for id_, known in LEVELS.items()}
    options = Options(
        today=date.today(),
        beta_days=config.get("deprecation_days_beta", 0),
        stable_days=config.get("deprecation_days_stable", 0),
        stability=config.get("stability_level") or "beta",
    )
    found = _found(data, case["base_file"], case["revision_file"], options, levels, config.get("diff") or {})
    wanted = set(config["rule_ids"])
    least = _RANK[case["min_level"]]
    kept = {entry for entry in found if entry[1] >= max(least, 1) and (not wanted or entry[0] in wanted)}
    expected = {(e["id"], _RANK[e["level"]], e["operation"], e["path"]) for e in case["expected"]}
    yield case["name"], expected, kept


def _golden(data: Path, pair: Mapping[str, Any]) -> Iterator[tuple[str, set[Entry], set[Entry]]]:
    levels = {id_: _RANK[known.level] for id_, known in LEVELS.items()}
    files = pair["base_file"], pair["revision_file"]
    for direction, (one, two) in (("forward", files), ("reverse", files[::-1])):
        expected = {(e["id"], e["level"], e.get("operation", ""), e.get("path", "")) for e in pair[direction] or ()}
        yield f"{one} -> {two}", expected, _found(data, one, two, Options(), levels, {})


def _found(
    data: Path, old: str, new: str, options: Options, levels: Mapping[str, int], config: Mapping[str, Any]
) -> set[Entry]:
    try:
        before, after = (_filtered(dict(load(str(data / name)).document), config) for name in (old, new))
    except OlorinError as error:
        return {(f"not read: {error}", 0, "", "")}
    entries = {(use.id, levels[use.id], use.operation, use.path) for use in literal_uses(before, after, options)}
    if step := version_step(before, after, (entry[0] for entry in entries)):
        entries.add((step, levels[step], "", ""))
    return entries


def _filtered(document: dict[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    if pattern := config.get("UnmatchPath"):
        paths = document.get("paths") or {}
        document["paths"] = {path: item for path, item in paths.items() if not re.search(pattern, path)}
    return document
