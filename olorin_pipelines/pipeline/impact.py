"""Whom does a finding break? For each consumer one of: breaks at file:line, no break found, cannot tell because.

Pure: findings, a proof and what the consumer does with the types in, answers out. What is not shown by the types, and
what the code does past them, is never "no break found".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from olorin_pipelines.diff import Finding, Severity
from olorin_pipelines.gate import Outcome
from olorin_pipelines.openapi import Snapshot
from olorin_pipelines.pipeline.anchors import Components, anchors_of
from olorin_pipelines.pipeline.attribution import Cause, attribute
from olorin_pipelines.typegen import Call, ConsumerProof, Diagnostic, Escape, TypePath, Usage, Use, is_test_file

__all__ = ["Answer", "Impact", "can_matter", "causes_of", "join"]

_UNSHOWN = re.compile(r"security|status|header|media-?type|serialization|location|cannot-be-shown|servers")
"""Rules about what types do not speak of, even where the text of a type changes with it."""

_ABSENT = re.compile(r"nullable|optional|became-required")
_TAKEN = re.compile(r"(property|parameter)-removed")
"""Rules after which something that is still sent is refused: objects with more than they should have do compile."""

_ONE_WAY = {"assumed": True, "loose": False}
"""Escapes of data that is sent, and of data that is got."""

_AS_A_WHOLE = re.compile(r"^response-body-|^response-.*-(one|any)-of-added")
"""Rules about a value that no member names: whoever calls the operation has it."""

_GROWN = re.compile(r"^response-.*property-added")

_NO_LONGER_TOLD = re.compile(r"non-success-status-removed")
"""An error that is told otherwise now, or not at all: it breaks no contract, and who looks for its status."""

_FOREIGN = ("webhook", "callback")
_SAID = 300


class Answer(StrEnum):
    """What a finding means for one consumer."""

    BREAKS = "breaks"
    NO_BREAK = "no break found"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """One finding and one consumer.

    `finding` is None for an error of the compiler that no finding explains, such as a schema that got another name.
    `place` is "file:line:column", empty when nothing in the code is concerned; `more` counts the further errors of the
    same cause, `only_tests` says that all of them stand in tests.
    """

    consumer: str
    finding: Finding | None
    answer: Answer
    because: str
    place: str = ""
    more: int = 0
    only_tests: bool = False

    @property
    def decides(self) -> bool:
        """Whether it speaks against the change: a break, or a breaking finding of which nothing can be told."""
        if self.answer is Answer.BREAKS:
            return True
        breaking = self.finding is not None and self.finding.severity is Severity.BREAKING
        return breaking and self.answer is Answer.CANNOT_TELL


def causes_of(findings: Iterable[Finding], old: Snapshot, new: Snapshot) -> tuple[Cause, ...]:
    """Return the findings with the members of the types they are about."""
    causes: list[Cause] = []
    first = 0
    for finding in findings:
        anchors = anchors_of(finding, old, new)
        causes.append(Cause(finding, anchors, first))
        first += len(anchors)
    return tuple(causes)


def can_matter(cause: Cause, new: Snapshot) -> bool:
    """Whether a finding can break somebody: what only grew can where it is sent back to something that refuses more."""
    if _is_asked(cause.finding):
        return True
    return bool(_GROWN.search(cause.finding.id)) and b'"additionalProperties":false' in new.canonical


def _is_asked(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO or bool(_NO_LONGER_TOLD.search(finding.id))


def join(causes: Sequence[Cause], proof: ConsumerProof, old: Snapshot | None) -> tuple[Impact, ...]:
    """Answer every finding that can break somebody, and every new error of the compiler, for one consumer.

    `old` is the document its code was written for; without it, as without `proof.usage`, nothing can be told.
    """
    usage = proof.usage
    if usage is None or old is None:
        unread = [_unread(cause, proof) for cause in causes if _is_asked(cause.finding)]
        return (*unread, *_unexplained(proof.consumer, proof.breaks))
    components = Components(old.document)
    caused, loose = attribute(proof.breaks, usage, causes, components)
    rest, followed = _without_consequences(causes, caused, loose)
    answers: list[Impact] = []
    for number, cause in enumerate(causes):
        if number in caused:
            answers.append(_broken(proof.consumer, cause.finding, caused[number], more=followed.get(number, 0)))
        elif _is_asked(cause.finding):
            answers.append(_Question(cause, proof, usage, components, rest).answer())
        elif _GROWN.search(cause.finding.id):
            answers += _Question(cause, proof, usage, components, rest).carried()
    return (*answers, *_unexplained(proof.consumer, rest))


def _without_consequences(
    causes: Sequence[Cause], caused: Mapping[int, Sequence[Diagnostic]], errors: Sequence[Diagnostic]
) -> tuple[list[Diagnostic], dict[int, int]]:
    """Take out errors behind a call that is gone, in the same file: its answer has no type any more. Count them."""
    rest: list[Diagnostic] = []
    followed: dict[int, int] = {}
    for error in errors:
        roots = [
            number
            for number, found in caused.items()
            if causes[number].removes_operation and any(one.file == error.file and one < error for one in found)
        ]
        for number in roots[:1]:
            followed[number] = followed.get(number, 0) + 1
        rest += [] if roots else [error]
    return rest, followed


def _broken(consumer: str, finding: Finding | None, errors: Sequence[Diagnostic], *, more: int = 0) -> Impact:
    first = min(errors, key=lambda error: (is_test_file(error.file), error.file, error.line, error.column))
    said = first.message.partition("\n")[0][:_SAID]
    return Impact(
        consumer=consumer,
        finding=finding,
        answer=Answer.BREAKS,
        because=f"{first.code}: {said}",
        place=f"{first.file}:{first.line}:{first.column}",
        more=len(errors) - 1 + more,
        only_tests=is_test_file(first.file),
    )


def _unexplained(consumer: str, errors: Sequence[Diagnostic]) -> list[Impact]:
    """Errors of one name are one cause: a type that is gone breaks every line that imports it."""
    groups: dict[str, list[Diagnostic]] = {}
    for error in errors:
        quoted = re.search(r"'([^']{1,200})'", error.message)
        groups.setdefault(quoted[1] if quoted else f"{error.file}:{error.line}", []).append(error)
    return [_broken(consumer, None, group) for group in groups.values()]


def _unread(cause: Cause, proof: ConsumerProof) -> Impact:
    return Impact(
        consumer=proof.consumer, finding=cause.finding, answer=Answer.CANNOT_TELL, because=f"it {_unproved(proof)}"
    )


def _unproved(proof: ConsumerProof) -> str:
    return proof.summary if proof.summary.startswith("does not") else f"could not be judged: {proof.summary}"


@dataclass(frozen=True, slots=True)
class _Question:
    """One finding that no error of the compiler was traced to."""

    cause: Cause
    proof: ConsumerProof
    usage: Usage
    components: Components
    rest: Sequence[Diagnostic]

    def answer(self) -> Impact:
        """Decide by what the consumer uses, then by what the types show, then by how it uses it."""
        if any(use.way in _FOREIGN for use in self.cause.finding.uses) and not self.cause.operations:
            return self._say(Answer.CANNOT_TELL, "types cannot show what it serves to a webhook or callback")
        if self.proof.already_broken:
            broken = f"does not compile against the old types: {self.proof.already_broken[0]}"
            return self._say(Answer.CANNOT_TELL, f"it {broken if self.proof.breaks else _unproved(self.proof)}")
        if self.proof.outcome is Outcome.NO_DATA:
            return self._say(Answer.CANNOT_TELL, f"it {_unproved(self.proof)}")
        calls = self._calls()
        if self.cause.removes_operation:
            return self._removed(calls)
        touched = calls or self._touching()
        if not touched:
            return self._unused()
        if self._unshown():
            what = "types cannot show this kind of change"
            return self._say(Answer.CANNOT_TELL, f"{what}, and it {_uses(touched[0])}", touched[0])
        return self._shown(touched)

    def carried(self) -> list[Impact]:
        """Tell of an answer that grew where it is sent on as a whole: what takes it may refuse what is new in it."""
        found = [use for use in self.usage.uses if use.way in ("carried", "deep") and self._grown(use.path)]
        said = "it sends on what it gets, and what is new in it with it"
        return [self._say(Answer.CANNOT_TELL, said, _first(found))] if found else []

    def _grown(self, path: TypePath) -> bool:
        return any(anchor[:-1] == path for anchor in self.cause.anchors)

    def _removed(self, calls: Sequence[Call | Use]) -> Impact:
        certain = [call for call in calls if not isinstance(call, Call) or call.method]
        if certain:
            return self._say(Answer.BREAKS, "it calls an operation that is removed", _first(certain))
        if calls:
            return self._say(
                Answer.CANNOT_TELL, f"it may call it: {_uses(calls[0])} by a method unknown here", calls[0]
            )
        return self._unused()

    def _unused(self) -> Impact:
        blind = self._escapes(everything=True)
        if blind:
            return self._say(Answer.CANNOT_TELL, f"it may be used past the types: {blind[0]}", blind[0])
        operations = sorted(self.cause.operations)
        what = operations[0] if operations else "it"
        more = f" nor {len(operations) - 1} more" if len(operations) > 1 else ""
        return self._say(Answer.NO_BREAK, f"does not use {what}{more}")

    def _shown(self, touched: Sequence[Call | Use]) -> Impact:
        blind = self._escapes(everything=False)
        if blind:
            return self._say(Answer.CANNOT_TELL, f"the types do not look there: {blind[0]}", blind[0])
        untyped = [one for one in touched if isinstance(one, Call) and not self._checked(one)]
        if untyped:
            return self._say(Answer.CANNOT_TELL, "its call is not checked by the types", untyped[0])
        if _ABSENT.search(self.cause.finding.id) and not self.usage.strict_null_checks:
            return self._say(Answer.CANNOT_TELL, "its tsconfig turns strictNullChecks off", touched[0])
        if self.rest:
            return self._say(Answer.CANNOT_TELL, f"errors cannot be told apart: {self.rest[0]}", touched[0])
        exact = touched if _AS_A_WHOLE.search(self.cause.finding.id) else self._exact()
        if exact:
            said = "the compiler accepts it there; what becomes of another value, types cannot show"
            return self._say(Answer.CANNOT_TELL, said, _first(exact))
        left_out = {one.file for one in self.usage.escapes if one.kind == "outside"}
        uncompiled = [one for one in touched if one.file in left_out]
        if uncompiled:
            return self._say(Answer.CANNOT_TELL, "its tsconfig leaves that file out", uncompiled[0])
        return self._say(Answer.NO_BREAK, "compiles against the new types and touches nothing that changed", touched[0])

    def _checked(self, call: Call) -> bool:
        """Whether the types look at the part of a call that changed."""
        if "request" not in self.cause.finding.id:
            return call.asserted
        anchors = self.cause.anchors
        if call.typed:
            return all(any(self._covers(path, anchor) for path in call.checks) for anchor in anchors)
        return call.named and all(anchor[0] == "components" or "requestBody" in anchor for anchor in anchors)

    def _covers(self, path: TypePath, anchor: TypePath) -> bool:
        """Whether a value of the member `path` is checked down to `anchor`: an operation's body is of components."""
        if self.components.holds(path, anchor):
            return True
        whole = (path[0] == "operations" and len(path) == 2) or (path[0] == "paths" and len(path) <= 3)
        return anchor[0] == "components" and (whole or "requestBody" in path)

    def _calls(self) -> list[Call | Use]:
        wanted = self.cause.operations
        paths = {operation.partition(" ")[2] for operation in wanted}
        found: list[Call | Use] = [
            call
            for call in self.usage.calls
            if (f"{call.method} {call.path}" in wanted if call.method else call.path in paths)
        ]
        found += [use for use in self.usage.uses if wanted.intersection(self.usage.named_by(use.path))]
        return sorted(found, key=_order)

    def _touching(self) -> list[Call | Use]:
        """Uses of the schema that a finding is about, whichever operation brought it."""
        roots = {anchor[:3] for anchor in self.cause.anchors if anchor[0] == "components"}
        found = [
            use
            for use in self.usage.uses
            if len(use.path) > 2 and any(self.components.holds(use.path[:3], root) for root in roots)
        ]
        return sorted(found, key=_order)

    def _exact(self) -> list[Use]:
        """Uses of the very thing that changed, except those that the compiler has proved to be good."""
        found = []
        for use in self.usage.uses:
            whole = use.way == "dynamic" and any(anchor[:-1] == use.path for anchor in self.cause.anchors)
            whole = whole or (
                use.way == "deep" and any(self.components.holds(use.path, one) for one in self.cause.anchors)
            )
            named = any(use.path[: len(anchor)] == anchor for anchor in self.cause.anchors)
            if (whole or named) and not self._proved(use):
                found.append(use)
        return sorted(found, key=_order)

    def _proved(self, use: Use) -> bool:
        """Whether a use that compiles cannot break: what is written was checked, what is read was expected."""
        rule = self.cause.finding.id
        if use.way == "through":
            return True
        if "request" in rule:
            return use.way != "write" or not _TAKEN.search(rule)
        if use.way == "defaulted":
            return bool(_ABSENT.search(rule)) and "nullable" not in rule
        return use.way == "write" or (use.way == "guarded" and bool(_ABSENT.search(rule)))

    def _unshown(self) -> bool:
        if _UNSHOWN.search(self.cause.finding.id) or not self.cause.anchors:
            return True
        start = self.cause.first
        return "differs" not in self.usage.shown[start : start + len(self.cause.anchors)]

    def _escapes(self, *, everything: bool) -> list[Escape]:
        """Return where the code may reach the thing past the types; with `everything`, although it does not name it."""
        api_files = {use.file for use in self.usage.uses} | {call.file for call in self.usage.calls}
        found = [one for one in self.usage.escapes if self._concerns(one, api_files, everything=everything)]
        return sorted(found, key=_order)

    def _concerns(self, escape: Escape, api_files: set[str], *, everything: bool) -> bool:
        if escape.kind == "fetch":
            return True
        if escape.kind == "outside":
            return False
        if escape.kind == "unchecked":
            return escape.file in api_files
        if escape.kind in _ONE_WAY and ("request" in self.cause.finding.id) is not _ONE_WAY[escape.kind]:
            return False
        if escape.kind.startswith("ts-") and any(
            call.file == escape.file and call.line == escape.line + 1 for call in self._calls()
        ):
            return True
        if escape.kind == "non-null":  # it takes null away from that very member, and from nothing inside it
            absent = not everything and _ABSENT.search(self.cause.finding.id)
            return bool(absent) and any(path in self.cause.anchors for path in escape.paths)
        operations = self.cause.operations
        return any(
            operations.intersection(self.usage.named_by(path))
            or any(self.components.holds(path, anchor) for anchor in self.cause.anchors)
            for path in escape.paths
        )

    def _say(self, answer: Answer, because: str, at: Call | Use | Escape | None = None) -> Impact:
        return Impact(
            consumer=self.proof.consumer,
            finding=self.cause.finding,
            answer=answer,
            because=because,
            place=f"{at.file}:{at.line}:{at.column}" if at else "",
            only_tests=bool(at and is_test_file(at.file)),
        )


def _first(places: Sequence[Call | Use]) -> Call | Use:
    return min(places, key=_order)


def _order(place: Call | Use | Escape) -> tuple[bool, str, int, int]:
    return is_test_file(place.file), place.file, place.line, place.column


def _uses(place: Call | Use) -> str:
    return f"calls it at {place}" if isinstance(place, Call) else f"names it at {place}"
