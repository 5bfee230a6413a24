"""What does the TypeScript compiler say about a project? Its diagnostics, as values.

Diagnostics inside source files are separate from faults of the configuration: after a fault the compiler may not have
looked at the sources at all, so a fault is never read as "no diagnostic".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from olorin_pipelines.errors import ToolFailed
from olorin_pipelines.typegen.process import last_lines, plain, run

__all__ = ["Compilation", "Diagnostic", "compile_project", "read_output"]

_IN_FILE = re.compile(r"(?P<file>\S.*?)\((?P<line>\d+),(?P<column>\d+)\): error (?P<code>TS\d+): (?P<message>.*)")
_GLOBAL = re.compile(r"error (?P<code>TS\d+): (?P<message>.*)")
_REACHED = re.compile(r"\s+(Imported|Referenced) via ")
_MAX_MESSAGE = 2000


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One error of the compiler: `file` relative to the project, `line` and `column` 1-based, `code` like "TS2339"."""

    file: str
    line: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        """Return place, code and the first line of the message."""
        return f"{self.file}:{self.line} ({self.code}): {self.message.partition(chr(10))[0][:300]}"


@dataclass(frozen=True, slots=True)
class Compilation:
    """What one run said: `faults` are errors of the configuration, `imported` the files that another file imports."""

    diagnostics: tuple[Diagnostic, ...]
    faults: tuple[str, ...]
    imported: frozenset[str]


def compile_project(
    command: Sequence[str], arguments: Sequence[str], *, directory: Path, root: Path | None = None, timeout: float
) -> Compilation:
    """Compile without output in `directory`; raise ToolFailed when the compiler fails rather than judges.

    Paths are given relative to `directory`, or to `root` above it.
    """
    ended = run([*command, *arguments, "--noEmit", "--pretty", "false"], tool="tsc", cwd=directory, timeout=timeout)
    result = read_output(plain(ended.stdout), hide=(directory, root or directory))
    clean = not result.diagnostics and not result.faults
    if ended.code not in (0, 1, 2) or clean != (ended.code == 0):
        said = last_lines(ended.stderr if ended.stderr.strip() else ended.stdout)
        raise ToolFailed(f"tsc ended with code {ended.code}: {said}", tool="tsc")
    return result


def read_output(output: str, *, hide: Sequence[Path] = ()) -> Compilation:
    """Read what `tsc --pretty false [--explainFiles]` printed; the paths in `hide` are cut off from all others."""
    found: list[Diagnostic] = []
    faults: list[str] = []
    imported: set[str] = set()
    current: dict[str, str] | None = None
    listed = ""

    def close() -> None:
        nonlocal current
        if current is None:
            return
        message = current["message"][:_MAX_MESSAGE]
        file = current.get("file", "")
        if not file or file.endswith(".json"):
            faults.append(f"{file + ': ' if file else ''}{current['code']}: {message}")
        else:
            found.append(Diagnostic(file, int(current["line"]), int(current["column"]), current["code"], message))
        current = None

    for path in hide:
        output = output.replace(f"{path}/", "")
    for line in output.split("\n"):
        match = _IN_FILE.fullmatch(line) or _GLOBAL.fullmatch(line)
        if match:
            close()
            current = match.groupdict()
        elif current is not None and line[:1] == " ":
            current["message"] += "\n" + line
        elif line[:1] != " ":
            close()
            listed = line
        elif _REACHED.match(line):
            imported.add(listed)
    close()
    return Compilation(tuple(sorted(set(found))), tuple(faults), frozenset(imported))
