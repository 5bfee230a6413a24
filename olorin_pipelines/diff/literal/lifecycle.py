"""What does the literal reading say about deprecation, sunset dates and stability levels?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from olorin_pipelines.diff.literal.delta import Delta
from olorin_pipelines.diff.literal.emit import Emit, Site, Spot
from olorin_pipelines.diff.literal.uses import Options

__all__ = [
    "STABILITY", "deprecation", "looked_at", "property_lifecycle", "property_stability", "removal", "stability_of",
    "stability_step", "sunset_of", "sunset_step",
]  # fmt: skip

STABILITY = ("draft", "alpha", "beta", "stable")
_SUNSET, _LEVEL = "x-sunset", "x-stability-level"


def stability_of(item: Mapping[str, Any]) -> str | None:
    """Return the stability level of an operation or schema: stable when it says nothing, None when it is no level."""
    level = item.get(_LEVEL)
    return "stable" if level is None else level if level in STABILITY else None


def looked_at(level: str, options: Options) -> bool:
    """Whether something of this stability is looked at."""
    return STABILITY.index(level) >= STABILITY.index(options.stability)


def stability_step(old: Mapping[str, Any], new: Mapping[str, Any], options: Options) -> str:
    """Return "invalid", "increased", "decreased" or nothing."""
    before, after = stability_of(old), stability_of(new)
    if before is None or after is None:
        return "invalid"
    if before == after or not looked_at(before, options):
        return ""
    return "decreased" if STABILITY.index(after) < STABILITY.index(before) else "increased"


def sunset_of(item: Mapping[str, Any]) -> date | str | None:
    """Return the sunset date, the text when it is none, None when there is nothing."""
    if _SUNSET not in item:
        return None
    text = str(item[_SUNSET])
    try:
        return date.fromisoformat(text) if len(text) <= len("2026-01-01") else datetime.fromisoformat(text).date()
    except ValueError:
        return text


def _notice(site: Site) -> int:
    """Return how many days before its sunset a deprecation has to be announced."""
    return {"stable": site.options.stable_days, "beta": site.options.beta_days}.get(site.stability, 0)


def deprecation(item: Mapping[str, Any], site: Site) -> str:
    """Return what a fresh deprecation is: "sunset-missing", "sunset-parse", "too-small", "with-sunset" or "plain"."""
    sunset = sunset_of(item)
    if sunset is None:
        return "sunset-missing" if _notice(site) > 0 else "plain"
    if isinstance(sunset, str):
        return "sunset-parse"
    return "too-small" if (sunset - site.options.today).days < _notice(site) else "with-sunset"


def removal(item: Mapping[str, Any], today: date) -> str:
    """Return "without-deprecation", "with-deprecation", "sunset-parse", "before-sunset", or nothing when it was due."""
    if item.get("deprecated") is not True:
        return "without-deprecation"
    sunset = sunset_of(item)
    if sunset is None:
        return "with-deprecation"
    if isinstance(sunset, str):
        return "sunset-parse"
    return "before-sunset" if today < sunset else ""


def sunset_step(old: Mapping[str, Any], new: Mapping[str, Any], site: Site) -> str:
    """Return what became of the sunset of something deprecated: "deleted", "parse", "too-small" or nothing."""
    if new.get("deprecated") is not True or old.get(_SUNSET) == new.get(_SUNSET) or _SUNSET not in old:
        return ""
    before, after = sunset_of(old), sunset_of(new)
    if after is None:
        return "deleted"
    if isinstance(before, str) or isinstance(after, str) or before is None:
        return "parse"
    return "too-small" if before > after and (after - site.options.today).days < _notice(site) else ""


_PROPERTY = {
    "sunset-missing": "deprecated-sunset-missing", "sunset-parse": "deprecated-sunset-invalid",
    "too-small": "sunset-date-too-small", "with-sunset": "deprecated-with-sunset", "plain": "deprecated",
}  # fmt: skip


def property_lifecycle(emit: Emit, site: Site, delta: Delta, direction: str) -> None:
    """Report a property that was deprecated or is no longer."""
    if "deprecated" in delta.changed:
        spot: Spot = (delta.at, delta.to)
        step = _PROPERTY[deprecation(delta.new, site)] if delta.changed["deprecated"][1] is True else "reactivated"
        emit.say(site, f"{direction}-property-{step}", spot, claimed_by=delta)


def property_stability(emit: Emit, site: Site, delta: Delta, direction: str) -> None:
    """Report a property whose stability level changed."""
    if not any(keyword.startswith("x-") for keyword in delta.changed):
        return
    step = stability_step(delta.old, delta.new, site.options)
    if step:
        id_ = "api-invalid-stability-level" if step == "invalid" else f"{direction}-property-stability-{step}"
        emit.say(site, id_, (delta.at, delta.to), delta.old.get(_LEVEL, ""), delta.new.get(_LEVEL, ""))
