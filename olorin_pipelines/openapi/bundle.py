"""How do several files become one document? Each file referred to is put below one key, and references follow it there.

Only files in the folder of the first one are read. A file that is not there stays a reference that names nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from olorin_pipelines.errors import DocumentInvalid, OlorinError
from olorin_pipelines.openapi.refs import join

__all__ = ["KEY", "ReferenceOutside", "bundled"]

KEY = "x-olorin-files"
"""Where the other files stand in the bundled document, by their path from the folder of the first."""
_MOST = 500


def bundled(document: Any, path: Path, read: Callable[[Path], Any]) -> Any:
    """Return `document`, read from `path`, with all files it refers to. `read` gives the content of a file.

    Raises `ReferenceOutside` for a reference that leaves the folder, and whatever `read` raises for a broken file.
    """
    bundle = _Bundle(path, read)
    found = bundle.rewritten(document, bundle.first, "")
    bundle.follow()
    return {**found, KEY: bundle.files} if bundle.files else found


class ReferenceOutside(OlorinError):
    """`ref` leaves the folder of the document."""

    def __init__(self, ref: str, *, hint: str) -> None:
        super().__init__(f"the reference {ref!r} leaves the folder of the document", hint=hint)
        self.ref = ref


class _Bundle:
    """The files found so far."""

    def __init__(self, path: Path, read: Callable[[Path], Any]) -> None:
        self.first = path.resolve()
        self._folder, self._read = self.first.parent, read
        self._waiting: list[Path] = []
        self._known: set[Path] = {self.first}
        self.files: dict[str, Any] = {}

    def follow(self) -> None:
        """Read the files that were referred to, and those they refer to."""
        while self._waiting:
            path = self._waiting.pop()
            name = self._name(path)
            self.files[name] = self.rewritten(self._read(path), path, join("", KEY, name))

    def rewritten(self, node: Any, path: Path, base: str) -> Any:
        """Return a node of the file at `path`, whose root stands at `base`, with its references moved."""
        if isinstance(node, list):
            return [self.rewritten(one, path, base) for one in node]
        if not isinstance(node, Mapping):
            return node
        found = {key: self.rewritten(value, path, base) for key, value in node.items()}
        if isinstance(ref := node.get("$ref"), str):
            found["$ref"] = self._moved(ref, path, base)
        return found

    def _moved(self, ref: str, path: Path, base: str) -> str:
        file, _, fragment = ref.partition("#")
        if not file:
            return f"#{base}{fragment}" if fragment.startswith("/") or not fragment else ref
        if "://" in file or file.startswith("//"):
            return ref
        target = self._inside((path.parent / unquote(file)), ref)
        if not target.is_file():
            return ref
        if target not in self._known:
            if len(self._known) >= _MOST:
                raise DocumentInvalid(f"more than {_MOST} files are referred to", source=str(self.first))
            self._known.add(target)
            self._waiting.append(target)
        where = "" if target == self.first else join("", KEY, self._name(target))
        return f"#{where}{fragment}"

    def _inside(self, path: Path, ref: str) -> Path:
        target = path.resolve()
        if not target.is_relative_to(self._folder):
            hint = f"only files below {self._folder} are read: move it there, or bundle the document"
            raise ReferenceOutside(ref, hint=hint)
        return target

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()
