"""Where does a document come from? An address, a file, standard input, a git revision, or an application."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import orjson

from olorin_pipelines.errors import DocumentError, DocumentUnreachable
from olorin_pipelines.openapi.parse import parse
from olorin_pipelines.openapi.revisions import commit_of, from_revision, names_revision
from olorin_pipelines.openapi.snapshot import Snapshot

if TYPE_CHECKING:
    import httpx

__all__ = ["MAX_BYTES", "load", "load_revision"]

MAX_BYTES = 32 * 1024 * 1024
_NONE: Mapping[str, str] = MappingProxyType({})
_APP = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


def load(
    source: str,
    *,
    headers: Mapping[str, str] = _NONE,
    timeout: float = 10.0,
    max_bytes: int = MAX_BYTES,
    client: httpx.Client | None = None,
    root: Path | None = None,
    ref_hosts: Collection[str] = (),
) -> Snapshot:
    """Read a document from a URL, a file path (relative to `root`), "-", "module:app" or a git "ref:path".

    `headers`, `timeout` (seconds in all) and `client` serve URLs; `max_bytes` bounds every source.
    References to addresses are followed to `ref_hosts` only, without `headers`. Raises
    `DocumentUnreachable`, `DocumentInvalid` or `DocumentError`.
    """
    if source.startswith(("http://", "https://")):
        from olorin_pipelines.openapi.fetch import fetch, without_credentials

        data = fetch(source, headers=headers, timeout=timeout, max_bytes=max_bytes, client=client)
        shown = without_credentials(source)
        return parse(data, source=shown, url=shown, ref_hosts=ref_hosts)
    if names_revision(source) and not ((root or Path()) / source).exists():
        data = from_revision(source, root or Path())
        return parse(_bounded(lambda size: data[:size], source, max_bytes), source=source, ref_hosts=ref_hosts)
    if source == "-":
        return parse(
            _bounded(sys.stdin.buffer.read, "standard input", max_bytes), source="standard input", ref_hosts=ref_hosts
        )
    path = (root or Path()) / source
    if _APP.fullmatch(source) and not path.exists():
        return parse(_from_app(source), source=source, ref_hosts=ref_hosts)
    return parse(_from_file(path, max_bytes), source=str(path), path=path, ref_hosts=ref_hosts)


def load_revision(source: str, *, root: Path, max_bytes: int = MAX_BYTES) -> tuple[Snapshot, str]:
    """Read the document at a git "ref:path" of the repository that `root` lies in, and the commit that `ref` names.

    Raises `DocumentUnreachable`, `DocumentInvalid` or `DocumentError`.
    """
    commit = commit_of(source, root)
    data = from_revision(f"{commit}:{source.partition(':')[2]}", root)  # the ref may move meanwhile
    return parse(_bounded(lambda size: data[:size], source, max_bytes), source=source), commit


def _from_file(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as stream:
            return _bounded(stream.read, str(path), max_bytes)
    except FileNotFoundError as error:
        raise DocumentUnreachable("there is no such file", source=str(path), hint="correct the path") from error
    except OSError as error:
        raise DocumentUnreachable(f"not readable: {error.strerror}", source=str(path)) from error


def _bounded(read: Callable[[int], bytes], source: str, max_bytes: int) -> bytes:
    data = read(max_bytes + 1)
    if len(data) > max_bytes:
        raise DocumentError(f"larger than {max_bytes:,} bytes", source=source, hint="raise the limit if it is meant")
    return data


def _from_app(source: str) -> bytes:
    """Ask an application object for its document, as FastAPI's `app.openapi()` gives it."""
    module, _, name = source.partition(":")
    try:
        app: Any = importlib.import_module(module)
        for part in name.split("."):
            app = getattr(app, part)
    except (ImportError, AttributeError) as error:
        raise DocumentUnreachable(
            f"cannot be imported: {error}", source=source, hint="give module:app, importable from here"
        ) from error
    if not callable(getattr(app, "openapi", None)):
        raise DocumentUnreachable("the object has no openapi()", source=source, hint="name a FastAPI application")
    try:
        return orjson.dumps(app.openapi())
    except Exception as error:  # foreign code: whatever it raises is the answer
        raise DocumentError(f"its openapi() raised {type(error).__name__}: {error}", source=source) from error
