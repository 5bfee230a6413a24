"""How do several files become one document? Each file referred to is put below one key, and references follow it there.

Files are read in the folder of the first one only, addresses at hosts that were allowed by name only. A file that is
not there stays a reference that names nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote, urljoin, urlsplit

from olorin_pipelines.errors import DocumentInvalid, OlorinError
from olorin_pipelines.openapi.refs import FILES, join, walk_refs

__all__ = ["Bundled", "Read", "ReferenceOutside", "bundled"]

_MOST = 500

Where: TypeAlias = Path | str
"""A file, or an address."""


Read: TypeAlias = Callable[[Where], tuple[Any, bytes]]
"""Reads what a reference names: its content, and its text. Raises for what is broken."""


class Bundled(NamedTuple):
    """One document of several files, and the texts of the others by their name in it."""

    document: Any
    texts: Mapping[str, bytes]


class ReferenceOutside(OlorinError):
    """`ref` leads where nothing is read; `file` is the name of the other file it stands in, empty for the first."""

    def __init__(self, ref: str, leaves: str, *, file: str, hint: str, texts: Mapping[str, bytes]) -> None:
        super().__init__(f"the reference {ref!r} leaves {leaves}", hint=hint)
        self.ref, self.file, self.texts = ref, file, texts


def bundled(document: Any, first: Where | None, read: Read, *, hosts: Collection[str] = ()) -> Bundled:
    """Return `document`, read from `first`, with all it refers to. None: it stands nowhere, as standard input.

    Raises `ReferenceOutside` for a reference that leads where nothing may be read, and whatever `read` raises.
    """
    bundle = _Bundle(first, document, read, hosts)
    found = bundle.rewritten(document, bundle.first, "")
    bundle.follow()
    whole = {**found, FILES: bundle.files} if bundle.files else found
    bundle.refuse_what_is_left(whole)
    return Bundled(whole, bundle.texts)


class _Bundle:
    """The files found so far."""

    def __init__(self, first: Where | None, document: Any, read: Read, hosts: Collection[str]) -> None:
        self.first: Where | None = first.resolve() if isinstance(first, Path) else first
        self._folder = self.first.parent if isinstance(self.first, Path) else None
        self._read, self._hosts = read, frozenset(hosts)
        own = document.get("$self") if isinstance(document, Mapping) else None
        self._own = {one for one in (self.first, own) if isinstance(one, str)}
        self._waiting: list[Where] = []
        self._known: set[Where | None] = {self.first}
        self.files: dict[str, Any] = {}
        self.texts: dict[str, bytes] = {}

    def follow(self) -> None:
        """Read the files that were referred to, and those they refer to."""
        while self._waiting:
            where = self._waiting.pop()
            name = self._name(where)
            content, self.texts[name] = self._read(where)
            self.files[name] = self.rewritten(content, where, join("", FILES, name))

    def rewritten(self, node: Any, where: Where | None, base: str) -> Any:
        """Return a node of the file at `where`, whose root stands at `base`, with its references moved."""
        if isinstance(node, list):
            return [self.rewritten(one, where, base) for one in node]
        if not isinstance(node, Mapping):
            return node
        found = {key: self.rewritten(value, where, base) for key, value in node.items()}
        if isinstance(ref := node.get("$ref"), str):
            found["$ref"] = self._moved(ref, where, base)
        return found

    def _moved(self, ref: str, where: Where | None, base: str) -> str:
        file, _, fragment = ref.partition("#")
        if not file:
            return f"#{base}{fragment}" if fragment.startswith("/") or not fragment else ref
        if file in self._own:
            return f"#{fragment}"
        target = self._target(file, ref, where)
        if target is None:
            return ref
        if target in self._own or target == self.first:
            return f"#{fragment}"
        if target not in self._known:
            if len(self._known) >= _MOST:
                raise DocumentInvalid(f"more than {_MOST} files are referred to", source=str(self.first))
            self._known.add(target)
            self._waiting.append(target)
        return f"#{join('', FILES, self._name(target))}{fragment}"

    def _target(self, file: str, ref: str, where: Where | None) -> Where | None:
        """Return what a reference names, None for what is not read: it stays as it is written."""
        if "://" in file or file.startswith("//") or isinstance(where, str):
            url = urljoin(where, file) if isinstance(where, str) else file
            parts = urlsplit(url)
            return url if parts.scheme in ("http", "https") and parts.netloc in self._hosts else None
        if where is None or self._folder is None:
            return None
        target = (where.parent / unquote(file)).resolve()
        if not target.is_relative_to(self._folder):
            hint = f"only files below {self._folder} are read: move it there, or bundle the document"
            name = "" if where == self.first else self._name(where)
            raise ReferenceOutside(ref, "the folder of the document", file=name, hint=hint, texts=self.texts)
        return target if target.is_file() else None

    def _name(self, where: Where) -> str:
        if isinstance(where, Path) and self._folder is not None:
            return where.relative_to(self._folder).as_posix()
        return str(where)

    def refuse_what_is_left(self, document: Any) -> None:
        """No address is read unless its host was named; a document that is no file refers to no file."""
        for pointer, ref in walk_refs(document):
            if not isinstance(ref, str) or ref.startswith("#"):
                continue
            steps = pointer.split("/")
            file = steps[2].replace("~1", "/").replace("~0", "~") if steps[1] == FILES else ""
            where: Where | None = file if "://" in file else self.first
            if "://" in ref or ref.startswith("//") or not isinstance(where, Path):
                raise ReferenceOutside(ref, "the document", file=file, hint=_hint(ref, where), texts=self.texts)


def _hint(ref: str, where: Where | None) -> str:
    parts = urlsplit(urljoin(where, ref) if isinstance(where, str) else ref)
    if parts.scheme in ("http", "https") and parts.netloc:
        return f"allow its host by name (`olorin diff --allow-ref-host {parts.netloc}`), or bundle the document"
    return "bundle the document into one file: only references that start with #/ are followed"
