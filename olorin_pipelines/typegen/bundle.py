"""Which TypeScript types does a document have, and do they compile? Generated once per content and kept.

A bundle is a folder `<store>/<key>/` whose key names everything its content depends on: the document, the tools, the
options and the script. It appears whole or not at all; one that was damaged is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from olorin_pipelines.errors import ToolFailed
from olorin_pipelines.typegen.compiler import Diagnostic, compile_project
from olorin_pipelines.typegen.process import last_lines, run
from olorin_pipelines.typegen.toolchain import NODE_DIR, Toolchain, find_toolchain, lock_digest

__all__ = ["Bundle", "generate"]

TYPES = "schema.d.ts"
RESULT = "compile.json"
_SCRIPT = NODE_DIR / "generate.mjs"
_OPTIONS = ("--ignoreConfig", "--strict", "--skipDefaultLibCheck", "--module", "esnext", "--lib", "es2022")


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

    A bundle in the store is returned without starting a program. Each of the two programs may take `timeout` seconds.
    Raise ToolFailed when no types can be made (the message says why), ToolMissing when the tools are not installed.
    """
    started = time.monotonic()
    key = bundle_key(canonical, digest=digest)
    directory = store / key
    diagnostics = _read(directory)
    cached = diagnostics is not None
    if diagnostics is None:
        diagnostics = _make(canonical, directory, toolchain or find_toolchain(), timeout)
    seconds = round(time.monotonic() - started, 3)
    return Bundle(key, directory, directory / TYPES, cached, seconds, diagnostics)


def bundle_key(canonical: bytes, *, digest: str) -> str:
    """Return the SHA-256 over the document, its digest, the tools' lockfile, the options and the script."""
    parts = [
        digest,
        hashlib.sha256(canonical).hexdigest(),
        lock_digest(),
        hashlib.sha256(_SCRIPT.read_bytes()).hexdigest(),
        list(_OPTIONS),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _read(directory: Path) -> tuple[Diagnostic, ...] | None:
    """Read a bundle of the store; None when it is absent, incomplete or not what was written."""
    try:
        result = json.loads((directory / RESULT).read_bytes())
        if result["sha256"] != hashlib.sha256((directory / TYPES).read_bytes()).hexdigest():
            return None
        return tuple(Diagnostic(**entry) for entry in result["diagnostics"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _make(canonical: bytes, directory: Path, toolchain: Toolchain, timeout: float) -> tuple[Diagnostic, ...]:
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=directory.parent) as name:
        made = Path(name).resolve() / "bundle"
        made.mkdir()
        command = [str(toolchain.node), str(_SCRIPT)]
        if toolchain.modules.parent != NODE_DIR:
            command[1] = str(_script_beside(toolchain.modules, Path(name)))
        ended = run(command, tool="openapi-typescript", cwd=made, timeout=timeout, stdin=canonical)
        if ended.code != 0 or not ended.stdout:
            raise ToolFailed(f"no types could be made: {last_lines(ended.stderr)}", tool="openapi-typescript")
        (made / TYPES).write_bytes(ended.stdout)
        compiled = compile_project(toolchain.native_compiler, [*_OPTIONS, TYPES], directory=made, timeout=timeout)
        if compiled.faults:
            raise ToolFailed(f"the types could not be compiled: {compiled.faults[0]}", tool="tsc")
        result = {
            "sha256": hashlib.sha256(ended.stdout).hexdigest(),
            "diagnostics": [asdict(diagnostic) for diagnostic in compiled.diagnostics],
        }
        (made / RESULT).write_text(json.dumps(result, indent=1))
        _publish(made, directory, aside=Path(name) / "damaged")
    return compiled.diagnostics


def _script_beside(modules: Path, folder: Path) -> Path:
    """Node finds packages by the folder of the script: put a copy next to packages that live elsewhere."""
    (folder / "node_modules").symlink_to(modules, target_is_directory=True)
    return Path(shutil.copy(_SCRIPT, folder))


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
