"""Does a consumer still compile against the new types? Only what the old types did not break counts."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from olorin_pipelines.gate import Outcome
from olorin_pipelines.typegen.bundle import Bundle
from olorin_pipelines.typegen.compiler import Compilation, Diagnostic, compile_project
from olorin_pipelines.typegen.staging import PROJECT, check_types_path, stage
from olorin_pipelines.typegen.toolchain import Toolchain, find_toolchain

__all__ = ["ConsumerProof", "prove"]


@dataclass(frozen=True, slots=True)
class ConsumerProof:
    """The answer for one consumer.

    PASS: nothing new is wrong. FAIL: `breaks` are wrong only against the new types. NO_DATA: it cannot be told, for
    instance because the consumer does not compile against the old types either (`already_broken`). NOT_APPLICABLE:
    there are no old types.
    """

    consumer: str
    outcome: Outcome
    summary: str
    breaks: tuple[Diagnostic, ...] = ()
    already_broken: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0


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


def prove(
    consumer: Path,
    *,
    name: str,
    types: str,
    old: Bundle | None,
    new: Bundle,
    toolchain: Toolchain | None = None,
    timeout: float = 60,
) -> ConsumerProof:
    """Compile the project in folder `consumer` against `old`, then `new`; `types` is the file in it that they replace.

    The consumer's files are not touched. TypeScript 7 judges; where it refuses the project or the old types,
    TypeScript 5.9 is asked, because 7 has removed options and changed defaults. Each compile may take `timeout`
    seconds. Raise UsageError for a `types` outside the consumer, ToolError when a compiler fails.
    """
    started = time.monotonic()
    path = check_types_path(types)

    def answer(
        outcome: Outcome, summary: str, breaks: Sequence[Diagnostic] = (), broken: Sequence[Diagnostic] = ()
    ) -> ConsumerProof:
        seconds = round(time.monotonic() - started, 3)
        return ConsumerProof(name, outcome, summary, tuple(breaks), tuple(broken), seconds)

    if old is None:
        return answer(Outcome.NOT_APPLICABLE, "there are no old types to compare with")
    if not (consumer / "tsconfig.json").is_file():
        return answer(Outcome.NO_DATA, f"{consumer} has no tsconfig.json")
    before, after = old.types.read_bytes(), new.types.read_bytes()
    if before == after:
        return answer(Outcome.PASS, "the types did not change")
    pair = _compile(consumer, path, (before, after), toolchain or find_toolchain(), timeout)

    if pair.faults:
        return answer(Outcome.NO_DATA, f"its project cannot be compiled: {pair.faults[0]}")
    if str(path) not in pair.old.imported:
        return answer(Outcome.NO_DATA, f"nothing that its tsconfig.json includes imports {path}")
    broken = pair.old.diagnostics
    breaks = _subtract(pair.new.diagnostics, broken, str(path))
    if breaks:
        more = f" and in {len(breaks) - 1} more places" if len(breaks) > 1 else ""
        return answer(Outcome.FAIL, f"breaks at {breaks[0]}{more}", breaks, broken)
    if broken:
        return answer(Outcome.NO_DATA, f"does not compile against the old types either: {broken[0]}", (), broken)
    worse = _subtract(new.diagnostics, old.diagnostics, new.types.name)
    if worse:
        return answer(Outcome.NO_DATA, f"the new types do not compile themselves: {worse[0]}")
    return answer(Outcome.PASS, "compiles against the new types as it did against the old")


def _compile(
    consumer: Path, types: PurePosixPath, contents: tuple[bytes, bytes], toolchain: Toolchain, timeout: float
) -> _Pair:
    with tempfile.TemporaryDirectory(prefix="olorin-proof-") as folder:
        roots = [Path(folder).resolve() / side for side in ("old", "new")]
        copies = [stage(consumer, types, content, root) for content, root in zip(contents, roots, strict=True)]
        pairs: list[_Pair] = []
        for command in (toolchain.native_compiler, toolchain.classic_compiler):
            pair = _Pair(*_both(command, copies, roots, timeout))
            if pair.usable:
                return pair
            pairs.append(pair)
    return next((pair for pair in pairs if not pair.faults), pairs[-1])


def _both(command: Sequence[str], copies: Sequence[Path], roots: Sequence[Path], timeout: float) -> list[Compilation]:
    def one(copy: Path, root: Path) -> Compilation:
        return compile_project(command, ["-p", PROJECT, "--explainFiles"], directory=copy, root=root, timeout=timeout)

    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(one, copies, roots))


def _subtract(new: Sequence[Diagnostic], old: Sequence[Diagnostic], types: str) -> tuple[Diagnostic, ...]:
    """Return the diagnostics of `new` that `old` lacks.

    A message quotes whole types, so at a place that was already broken a different message is not a new break. Inside
    the types file it is the lines that move.
    """

    def identity(found: Diagnostic) -> tuple[object, ...]:
        detail = (found.message,) if found.file == types else (found.line, found.column)
        return (found.file, found.code, *detail)

    known = {identity(found) for found in old}
    return tuple(found for found in new if identity(found) not in known)
