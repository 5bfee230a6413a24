"""What was announced about the life of an operation, and is it kept? Sunset dates, stability, versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from olorin_pipelines.diff.change import Change
from olorin_pipelines.openapi import Operation

__all__ = ["lifecycle_changes", "removal_kind", "version_changes"]

_SUNSET, _LEVEL = "x-sunset", "x-stability-level"
_LEVELS = ("draft", "alpha", "beta", "stable")
_SEMVER = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")


def lifecycle_changes(old: Operation, new: Operation) -> Iterator[Change]:
    """Yield what became of an operation's deprecation, its sunset date and its stability level."""
    at, subject = (old.pointer, new.pointer), f"operation `{old.key}`"
    if old.deprecated != new.deprecated:
        kind = "endpoint-deprecated" if new.deprecated else "endpoint-reactivated"
        if new.deprecated and isinstance(_sunset(new), date):
            kind = "endpoint-deprecated-with-sunset"
        yield Change(kind, *at, "", _text(new, _SUNSET) if new.deprecated else "", subject)
    if new.deprecated:
        yield from _sunset_changes(old, new)
    before, after = (_text(side, _LEVEL) or "stable" for side in (old, new))
    if before != after:
        kind = "api-invalid-stability-level"
        if before in _LEVELS and after in _LEVELS:
            step = "increased" if _LEVELS.index(after) > _LEVELS.index(before) else "decreased"
            kind = f"api-stability-{step}"
        yield Change(kind, *at, before, after, subject)


def _sunset_changes(old: Operation, new: Operation) -> Iterator[Change]:
    before, after = _sunset(old), _sunset(new)
    texts = _text(old, _SUNSET), _text(new, _SUNSET)
    if texts[0] == texts[1]:
        return
    kind = ""
    if isinstance(after, str):
        kind = "api-deprecated-sunset-parse"
    elif not old.deprecated:
        return  # told by the deprecation itself
    elif after is None:
        kind = "sunset-deleted"
    elif not isinstance(before, date):
        kind = "sunset-added"
    elif after != before:
        kind = "api-sunset-date-changed-too-small" if after < before else "api-sunset-date-postponed"
    if kind:
        yield Change(kind, old.pointer, new.pointer, *texts, f"operation `{old.key}`")


def removal_kind(operation: Operation, today: date | None) -> str:
    """Return what the removal of an operation is; without a day nobody knows whether its sunset has come."""
    if not operation.deprecated:
        return "api-removed-without-deprecation"
    sunset = _sunset(operation)
    if today is None or not isinstance(sunset, date):
        return "api-removed-with-deprecation"
    return "api-removed-before-sunset" if today < sunset else "api-removed-after-sunset"


def version_changes(old: Mapping[str, Any], new: Mapping[str, Any], operations: Iterable[str]) -> Iterator[Change]:
    """Yield what `info.version` hides of a break that reaches `operations`; nothing where it is no Semantic Version."""
    infos = [info if isinstance(info := side.get("info"), Mapping) else {} for side in (old, new)]
    texts = [str(info.get("version") or "") for info in infos]
    found = [_SEMVER.fullmatch(text) for text in texts]
    if not found[0] or not found[1]:
        return
    before, after = (tuple(map(int, match.groups())) for match in found if match)
    if texts[0] == texts[1]:
        kind = "api-version-not-bumped"
    elif after < before:
        kind = "api-version-decreased"
    elif (after[1] > before[1]) if before[0] == after[0] == 0 else after[0] > before[0]:
        return
    else:
        kind = "api-major-version-not-bumped"
    at = "/info/version"
    yield Change(kind, at, at, texts[0], texts[1], "version of the document", tuple(sorted(operations)))


def _text(operation: Operation, key: str) -> str:
    value = operation.item.get(key)
    return "" if value is None else str(value)


def _sunset(operation: Operation) -> date | str | None:
    """Return the day, the text when it is none, None when there is nothing."""
    text = _text(operation, _SUNSET)
    if not text:
        return None
    try:
        return date.fromisoformat(text) if len(text) <= len("2026-01-01") else datetime.fromisoformat(text).date()
    except ValueError:
        return text
