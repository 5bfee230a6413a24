"""Where are corpora kept? A file each in one folder, named by what it was made of, written atomically; few of them."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import orjson

from olorin_pipelines.contract.corpus.entry import Corpus, Entry, Link

__all__ = ["Corpora", "corpus_key"]

FORMAT = 1
"""Changed with the shape of the file, or when entries are made or judged in another way: older ones are not read."""
MOST_FILES = 64
LARGEST_FILE = 32 * 1024 * 1024
"""Bytes of a file; a corpus that is larger is not kept."""
OLDEST_DAYS = 30.0
"""A corpus that is older is not replayed: the full suite is run again."""


def corpus_key(document: bytes, options: Mapping[str, object]) -> str:
    """Return the name of the corpus of a document under these options."""
    said = orjson.dumps([FORMAT, hashlib.sha256(document).hexdigest(), options], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).hexdigest()[:32]


class Corpora:
    """The corpora in one folder. The least recently written go when there are more than `MOST_FILES`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: str, *, now: float | None = None) -> tuple[Corpus | None, str]:
        """Return a corpus, or None and why there is none."""
        path = self._path(key)
        try:
            if path.stat().st_size > LARGEST_FILE:
                return None, "the corpus is too large"
            head, *lines = gzip.decompress(path.read_bytes()).splitlines()
            said = orjson.loads(head)
            corpus = Corpus(
                key=said["key"],
                digest=said["digest"],
                options=said["options"],
                created=said["created"],
                dropped=said["dropped"],
                entries=tuple(_entry(orjson.loads(line)) for line in lines),
            )
            whole = said["format"] == FORMAT and corpus.key == key and said["entries"] == len(corpus.entries)
        except FileNotFoundError:
            return None, "there is no corpus of this document yet"
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            return None, "the corpus cannot be read"
        if not whole:
            return None, "the corpus is not whole"
        age = ((now if now is not None else time.time()) - corpus.created) / 86_400
        if age > OLDEST_DAYS:
            return None, f"the corpus is {age:.0f} days old"
        return corpus, ""

    def save(self, corpus: Corpus) -> int:
        """Write a corpus; returns its size in bytes, 0 when it is too large to be kept."""
        head = {
            "format": FORMAT,
            "key": corpus.key,
            "digest": corpus.digest,
            "options": corpus.options,
            "created": corpus.created,
            "dropped": corpus.dropped,
            "entries": len(corpus.entries),
        }
        data = gzip.compress(b"\n".join([orjson.dumps(head), *map(_line, corpus.entries)]), compresslevel=6, mtime=0)
        if len(data) > LARGEST_FILE:
            return 0
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".corpus-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path(corpus.key))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self._prune()
        return len(data)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.corpus.gz"

    def _prune(self) -> None:
        aged: list[tuple[float, Path]] = []
        for path in self._folder.glob("*.corpus.gz"):
            with contextlib.suppress(OSError):  # another process may prune too
                aged.append((path.stat().st_mtime, path))
        for _, path in sorted(aged, reverse=True)[MOST_FILES:]:
            path.unlink(missing_ok=True)


_FIELDS = ("operation", "method", "path", "query", "headers", "phase", "valid", "probe", "without", "bad_token", "good")


def _line(entry: Entry) -> bytes:
    try:
        body: object = entry.body.decode() if entry.body else ""
    except UnicodeDecodeError:
        body = {"hex": entry.body.hex()}
    return orjson.dumps([*(getattr(entry, name) for name in _FIELDS), body, [tuple(link) for link in entry.links]])


def _entry(said: list[object]) -> Entry:
    *values, body, links = said
    fields = dict(zip(_FIELDS, values, strict=True))
    fields["without"] = tuple(fields["without"])  # type: ignore[arg-type] # as it was written
    data = bytes.fromhex(body["hex"]) if isinstance(body, dict) else str(body).encode()
    return Entry(**fields, body=data, links=tuple(Link(*each) for each in links))  # type: ignore[arg-type,attr-defined]
