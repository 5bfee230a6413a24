"""Does a consumer still compile against the new types? Only what the old types did not break counts."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from olorin_pipelines.errors import ToolFailed, UsageError
from olorin_pipelines.gate import Outcome
from olorin_pipelines.typegen.bundle import Bundle
from olorin_pipelines.typegen.compiler import Compilation, Diagnostic, compile_project
from olorin_pipelines.typegen.frontend import declared
from olorin_pipelines.typegen.staging import Copy, check_types_path, stage
from olorin_pipelines.typegen.testfiles import is_test_file
from olorin_pipelines.typegen.toolchain import Toolchain, find_toolchain
from olorin_pipelines.typegen.usage import Question, TypePath, Usage

__all__ = ["ConsumerProof", "prove", "usage_of"]

_MOST_PLACES = 200


@dataclass(frozen=True, slots=True)
class ConsumerProof:
    """The answer for one consumer.

    PASS: nothing new is wrong. FAIL: `breaks` are wrong only against the new types. NO_DATA: it cannot be told, for
    instance because the consumer does not compile against the old types either (`already_broken`), or its compiler
    does not end. NOT_APPLICABLE: there are no old types. `usage` is what its code does with the types, when it was
    asked and the code could be read; `compile_seconds` is the part of `seconds` that both compiles took. Without
    `imports_types` nothing in the project imports the types, so that the types can show nothing.
    """

    consumer: str
    outcome: Outcome
    summary: str
    breaks: tuple[Diagnostic, ...] = ()
    already_broken: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0
    usage: Usage | None = None
    compile_seconds: float = 0.0
    imports_types: bool = True

    @property
    def only_tests(self) -> bool:
        """Whether it breaks in its tests and nowhere else."""
        return bool(self.breaks) and all(is_test_file(found.file) for found in self.breaks)


@dataclass(frozen=True, slots=True)
class _Pair:
    """One compiler's view of the consumer with the old types and with the new."""

    old: Compilation
    new: Compilation

    @property
    def faults(self) -> tuple[str, ...]:
        return self.old.faults + self.new.faults

    @property
    def usable(self) -> bool:
        return not self.faults and not self.old.diagnostics


@dataclass(slots=True)
class _Clock:
    started: float = field(default_factory=time.monotonic)
    compiled: float = 0.0


def prove(
    consumer: Path,
    *,
    name: str,
    types: str,
    old: Bundle | None,
    new: Bundle,
    tsconfig: str = "tsconfig.json",
    anchors: Sequence[TypePath] | None = None,
    others: Sequence[str] = (),
    toolchain: Toolchain | None = None,
    timeout: float = 60,
) -> ConsumerProof:
    """Compile the project in folder `consumer` against `old`, then `new`; `types` is the file in it that they replace.

    The consumer's files are not touched. TypeScript 7 judges; where it refuses the project or the old types,
    TypeScript 5.9 is asked, because 7 has removed options and changed defaults. With `anchors` (members of the types
    that changed, perhaps none) the use of the API is read too; `others` are tsconfig files of the same consumer that
    are asked by themselves. Each program may take `timeout` seconds. Raise
    UsageError for a `types` outside the consumer, ToolMissing without the tools.
    """
    clock = _Clock()
    path, project = check_types_path(types), check_project_path(tsconfig)

    def answer(
        outcome: Outcome,
        summary: str,
        breaks: Sequence[Diagnostic] = (),
        broken: Sequence[Diagnostic] = (),
        usage: Usage | None = None,
    ) -> ConsumerProof:
        seconds = round(time.monotonic() - clock.started, 3)
        return ConsumerProof(
            name, outcome, summary, tuple(breaks), tuple(broken), seconds, usage, round(clock.compiled, 3)
        )

    if old is None:
        return answer(Outcome.NOT_APPLICABLE, "there are no old types to compare with")
    if not consumer.is_dir():
        return answer(Outcome.NO_DATA, f"{consumer} is not there")
    if not (consumer / project).is_file():
        return answer(Outcome.NO_DATA, f"{consumer} has no {tsconfig}")
    same = old.types.read_bytes() == new.types.read_bytes()
    if same and anchors is None:
        return answer(Outcome.PASS, "the types did not change")
    with tempfile.TemporaryDirectory(prefix="olorin-proof-") as folder:
        staged = _stage(consumer, path, (old, new), Path(folder).resolve(), project)
        tools = toolchain or find_toolchain()
        question = _question(staged[0], path, new, anchors or (), others)
        with ThreadPoolExecutor(max_workers=1) as beside:  # its use of the API is read while the compilers work
            reading = beside.submit(question.ask, tools, timeout=timeout) if anchors is not None else None
            try:
                pair = _compile(staged[:1] if same else staged, tools, timeout, clock)
            except ToolFailed as error:
                return answer(Outcome.NO_DATA, f"its compiler gave no answer: {error.message}")
        if pair.faults:
            return answer(Outcome.NO_DATA, f"its project cannot be compiled: {pair.faults[0]}")
        if str(path) not in pair.old.imported:
            said = f"nothing that its {tsconfig} includes imports {path}"
            return replace(answer(Outcome.NO_DATA, said), imports_types=False)
        broken = pair.old.diagnostics
        made = {str(path), *staged[0].generated}
        breaks = _subtract(pair.new.diagnostics, broken, made)
        usage, unread = None, ""
        if reading is not None:
            try:
                usage = reading.result()
                if breaks:
                    contexts = question.contexts(breaks[:_MOST_PLACES], tools, timeout=timeout)
                    usage = replace(usage, contexts=contexts)
            except ToolFailed as error:
                unread = error.message
    if breaks:
        return answer(Outcome.FAIL, _told(breaks), breaks, broken, usage)
    if broken:
        return answer(Outcome.NO_DATA, _why_broken(broken), (), broken, usage)
    worse = _subtract(new.diagnostics, old.diagnostics, {new.types.name})
    if worse:
        return answer(Outcome.NO_DATA, f"the new types do not compile themselves: {worse[0]}")
    if unread:
        return answer(Outcome.NO_DATA, unread)
    return answer(Outcome.PASS, "compiles against the new types as it did against the old", usage=usage)


def usage_of(
    consumer: Path,
    *,
    types: str,
    bundle: Bundle,
    tsconfig: str = "tsconfig.json",
    toolchain: Toolchain | None = None,
    timeout: float = 60,
) -> Usage:
    """Return what the project in folder `consumer` does with the types of one document, without compiling it.

    Raise UsageError without a project, ToolFailed when its code cannot be read within `timeout` seconds.
    """
    path, project = check_types_path(types), check_project_path(tsconfig)
    if not (consumer / project).is_file():
        raise UsageError(f"{consumer} has no {tsconfig}", hint="name its folder and its project: --tsconfig FILE")
    with tempfile.TemporaryDirectory(prefix="olorin-proof-") as folder:
        copy = _stage(consumer, path, (bundle,), Path(folder).resolve(), project)[0]
        return _question(copy, path, bundle, (), ()).ask(toolchain or find_toolchain(), timeout=timeout)


def check_project_path(tsconfig: str) -> PurePosixPath:
    """Return `tsconfig` as a path inside a consumer; raise UsageError when it is not one of a JSON file."""
    return check_types_path(tsconfig, suffixes=(".json",), example="tsconfig.app.json")


def _told(breaks: Sequence[Diagnostic]) -> str:
    """Say the first break outside tests, and how many places there are."""
    first = next((found for found in breaks if not is_test_file(found.file)), breaks[0])
    more = f" and in {len(breaks) - 1} more places" if len(breaks) > 1 else ""
    where = "breaks only in its tests, at" if is_test_file(first.file) else "breaks at"
    return f"{where} {first}{more}"


def _why_broken(broken: Sequence[Diagnostic]) -> str:
    missing = next((found for found in broken if found.code in ("TS2307", "TS2688", "TS7016")), None)
    hint = " (are its dependencies installed?)" if missing else ""
    return f"does not compile against the old types either: {missing or broken[0]}{hint}"


def _stage(
    consumer: Path, types: PurePosixPath, bundles: Sequence[Bundle], folder: Path, project: PurePosixPath
) -> list[Copy]:
    return [
        stage(
            consumer,
            types,
            bundle.types.read_bytes(),
            folder / side,
            tsconfig=str(project),
            beside=declared() if types.name == "schema.d.ts" else None,
        )
        for bundle, side in zip(bundles, ("old", "new"), strict=False)
    ]


def _compile(copies: Sequence[Copy], toolchain: Toolchain, timeout: float, clock: _Clock) -> _Pair:
    started = time.monotonic()
    pairs: list[_Pair] = []
    for command in (toolchain.native_compiler, toolchain.classic_compiler):
        results = _both(command, copies, timeout)
        pairs.append(_Pair(results[0], results[-1]))
        if pairs[-1].usable:
            break
    clock.compiled = time.monotonic() - started
    if pairs[-1].usable:
        return pairs[-1]
    return next((pair for pair in pairs if not pair.faults), pairs[-1])


def _both(command: Sequence[str], copies: Sequence[Copy], timeout: float) -> list[Compilation]:
    def one(copy: Copy) -> Compilation:
        arguments = ["-p", copy.project, "--explainFiles"]
        return compile_project(command, arguments, directory=copy.folder, root=copy.root, timeout=timeout)

    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(one, copies))


def _question(
    copy: Copy, types: PurePosixPath, new: Bundle, anchors: Sequence[TypePath], others: Sequence[str]
) -> Question:
    return Question(
        copy=copy.folder,
        project=copy.project,
        types=str(types),
        generated=copy.generated,
        new_types=new.types.resolve(),
        anchors=anchors,
        others=others,
    )


def _subtract(new: Sequence[Diagnostic], old: Sequence[Diagnostic], made: set[str]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of `new` that `old` lacks; `made` are the generated files.

    A message quotes whole types, so at a place that was already broken a different message is not a new break. Inside
    generated files it is the lines that move.
    """

    def identity(found: Diagnostic) -> tuple[object, ...]:
        detail = (found.code, found.message) if found.file in made else (found.line, found.column)
        return (found.file, *detail)

    known = {identity(found) for found in old}
    return tuple(found for found in new if identity(found) not in known)
