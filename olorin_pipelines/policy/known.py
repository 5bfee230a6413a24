"""Which failures of contract tests are known, for how long, and why? A file with the conventions of the approvals."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from olorin_pipelines.errors import did_you_mean
from olorin_pipelines.policy.glob import matches

if TYPE_CHECKING:
    from olorin_pipelines.policy.model import KnownFailure, KnownFailures

__all__ = ["Excused", "Failing", "excuse", "read_known"]


class Failing(Protocol):
    """What an entry of the file is matched with."""

    @property
    def fingerprint(self) -> str:
        """The name of the cause."""

    @property
    def check(self) -> str:
        """The name of the check."""

    @property
    def operation(self) -> str:
        """The operation, `GET /x`."""


_Failing = TypeVar("_Failing", bound=Failing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excused(Generic[_Failing]):
    """The failures that decide, those that are excused with what excuses them, and what the file should lose."""

    failures: tuple[_Failing, ...]
    excused: tuple[tuple[_Failing, KnownFailure], ...] = ()
    expired: tuple[KnownFailure, ...] = ()
    stale: tuple[KnownFailure, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know of the file, a sentence each."""
        return (
            *(f"the entry for {one} ended on {one.expires} and no longer holds" for one in self.expired),
            *(f"the entry for {one} covers nothing: remove it" for one in self.stale),
        )


def read_known(path: Path, *, checks: Collection[str]) -> KnownFailures:
    """Read a file of known failures (YAML or JSON); `checks` are the names that there are.

    Raises `ConfigError` with file, line, key and the nearest known name.
    """
    from pydantic import ValidationError

    from olorin_pipelines.config import explained, located, read_tree
    from olorin_pipelines.policy.model import KnownFailures

    text, tree = read_tree(path)
    if tree is not None and not isinstance(tree, dict):
        raise located("a mapping is expected", (), path, text, hint="begin with `known:`")
    try:
        known = KnownFailures.model_validate(tree or {})
    except ValidationError as error:
        raise explained(error, KnownFailures, path, text) from error
    for i, entry in enumerate(known.known):
        if entry.check is not None and entry.check not in checks:
            place = ("known", i, "check")
            raise located(
                f"no check is called {entry.check!r}", place, path, text, hint=did_you_mean(entry.check, checks)
            )
    return known


def excuse(failures: Iterable[_Failing], known: KnownFailures, today: date, *, whole: bool = True) -> Excused[_Failing]:
    """Take out what is known; an entry holds on its last day.

    An entry is stale when it covers nothing; that is only said of a `whole` run, which asked every operation.
    """
    valid = [entry for entry in known.known if entry.expires >= today]
    covered = [(failure, [entry for entry in valid if _covers(entry, failure)]) for failure in failures]
    used = {id(entry) for _, entries in covered for entry in entries}
    return Excused(
        failures=tuple(failure for failure, entries in covered if not entries),
        excused=tuple((failure, entries[0]) for failure, entries in covered if entries),
        expired=tuple(entry for entry in known.known if entry.expires < today),
        stale=tuple(entry for entry in valid if id(entry) not in used) if whole else (),
    )


def _covers(entry: KnownFailure, failure: Failing) -> bool:
    if entry.fingerprint is not None:
        return entry.fingerprint == failure.fingerprint
    return entry.check == failure.check and matches(entry.operation or "", failure.operation)
