"""What does a consumer's code do with the API's types: which operations, which members, and where does it leave them?

Asked of the TypeScript 5.9 compiler by `node/usage/main.mjs`, which parses and resolves the code and runs none of it.
The Node process that answers lives on, so that several consumers share what it has parsed of the compiler's own files.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olorin_pipelines.errors import ToolFailed
from olorin_pipelines.typegen.compiler import Diagnostic
from olorin_pipelines.typegen.testfiles import is_test_file
from olorin_pipelines.typegen.toolchain import Toolchain
from olorin_pipelines.typegen.worker import worker_of

__all__ = ["Call", "Context", "Escape", "Question", "TypePath", "Usage", "Use"]

TypePath = tuple[str, ...]
"""Names from the outermost interface of the types file inwards, such as ("components", "schemas", "Case", "title")."""


@dataclass(frozen=True, slots=True)
class Use:
    """A place that names a member of the types.

    `way` is "read", "guarded" (a read that expects null or nothing), "defaulted" (one that expects nothing, but no
    null), "asserted" (a read with `!`), "dynamic" (a read of any member of it), "deep" (or of theirs), "carried" (it is
    sent on as a whole), "write", or "type" and "through" for types; `line` and `column` are 1-based.
    """

    file: str
    line: int
    column: int
    path: TypePath
    way: str

    def __str__(self) -> str:
        """Return the place."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Call:
    """A place that calls an operation; `method` is None when it cannot be told.

    `typed` says that the types check the path, and `checks` which members its parameters are made of; `asserted` that
    its answer is one of the types, and `named` that the body of a call past the types is.
    """

    file: str
    line: int
    column: int
    method: str | None
    path: str
    typed: bool
    asserted: bool = False
    named: bool = False
    checks: tuple[TypePath, ...] = ()

    def __str__(self) -> str:
        """Return the place."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Escape:
    """A place where the types do not look.

    `kind` is "any", "loose" (to a type that says less), "assumed" (data nobody checked is taken for them), "cast",
    "non-null", "ts-ignore", "ts-expect-error", "unchecked" (a whole file), "outside" (one that no project compiles) or
    "fetch" (sends to an address that cannot be told from the code); `paths` are the members of the types it deals with,
    if known.
    """

    file: str
    line: int
    column: int
    kind: str
    text: str
    paths: tuple[TypePath, ...]

    def __str__(self) -> str:
        """Return what and where."""
        return f"{_NAMES.get(self.kind, self.kind)} at {self.file}:{self.line}"


_NAMES = {
    "fetch": "a request to an address unknown here",
    "unchecked": "unchecked code",
    "non-null": "`!`",
    "any": "`any`",
    "loose": "a type that says less",
    "assumed": "data nobody checked, taken for the API's,",
}


@dataclass(frozen=True, slots=True)
class Context:
    """What a place of a diagnostic deals with, nearest first; `calls` are the operations called around it."""

    near: tuple[TypePath, ...] = ()
    typed: tuple[TypePath, ...] = ()
    around: tuple[TypePath, ...] = ()
    calls: tuple[tuple[str | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Everything one consumer does with the types.

    `contexts` answers the places that were asked about, `shown` the members ("same", "differs" or "absent" when the
    old types are compared with the new); `named` says which operations an operationId stands for.
    """

    strict_null_checks: bool
    files: int
    uses: tuple[Use, ...]
    calls: tuple[Call, ...]
    escapes: tuple[Escape, ...]
    shown: tuple[str, ...]
    named: Mapping[str, tuple[tuple[str, str], ...]]
    contexts: tuple[Context, ...] = ()

    @property
    def operations(self) -> dict[str, str]:
        """Return the operations it uses, such as "GET /cases", each with the first place that does."""
        found: dict[str, str] = {}
        for call in sorted(self.calls, key=lambda one: (not one.typed, one.file, one.line)):
            found.setdefault(f"{call.method or 'ANY'} {call.path}", str(call))
        for use in self.uses:
            for operation in self.named_by(use.path):
                found.setdefault(operation, str(use))
        return dict(sorted(found.items(), key=lambda item: item[0].partition(" ")[::-2]))

    def named_by(self, path: TypePath) -> tuple[str, ...]:
        """Return the operations a member of the types belongs to; none for a shared component."""
        if path[0] == "operations" and len(path) > 1:
            return tuple(f"{method} {template}" for method, template in self.named.get(path[1], ()))
        if path[0] == "paths" and len(path) > 2:
            return (f"{path[2].upper()} {path[1]}",)
        return ()

    def counts(self) -> dict[str, int]:
        """Return how often the code (its tests left out) is typed and how often it is not, by kind."""
        kinds = Counter(escape.kind for escape in self.escapes if not is_test_file(escape.file))
        calls = [call for call in self.calls if not is_test_file(call.file)]
        typed = sum(call.typed for call in calls)
        uses = sum(not is_test_file(use.file) for use in self.uses)
        return {
            "typed_calls": typed,
            "untyped_calls": len(calls) - typed,
            "typed_uses": uses,
            **dict(sorted(kinds.items())),
        }


@dataclass(frozen=True, slots=True)
class Question:
    """A staged copy whose types file, `types`, is the old one; `generated` are further files its author did not write.

    `anchors` are members to compare between the old types and `new_types`; files of the projects `others` are compiled
    by these, so that this one does not leave them out.
    """

    copy: Path
    project: str
    types: str
    generated: Sequence[str]
    new_types: Path
    anchors: Sequence[TypePath]
    others: Sequence[str] = ()

    def ask(self, toolchain: Toolchain, *, timeout: float) -> Usage:
        """Return what the code does, without contexts; raise ToolFailed when the script does not answer."""
        with _told():
            return _read(self._answer("usage", {}, toolchain, timeout))

    def contexts(self, places: Sequence[Diagnostic], toolchain: Toolchain, *, timeout: float) -> tuple[Context, ...]:
        """Return what stands at each place; cheap after `ask`, which the process remembers. Raise ToolFailed."""
        more = {"places": [{"file": place.file, "line": place.line, "column": place.column} for place in places]}
        with _told():
            return _contexts(self._answer("contexts", more, toolchain, timeout))

    def _answer(self, operation: str, more: Mapping[str, Any], tools: Toolchain, timeout: float) -> Mapping[str, Any]:
        question = {
            "root": str(self.copy),
            "project": self.project,
            "types": self.types,
            "generated": list(self.generated),
            "newTypes": str(self.new_types),
            "anchors": [list(anchor) for anchor in self.anchors],
            "others": list(self.others),
            **more,
        }
        return worker_of(tools).ask(operation, json.dumps(question).encode(), timeout=timeout)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ToolFailed as error:
        raise ToolFailed(f"its use of the API could not be read: {error.message}", tool="usage") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ToolFailed(f"its use of the API could not be read: {error}", tool="usage") from error


def _read(said: Mapping[str, Any]) -> Usage:
    return Usage(
        strict_null_checks=said["strictNullChecks"],
        files=said["files"],
        uses=tuple(Use(**{**use, "path": tuple(use["path"])}) for use in said["uses"]),
        calls=tuple(Call(**{**call, "checks": _paths(call.get("checks", ()))}) for call in said["calls"]),
        escapes=tuple(Escape(**{**one, "paths": _paths(one["paths"])}) for one in said["escapes"]),
        shown=tuple(said["shown"]),
        named={name: tuple((method, path) for method, path in found) for name, found in said["named"].items()},
    )


def _contexts(said: Mapping[str, Any]) -> tuple[Context, ...]:
    return tuple(
        Context(
            _paths(one["near"]),
            _paths(one["typed"]),
            _paths(one["around"]),
            tuple((call["method"], call["path"]) for call in one["calls"]),
        )
        for one in said["contexts"]
    )


def _paths(paths: Sequence[Sequence[str]]) -> tuple[TypePath, ...]:
    return tuple(tuple(path) for path in paths)
