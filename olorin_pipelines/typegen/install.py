"""`python -m olorin_pipelines.typegen.install [HOME]`: install the pinned TypeScript tools with `npm ci`.

Without HOME they go beside the package's own `package.json`; an installed wheel whose folder is read-only names a
HOME that can be written, and passes the same folder to `find_toolchain`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from olorin_pipelines.errors import OlorinError, ToolFailed, ToolMissing
from olorin_pipelines.typegen.process import plain
from olorin_pipelines.typegen.toolchain import INSTALL_HINT, NODE_DIR, find_node, in_step

__all__ = ["install", "main"]


def install(home: Path | None = None, *, timeout: float = 600) -> bool:
    """Install into `home` (default: this package's folder); return whether anything had to be done.

    Scripts of packages are not run. Raise ToolFailed with npm's last words, for instance when the registry cannot be
    reached.
    """
    target = NODE_DIR if home is None else home
    if in_step(target / "node_modules"):
        return False
    command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        if home is not None:
            home.mkdir(parents=True, exist_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(NODE_DIR / name, home / name)
        ended = subprocess.run(command, cwd=target, capture_output=True, timeout=timeout, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolFailed(f"npm ci could not run in {target}: {error}", tool="npm") from error
    if ended.returncode != 0 or not in_step(target / "node_modules"):
        raise ToolFailed(
            f"npm ci failed in {target}: {_first_lines(ended.stderr)}",
            tool="npm",
            hint="npm needs its registry or a filled cache: check the network, the proxy and `npm config get registry`",
        )
    return True


def _npm() -> tuple[str, ...]:
    """The npm that came with Node (its wheel's own launcher does not always work), else the one on PATH."""
    node = find_node()
    script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.is_file():
        return (str(node), str(script))
    found = shutil.which("npm")
    if found is None:
        raise ToolMissing("npm is not installed", tool="npm", hint=INSTALL_HINT)
    return (found,)


def _first_lines(output: bytes) -> str:
    """npm names the cause first and its logs last."""
    return "\n".join(plain(output).strip().split("\n")[:6])[:1000]


def main(arguments: list[str]) -> int:
    """Install and say in one line what was done; return the exit code."""
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        sys.stderr.write(f"{(__doc__ or '').splitlines()[0]}\n")
        return 2
    home = Path(arguments[0]) if arguments else None
    try:
        done = install(home)
    except OlorinError as error:
        sys.stderr.write(f"{error.diagnostics()}\n")
        return 1
    sys.stderr.write(f"TypeScript tools: {'installed' if done else 'already in place'} ({home or NODE_DIR})\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
