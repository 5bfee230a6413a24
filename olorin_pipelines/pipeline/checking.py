"""Does one consumer survive one change of the document? Its proof, and the answer to each finding."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from olorin_pipelines import typegen
from olorin_pipelines.diff import Finding
from olorin_pipelines.errors import ToolFailed, UsageError
from olorin_pipelines.gate import Outcome, worst
from olorin_pipelines.openapi import Snapshot
from olorin_pipelines.pipeline.attribution import Cause, operations_of
from olorin_pipelines.pipeline.impact import Answer, Impact, can_matter, causes_of, join
from olorin_pipelines.typegen.prune import matches

__all__ = ["Checked", "check_consumer", "find_projects", "find_types", "usage_of_consumer"]

_DEPTH = 8
_HEAD = 64 * 1024
_PATHS = re.compile(rb"^export (interface paths\b|type paths\b)", re.MULTILINE)
_WORST = (Answer.BREAKS, Answer.CANNOT_TELL, Answer.NO_BREAK)
_NEVER = {".git", "node_modules", "dist", "build", "coverage", ".next"}


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer for one consumer: its proof, and each finding joined with it."""

    proof: typegen.ConsumerProof
    impacts: tuple[Impact, ...]

    def outcome(self, *, tests: bool) -> Outcome:
        """FAIL when something breaks it, NO_DATA when it cannot be told; breaks in its tests count with `tests`.

        NOT_APPLICABLE when nothing that it is registered for is served.
        """
        deciding = [impact for impact in self.impacts if impact.decides and (tests or not impact.only_tests)]
        if any(impact.answer is Answer.BREAKS for impact in deciding):
            return Outcome.FAIL
        if deciding or self.proof.outcome is Outcome.NO_DATA:
            return Outcome.NO_DATA
        return Outcome.NOT_APPLICABLE if self.proof.outcome is Outcome.NOT_APPLICABLE else Outcome.PASS

    @classmethod
    def unjudged(cls, consumer: str, why: str, findings: Sequence[Finding]) -> Checked:
        """Return the answer for a consumer that could not be read: nothing can be told."""
        proof = typegen.ConsumerProof(consumer, Outcome.NO_DATA, why)
        return cls(proof, join(tuple(Cause(finding, ()) for finding in findings), proof, None))

    @property
    def worst(self) -> Impact | None:
        """Return the answer people should read first: a break, else what cannot be told."""
        return min(self.impacts, key=_rank, default=None)


def check_consumer(
    folder: Path,
    *,
    name: str,
    types: str,
    tsconfig: str,
    old: Snapshot,
    new: Snapshot,
    findings: Sequence[Finding],
    bundles: tuple[typegen.Bundle, typegen.Bundle],
    paths: Sequence[str] = (),
    read_always: bool = False,
    timeout: float = 60,
) -> Checked:
    """Compile the consumer in `folder` against both types and answer every finding; `bundles` are old and new types.

    With `paths` (globs) only findings about operations of these paths are asked of it, and nothing is when `old` has
    none of them. How it uses the API is read when a finding can break somebody, which costs more than to compile it,
    or with `read_always`. Each program may take `timeout` seconds. Raise UsageError for paths outside the consumer,
    ToolMissing without the TypeScript tools.
    """
    if paths and not any(_meant(path, paths) for path in old.document.get("paths") or {}):
        why = f"what it is registered for is not served yet: {', '.join(paths)}"
        return Checked(typegen.ConsumerProof(name, Outcome.NOT_APPLICABLE, why), ())
    causes: tuple[Cause, ...] = causes_of([one for one in findings if _concerns(one, paths)], old, new)
    asked = read_always or any(can_matter(cause, new) for cause in causes)
    anchors = [anchor for cause in causes for anchor in cause.anchors] if asked else None
    projects = find_projects(folder, tsconfig)
    found = [
        typegen.prove(
            folder,
            name=name,
            types=types,
            tsconfig=project,
            old=bundles[0],
            new=bundles[1],
            anchors=anchors,
            others=[one for one in projects if one != project],
            timeout=timeout,
        )
        for project in projects
    ]
    concerned = [proof for proof in found if proof.imports_types] or found[:1]
    return _together([Checked(proof, join(causes, proof, old)) for proof in concerned])


def _together(answers: Sequence[Checked]) -> Checked:
    """Return what several projects of one consumer say: its worst proof, and for each finding the worst answer."""
    if len(answers) == 1:
        return answers[0]
    outcomes = [answer.proof.outcome for answer in answers]
    deciding = answers[outcomes.index(worst(outcomes))].proof
    usages = [answer.proof.usage for answer in answers if answer.proof.usage]
    proof = replace(
        deciding,
        breaks=tuple(found for answer in answers for found in answer.proof.breaks),
        already_broken=tuple(found for answer in answers for found in answer.proof.already_broken),
        seconds=round(sum(answer.proof.seconds for answer in answers), 3),
        compile_seconds=round(sum(answer.proof.compile_seconds for answer in answers), 3),
        usage=_all_usage(usages) if usages else None,
    )
    chosen: dict[object, Impact] = {}
    for impact in (one for answer in answers for one in answer.impacts):
        key = id(impact.finding) if impact.finding else (impact.place, impact.because)
        if key not in chosen or _rank(impact) < _rank(chosen[key]):
            chosen[key] = impact
    return Checked(proof, tuple(chosen.values()))


def _rank(impact: Impact) -> tuple[bool, bool, int]:
    """Order answers: what decides, in code before tests, comes first."""
    return (not impact.decides, impact.only_tests, _WORST.index(impact.answer))


def _all_usage(usages: Sequence[typegen.Usage]) -> typegen.Usage:
    return replace(
        usages[0],
        strict_null_checks=all(one.strict_null_checks for one in usages),
        files=sum(one.files for one in usages),
        uses=tuple(dict.fromkeys(use for one in usages for use in one.uses)),
        calls=tuple(dict.fromkeys(call for one in usages for call in one.calls)),
        escapes=tuple(dict.fromkeys(escape for one in usages for escape in one.escapes)),
    )


def usage_of_consumer(folder: Path, *, types: str, tsconfig: str, bundle: typegen.Bundle) -> typegen.Usage:
    """Return what the projects of a consumer do with the types; those that do not import them are left out.

    Raise UsageError without a project, ToolFailed when the code of none can be read.
    """
    found: list[typegen.Usage] = []
    failed: ToolFailed | None = None
    for project in find_projects(folder, tsconfig):
        try:
            found.append(typegen.usage_of(folder, types=types, tsconfig=project, bundle=bundle))
        except ToolFailed as error:
            failed = error
    if failed is not None and not found:
        raise failed
    return _all_usage(found)


def _concerns(finding: Finding, paths: Sequence[str]) -> bool:
    """Whether a finding is about one of the paths, or about no operation at all."""
    touched = [operation.partition(" ")[2] for operation in operations_of(finding)]
    return not paths or not touched or any(_meant(path, paths) for path in touched)


def _meant(path: str, globs: Sequence[str]) -> bool:
    return any(matches(glob, path) for glob in globs)


def find_types(folder: Path) -> str:
    """Return the one `.ts` file below `folder` that exports `paths`; raise UsageError for none, or for several."""
    found = [path for path in _typescript(folder) if _PATHS.search(_head(path))]
    if len(found) == 1:
        return found[0].relative_to(folder).as_posix()
    if not found:
        raise UsageError(
            f"no file below {folder} exports `paths`",
            hint="name the file its code imports the API's types from: --types src/api/schema.d.ts",
        )
    names = ", ".join(path.relative_to(folder).as_posix() for path in found[:5])
    raise UsageError(f"several files export `paths`: {names}", hint="choose one: --types FILE")


def _typescript(folder: Path) -> Iterator[Path]:
    for name, folders, files in os.walk(folder):
        here = Path(name)
        deep = len(here.relative_to(folder).parts) >= _DEPTH
        folders[:] = [] if deep else sorted(set(folders) - _NEVER)
        yield from (here / file for file in sorted(files) if file.endswith((".ts", ".mts", ".cts")))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_HEAD)
    except OSError:
        return b""


def find_projects(folder: Path, tsconfig: str) -> list[str]:
    """Return the projects to compile: `tsconfig`, or those it refers to when it only lists others.

    Projects for the tools of a build, which have `node` in their name, are left out.
    """
    told: dict[str, Any] = {}
    try:
        text = (folder / tsconfig).read_text(encoding="utf-8", errors="replace")
        told = json.loads(re.sub(r"^\s*//.*$|/\*[^*]*\*/|,(?=\s*[}\]])", "", text, flags=re.MULTILINE))
        listed = [str(one["path"]).removeprefix("./") for one in told["references"]] if told["files"] == [] else []
    except (OSError, ValueError, KeyError, TypeError):
        return [tsconfig]
    beside = Path(tsconfig).parent
    files = [(beside / (one if one.endswith(".json") else f"{one}/tsconfig.json")).as_posix() for one in listed]
    present = [one for one in files if ".." not in one and (folder / one).is_file() and "node" not in Path(one).name]
    return present or [tsconfig]
