"""How is a consumer compiled against other types without touching it? As a copy whose types file is replaced.

Consumers import the types by relative path, which no compiler option redirects, so the sources are copied. Everything
else of their surroundings is linked: `node_modules`, and in a repository the folders beside and above, so that a
shared tsconfig or a workspace package is found where it was.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from olorin_pipelines.errors import UsageError

__all__ = ["PROJECT", "Copy", "check_types_path", "stage"]

PROJECT = "tsconfig.olorin-proof.json"
MAX_FILES = 20_000
MAX_BYTES = 256 * 1024 * 1024

_SOURCES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json")
_GENERATED = re.compile(rb"\bgenerated\b", re.IGNORECASE)
_HEAD = 600
_NEVER = {".git", ".hg", ".svn", ".next", ".turbo", ".venv", "__pycache__"}
_OUTPUT = {"build", "coverage", "dist", "out"}  # only at the top of a consumer
# Nothing is written. Options that need an output would contradict that, and with an output folder or a root folder the
# compiler refuses sources beside it (TS6059), which a workspace has. The compiler's own library is not checked again
# each time: that is half a second with the DOM.
_OVERRIDES = {
    "noEmit": True,
    "composite": False,
    "incremental": False,
    "declaration": False,
    "declarationMap": False,
    "emitDeclarationOnly": False,
    "isolatedDeclarations": False,
    "tsBuildInfoFile": None,
    "outDir": None,
    "declarationDir": None,
    "rootDir": None,
    "skipDefaultLibCheck": True,
}


def check_types_path(
    types: str,
    *,
    suffixes: tuple[str, ...] = (".ts", ".mts", ".cts"),
    example: str = "src/api/schema.d.ts, the file its code imports the types from",
) -> PurePosixPath:
    """Return `types` as a path inside a consumer; raise UsageError when it is not one of a file of this kind."""
    path = PurePosixPath(types)
    inside = types and not path.is_absolute() and ".." not in path.parts and "\\" not in types and "\0" not in types
    if not inside or not path.name.endswith(suffixes):
        kind = "TypeScript" if ".ts" in suffixes else "JSON"
        raise UsageError(
            f"{types!r} is not the path of a {kind} file inside the consumer", hint=f"name it as in {example}"
        )
    return path


@dataclass(frozen=True, slots=True)
class Copy:
    """A staged consumer: its folder below `root`, the project to compile, and the generated files beside its types."""

    root: Path
    folder: Path
    project: str
    generated: tuple[str, ...]


def stage(
    consumer: Path,
    types: PurePosixPath,
    content: bytes,
    root: Path,
    *,
    tsconfig: str = "tsconfig.json",
    beside: Mapping[str, bytes] | None = None,
) -> Copy:
    """Build a copy of `consumer` under the empty folder `root`, `content` as its types file.

    Of the files in `beside` those are laid next to the types that the consumer imports and has not got. Raise
    UsageError when the consumer is too large or its types file lies behind a link.
    """
    source = consumer.resolve()
    copy = _mirror_surroundings(source, root.resolve())
    _copy_sources(source, copy)
    target = copy / types
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.parent.resolve().is_relative_to(copy):
        raise UsageError(f"{types} of {consumer} lies behind a symbolic link", hint="name the file by its real path")
    target.unlink(missing_ok=True)
    target.write_bytes(content)
    laid = _lay(beside or {}, target.parent, copy)
    config = PurePosixPath(tsconfig)
    project = {"extends": f"./{config.name}", "compilerOptions": _OVERRIDES}
    (copy / config.parent / PROJECT).write_text(json.dumps(project))
    return Copy(root.resolve(), copy, str(config.parent / PROJECT), tuple(str(types.parent / name) for name in laid))


def _lay(files: Mapping[str, bytes], folder: Path, copy: Path) -> list[str]:
    """Lay the files that are imported and absent; return the names of all that are there and generated."""
    made: list[str] = []
    present = {path.name.partition(".")[0]: path for path in folder.iterdir() if path.is_file()}
    for name, content in files.items():
        stem = name.partition(".")[0]
        if stem in present:
            made += [present[stem].name] if _GENERATED.search(present[stem].read_bytes()[:_HEAD]) else []
        elif _is_imported(stem, copy):
            (folder / name).write_bytes(content)
            made.append(name)
    return made


def _is_imported(stem: str, copy: Path) -> bool:
    pattern = re.compile(rf"""["'](?:[^"'\n]*/)?{re.escape(stem)}(?:\.[cm]?[jt]s)?["']""".encode())
    for name, folders, files in os.walk(copy):
        folders[:] = [folder for folder in folders if folder != "node_modules"]
        sources = (Path(name, file) for file in files if file.endswith(_SOURCES) and not file.endswith(".json"))
        if any(pattern.search(path.read_bytes()) for path in sources if path.is_file()):
            return True
    return False


def _mirror_surroundings(source: Path, root: Path) -> Path:
    """Make the folders from the repository's top down to the consumer, and link what stands beside them."""
    top = next((folder for folder in source.parents if (folder / ".git").exists()), source.parent)
    in_repository = (top / ".git").exists()
    real, copy = top, root
    for part in source.relative_to(top).parts:
        copy.mkdir(parents=True, exist_ok=True)
        for entry in real.iterdir() if in_repository else ():
            if entry.name not in {part, ".git"}:
                (copy / entry.name).symlink_to(entry)
        real, copy = real / part, copy / part
    copy.mkdir(parents=True)
    return copy


def _copy_sources(source: Path, copy: Path) -> None:
    files = size = 0
    for name, folders, names in os.walk(source):
        here = Path(name)
        there = copy / here.relative_to(source)
        there.mkdir(exist_ok=True)
        skipped = _NEVER | _OUTPUT if here == source else _NEVER
        for folder in list(folders):
            if folder == "node_modules" and not (here / folder).is_symlink():
                _link_modules(here / folder, there / folder, source, copy)
            elif folder == "node_modules" or (here / folder).is_symlink():
                (there / folder).symlink_to((here / folder).resolve(), target_is_directory=True)
            if folder in skipped or folder == "node_modules" or (there / folder).is_symlink():
                folders.remove(folder)
        for file in names:
            origin = here / file
            if origin.suffix not in _SOURCES or not origin.is_file():
                continue
            files, size = files + 1, size + origin.stat().st_size
            if files > MAX_FILES or size > MAX_BYTES:
                raise UsageError(
                    f"{source} has more than {MAX_FILES:,} source files or {MAX_BYTES // 1024**2} MB of them",
                    hint="register the folder of the code that uses the API, not one above it",
                )
            shutil.copyfile(origin, there / file)


def _link_modules(modules: Path, there: Path, source: Path, copy: Path) -> None:
    """Link installed packages; those of a workspace, which are links into the consumer itself, lead into the copy."""
    own = {path for path in _packages(modules) if path.is_symlink() and path.resolve().is_relative_to(source)}
    if not own:
        there.symlink_to(modules.resolve(), target_is_directory=True)
        return
    for path in (*_packages(modules), modules / ".bin"):
        target = there / path.relative_to(modules)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path in own:
            target.symlink_to(copy / path.resolve().relative_to(source), target_is_directory=True)
        elif path.exists():
            target.symlink_to(path.resolve())


def _packages(modules: Path) -> list[Path]:
    """Return the folders of packages, scoped ones too."""
    found = [path for path in modules.iterdir() if not path.name.startswith(".")]
    scopes = [path for path in found if path.name.startswith("@") and path.is_dir() and not path.is_symlink()]
    return [path for path in found if path not in scopes] + [path for scope in scopes for path in scope.iterdir()]
