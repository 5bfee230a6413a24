"""At which line does a finding stand? Looked up for what is reported only, each text read once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from olorin_pipelines.diff import Finding
from olorin_pipelines.openapi import Pointer, Snapshot
from olorin_pipelines.openapi.parse import beside
from olorin_pipelines.openapi.refs import FILES
from olorin_pipelines.openapi.revisions import names_revision
from olorin_pipelines.report.positions import Position, positions

__all__ = ["Locate", "Place", "Places", "file_of", "locator", "places"]

_SWAGGER = (
    ("/components/schemas/", "/definitions/"),
    ("/components/parameters/", "/parameters/"),
    ("/components/responses/", "/responses/"),
    ("/components/securitySchemes/", "/securityDefinitions/"),
)
_APPLICATION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text: `file` as it was named, line and column from 1, None where the text is not at hand."""

    file: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where a finding stands on both sides, None where it does not exist.

    `shown` is where people should look in the new document: for what was removed, what is left around it.
    """

    old: Place | None
    new: Place | None
    shown: Place


Locate = Callable[[Finding], Places]


def locator(old: Snapshot, new: Snapshot, findings: Iterable[Finding]) -> Locate:
    """Return a function that gives the places of these findings."""
    wanted_old: set[Pointer] = set()
    wanted_new: set[Pointer] = set()
    for finding in findings:
        if finding.old_pointer is not None:
            wanted_old.add(finding.old_pointer)
        wanted_new.add(_around(finding))
    befores, afters = places(old, wanted_old), places(new, wanted_new)

    def locate(finding: Finding) -> Places:
        shown = afters[_around(finding)]
        return Places(
            old=None if finding.old_pointer is None else befores[finding.old_pointer],
            new=None if finding.new_pointer is None else shown,
            shown=shown,
        )

    return locate


def file_of(source: str) -> str | None:
    """Return the path of the file a source names, None for an address, standard input or an application."""
    if "://" in source or source == "standard input":
        return None
    if names_revision(source):
        return source.partition(":")[2]
    return None if _APPLICATION.fullmatch(source) else source


def _around(finding: Finding) -> Pointer:
    return finding.new_pointer if finding.new_pointer is not None else finding.old_pointer or ""


def places(snapshot: Snapshot, pointers: Iterable[Pointer]) -> dict[Pointer, Place]:
    """Return where each pointer of a document stands, in whichever of its files."""
    by_file: dict[str, dict[Pointer, Pointer]] = defaultdict(dict)
    for pointer in pointers:
        name, inner = _file(snapshot, pointer)
        by_file[name][pointer] = inner
    found: dict[Pointer, Place] = {}
    for name, inners in by_file.items():
        raw = snapshot.files.get(name) if name else snapshot.raw
        known: dict[Pointer, Position] = positions(raw, set(inners.values())) if raw is not None else {}
        file = beside(snapshot.source, name) if name else snapshot.source
        found |= {outer: Place(file, *known.get(inner, ())) for outer, inner in inners.items()}
    return found


def _file(snapshot: Snapshot, pointer: Pointer) -> tuple[str, Pointer]:
    """Return in which other file a pointer leads (empty for the document's own) and where, as that file was written."""
    if pointer.startswith(f"/{FILES}/"):
        name, _, rest = pointer.removeprefix(f"/{FILES}/").partition("/")
        return name.replace("~1", "/").replace("~0", "~"), f"/{rest}" if rest else ""
    if snapshot.written is not None:
        for new, old in _SWAGGER:
            if pointer.startswith(new):
                return "", old + pointer.removeprefix(new)
    return "", pointer
