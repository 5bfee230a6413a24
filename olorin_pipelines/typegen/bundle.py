"""Which TypeScript types does a document have, and do they compile? Generated once per content and kept.

A bundle is a folder `<store>/<key>/` whose key names everything its content depends on: the document, the tools, the
options and the scripts. It appears whole or not at all; one that was damaged is made again.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import re
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from olorin_pipelines.errors import ToolFailed
from olorin_pipelines.typegen.compiler import Diagnostic, compile_project
from olorin_pipelines.typegen.process import last_lines, run
from olorin_pipelines.typegen.toolchain import NODE_DIR, Toolchain, find_toolchain, lock_digest
from olorin_pipelines.typegen.worker import GeneratorBroken, worker_of

__all__ = ["TYPES", "Bundle", "generate", "tools_digest", "types_text"]

TYPES = "schema.d.ts"
RESULT = "compile.json"
_OPTIONS = ("--ignoreConfig", "--strict", "--skipDefaultLibCheck", "--module", "esnext", "--lib", "es2022")
_MENDABLE = frozenset({"TS2300", "TS2339", "TS2502"})
"""A name that is used twice, a place that types do not name, a type that is nothing but itself."""

_REFERENCE = re.compile(rb'"\$ref"\s*:\s*"(?!#/)')


@dataclass(frozen=True, slots=True)
class Bundle:
    """The types of one document: `types` is the file, `diagnostics` what compiling it alone (strict) says.

    `cached` tells whether it was already in the store, `seconds` how long this answer took.
    """

    key: str
    directory: Path
    types: Path
    cached: bool
    seconds: float
    diagnostics: tuple[Diagnostic, ...]


def generate(
    canonical: bytes, *, digest: str, store: Path, toolchain: Toolchain | None = None, timeout: float = 60
) -> Bundle:
    """Return the types of a canonical document (JSON, references already inside it), named by its `digest`.

    `digest` must name the content: a bundle that the store has for it is returned without starting a program or reading
    the document. Each of the two programs may take `timeout` seconds.
    Raise ToolFailed when no types can be made (the message says why), ToolMissing when the tools are not installed.
    """
    started = time.monotonic()
    key = bundle_key(digest)
    directory = store / key
    diagnostics = _read(directory)
    cached = diagnostics is not None
    if diagnostics is None:
        diagnostics = _make(canonical, directory, toolchain or find_toolchain(), timeout)
    seconds = round(time.monotonic() - started, 3)
    return Bundle(key, directory, directory / TYPES, cached, seconds, diagnostics)


def bundle_key(digest: str) -> str:
    """Return the SHA-256 over the document's digest, the tools, the options and the scripts."""
    return hashlib.sha256(json.dumps([digest, tools_digest(), *_OPTIONS]).encode()).hexdigest()


@functools.cache
def tools_digest() -> str:
    """Return the SHA-256 over the lockfile and the scripts: whatever makes the same document give other bytes."""
    parts = [lock_digest(), *(script.read_text(encoding="utf-8") for script in sorted(NODE_DIR.glob("*.[cm]js")))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def types_text(canonical: bytes, toolchain: Toolchain, *, timeout: float, mended: bool = False) -> bytes:
    """Return the types of a canonical document as openapi-typescript writes them, not compiled.

    The generator is asked inside the worker; should it break, its command line program is tried. `mended` makes of a
    schema that is nothing but itself one that allows anything, of a second operation of a name one without, and gives a
    name to a schema inside a path that is referred to. Raise ToolFailed.
    """
    operation = "mended_types" if mended else "types"
    try:
        try:
            return str(worker_of(toolchain).ask(operation, canonical, timeout=timeout)["text"]).encode()
        except GeneratorBroken as broken:
            if _REFERENCE.search(canonical):  # the program would follow it, even where it is only data
                raise
            return _by_program(canonical, toolchain, timeout, broken)
    except ToolFailed as error:
        raise ToolFailed(f"no types could be made: {error.message}", tool=error.tool, hint=error.hint) from error


def _by_program(canonical: bytes, toolchain: Toolchain, timeout: float, broken: GeneratorBroken) -> bytes:
    with tempfile.TemporaryDirectory(prefix="olorin-types-") as name:
        folder = Path(name)
        (folder / "openapi.json").write_bytes(canonical)
        program = toolchain.modules / "openapi-typescript" / "bin" / "cli.js"
        command = [str(toolchain.node), str(program), "openapi.json", "--output", TYPES]
        ended = run(command, tool="openapi-typescript", cwd=folder, timeout=timeout)
        if ended.code != 0 or not (folder / TYPES).is_file():
            raise ToolFailed(f"{broken.message}; {last_lines(ended.stderr)}", tool="openapi-typescript") from broken
        return (folder / TYPES).read_bytes()


def _read(directory: Path) -> tuple[Diagnostic, ...] | None:
    """Read a bundle of the store; None when it is absent, incomplete or not what was written.

    A types file of the size and time that were noted is not hashed again: that would be the most of a look-up.
    """
    types = directory / TYPES
    try:
        result = json.loads((directory / RESULT).read_bytes())
        state = types.stat()
        noted = result["size"] == state.st_size and result["mtime_ns"] == state.st_mtime_ns
        if not noted and result["sha256"] != hashlib.sha256(types.read_bytes()).hexdigest():
            return None
        return tuple(Diagnostic(**entry) for entry in result["diagnostics"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _make(canonical: bytes, directory: Path, toolchain: Toolchain, timeout: float) -> tuple[Diagnostic, ...]:
    text = types_text(canonical, toolchain, timeout=timeout)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=directory.parent) as name:
            made = Path(name).resolve() / "bundle"
            made.mkdir()
            found = _compiled(made / TYPES, text, toolchain, timeout)
            if any(diagnostic.code in _MENDABLE for diagnostic in found):
                mended = types_text(canonical, toolchain, timeout=timeout, mended=True)
                found = _compiled(made / TYPES, mended, toolchain, timeout)
            (made / RESULT).write_text(json.dumps(_result(made / TYPES, found), indent=1))
            _publish(made, directory, aside=Path(name) / "damaged")
    except OSError as error:
        raise ToolFailed(
            f"the types cannot be kept in {directory.parent}: {error.strerror or error}",
            tool="openapi-typescript",
            hint="make room on the disk, or let the folder be written",
        ) from error
    return found


def _compiled(types: Path, text: bytes, toolchain: Toolchain, timeout: float) -> tuple[Diagnostic, ...]:
    types.write_bytes(text)
    arguments = [*_OPTIONS, types.name]
    compiled = compile_project(toolchain.native_compiler, arguments, directory=types.parent, timeout=timeout)
    if compiled.faults:
        raise ToolFailed(f"the types could not be compiled: {compiled.faults[0]}", tool="tsc")
    return compiled.diagnostics


def _result(types: Path, diagnostics: tuple[Diagnostic, ...]) -> dict[str, Any]:
    state = types.stat()
    return {
        "sha256": hashlib.sha256(types.read_bytes()).hexdigest(),
        "size": state.st_size,
        "mtime_ns": state.st_mtime_ns,
        "diagnostics": [asdict(diagnostic) for diagnostic in diagnostics],
    }


def _publish(made: Path, directory: Path, *, aside: Path) -> None:
    """Move a finished bundle into place; a damaged one goes aside, a good one that came first stays."""
    with contextlib.suppress(OSError):
        made.replace(directory)
        return
    if _read(directory) is not None:
        return
    with contextlib.suppress(FileNotFoundError):
        directory.replace(aside)
    try:
        made.replace(directory)
    except OSError as error:
        if _read(directory) is None:
            raise ToolFailed(f"the types cannot be kept in {directory}: {error}", tool="openapi-typescript") from error
