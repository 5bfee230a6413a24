"""A wheel of this repository, built with the pinned uv, and clean environments that it is installed in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = ROOT / ".uv" / "bin" / "uv"
_NETWORK = re.compile(r"(UV|PIP|SSL|NODE_EXTRA|npm_config|NPM_CONFIG)_|\w+_proxy$", re.IGNORECASE)
"""Variables that say how a package index is reached from this machine."""
_VERSIONS = ("3.11", "3.12", "3.13")


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder with a bare environment; how it ended is for the caller to judge."""
    bare = {"PATH": os.defpath, "HOME": str(cwd), "NO_COLOR": "1", "NPM_CONFIG_USERCONFIG": str(Path.home() / ".npmrc")}
    kept = {name: value for name, value in os.environ.items() if _NETWORK.match(name)}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**bare, **kept, **env},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def built(folder: Path) -> Path:
    """Build the wheel of this repository into the folder."""
    if not UV.is_file():
        pytest.skip("uv is not installed: run `make install`")
    done = run(UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT, cwd=folder, **_cache())
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


def installed(wheel: Path, folder: Path, *, python: Path, extras: str = "[embedded]") -> Path:
    """Install the wheel in a new environment, dependencies as the lock has them; return the environment's bin."""
    locked = folder / "locked.txt"
    known = ("export", "--quiet", "--locked", "--no-hashes", "--no-emit-project", "--all-extras", "--no-default-groups")
    done = run(UV, *known, "--project", ROOT, "--output-file", locked, cwd=folder, **_cache())
    assert done.returncode == 0, done.stderr
    environment = folder / "environment"
    run(UV, "venv", "--quiet", "--python", python, environment, cwd=folder, **_cache())
    packages = ("pip", "install", "--quiet", "--python", environment / "bin" / "python")
    done = run(UV, *packages, "--constraint", locked, f"{wheel}{extras}", cwd=folder, **_cache())
    if done.returncode != 0 and "error sending request" in done.stderr:
        pytest.skip(f"no package index can be reached for {python}")
    assert done.returncode == 0, done.stderr
    return environment / "bin"


def pythons() -> dict[str, Path | None]:
    """The supported versions of Python and where this machine has each: on PATH, of uv, or of pyenv."""
    return {version: _python(version) for version in _VERSIONS}


def _python(version: str) -> Path | None:
    found = [shutil.which(f"python{version}")]
    found += [str(path) for path in sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))]
    found += [str(path) for path in sorted(Path.home().glob(f".local/share/uv/python/cpython-{version}.*/bin/python"))]
    for path in filter(None, found):
        asked = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.stdout.strip() == version:
            return Path(path)
    return None


def _cache() -> dict[str, str]:
    """The cache of uv, which a bare HOME would hide."""
    return {"UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv"))}
