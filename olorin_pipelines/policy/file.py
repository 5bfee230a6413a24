"""What does a policy file say? Read strictly: whatever is not understood is an error with its place."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from olorin_pipelines import yaml12
from olorin_pipelines.diff import RULES, Severity
from olorin_pipelines.diff.literal.levels import LEVELS
from olorin_pipelines.errors import ConfigError

__all__ = ["Approval", "Policy", "read"]

_KEYS = ("severities", "approvals")
_APPROVAL = ("fingerprint", "id", "location", "reason", "expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A finding that is meant: named by its fingerprint, or by id and a glob over operations and pointers."""

    reason: str
    expires: date
    fingerprint: str = ""
    id: str = ""
    location: str = "*"

    def __str__(self) -> str:
        return self.fingerprint or f"{self.id} at {self.location}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The severities that replace those of the rules (None: the finding is dropped), and the approvals."""

    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    approvals: tuple[Approval, ...] = ()


def read(path: Path) -> Policy:
    """Read a policy file (YAML or JSON). Raises `ConfigError` with file, line and the nearest known name."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not readable: {error}") from error
    document = yaml12.load(text, source=str(path))
    fault = _Fault(path, text)
    if not isinstance(document, Mapping):
        raise fault((), f"a policy is a mapping of {' and '.join(_KEYS)}")
    fault.unknown((), document, _KEYS)
    known = sorted({rule.id for rule in RULES} | LEVELS.keys())
    return Policy(
        severities=_severities(document.get("severities") or {}, known, fault),
        approvals=tuple(_approvals(document.get("approvals") or [], known, fault)),
    )


class _Fault:
    """Makes the errors of one file."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text

    def __call__(self, at: tuple[str | int, ...], message: str, *, hint: str = "") -> ConfigError:
        place = yaml12.locate(self._text, at, source=str(self._path)) or (1, 1)
        return ConfigError(f"{self._path}:{place[0]}:{place[1]}: {message}", hint=hint)

    def unknown(self, at: tuple[str | int, ...], given: Mapping[str, Any], known: Any) -> None:
        for name in given:
            if name not in known:
                raise self((*at, name), f"{name!r} is not known here", hint=_nearest(str(name), known))


def _nearest(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(list(known)[:8])}"


def _severities(given: Any, known: list[str], fault: _Fault) -> dict[str, Severity | None]:
    if not isinstance(given, Mapping):
        raise fault(("severities",), "severities map rule ids to breaking, warning, info or none")
    fault.unknown(("severities",), given, known)
    found: dict[str, Severity | None] = {}
    for id_, level in given.items():
        if level not in (*Severity, "none"):
            raise fault(("severities", id_), f"{level!r} is no severity", hint="known: breaking, warning, info, none")
        found[id_] = None if level == "none" else Severity(level)
    return found


def _approvals(given: Any, known: list[str], fault: _Fault) -> list[Approval]:
    if not isinstance(given, list):
        raise fault(("approvals",), "approvals are a list")
    return [_approval(one, ("approvals", i), known, fault) for i, one in enumerate(given)]


def _approval(given: Any, at: tuple[str | int, ...], known: list[str], fault: _Fault) -> Approval:
    if not isinstance(given, Mapping):
        raise fault(at, f"an approval is a mapping of {', '.join(_APPROVAL)}")
    fault.unknown(at, given, _APPROVAL)
    for name in ("reason", "expires"):
        if not given.get(name):
            raise fault(at, f"an approval needs `{name}`")
    if bool(given.get("fingerprint")) == bool(given.get("id")):
        raise fault(at, "an approval names either a `fingerprint` or an `id`, with a `location` if it is not for all")
    if given.get("id"):
        fault.unknown((*at, "id"), {given["id"]: None}, known)
    try:
        expires = date.fromisoformat(str(given["expires"]))
    except ValueError as error:
        raise fault((*at, "expires"), f"{given['expires']!r} is no date", hint="write it as 2027-01-31") from error
    return Approval(
        reason=str(given["reason"]),
        expires=expires,
        fingerprint=str(given.get("fingerprint") or ""),
        id=str(given.get("id") or ""),
        location=str(given.get("location") or "*"),
    )
