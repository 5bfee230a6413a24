"""Are these bytes an OpenAPI document? JSON or YAML in, a snapshot or a clear fault out."""

from __future__ import annotations

import hashlib
import math
import posixpath
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import orjson

from olorin_pipelines.errors import DocumentError, DocumentInvalid, DocumentUnreachable
from olorin_pipelines.openapi.refs import refers_outside
from olorin_pipelines.openapi.snapshot import Snapshot

__all__ = ["DIALECTS", "beside", "parse", "place_of"]

DIALECTS = ("3.0", "3.1", "3.2")
_BOM = b"\xef\xbb\xbf"
_LARGEST = 32 * 1024 * 1024
_REF_SECONDS = 10.0
"""In which a document at another address has to arrive."""

_DEPTH = 254
"""The nesting that the canonical form can hold."""

_DEEP = re.compile("recursion|depth", re.IGNORECASE)
_VERSION = re.compile(r"(\d+\.\d+)(?:\.\d+(?:-.+)?)?")


def parse(
    data: bytes, *, source: str, path: Path | None = None, url: str = "", ref_hosts: Collection[str] = ()
) -> Snapshot:
    """Read a document that was already fetched; `path` is the file it stands in, whose folder it may refer to.

    `url` is the address it came from; references to addresses are followed to `ref_hosts` ("host" or "host:port") only.

    Raises `DocumentUnreachable` when it is empty or a web page, `DocumentInvalid` when it is no OpenAPI document or
    refers where it may not, and `DocumentError` with line and column when it cannot be read at all.
    """
    data_only = data.removeprefix(_BOM)
    start = data_only[:200].lstrip().lower()
    if not start:
        raise DocumentUnreachable("the document is empty", source=source, hint="is this the address of the schema?")
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        raise DocumentUnreachable(
            "a web page answered, not a document",
            source=source,
            hint="point `schema:` at the JSON, not at its docs page",
        )
    written_as_json = start.startswith((b"{", b"["))
    document = _from_json(data_only, source) if written_as_json else _from_yaml(_decode(data_only, source), source)
    canonical = _canonical(document, source)
    if written_as_json:
        _refuse_duplicates(data_only, canonical, source)
    written = None
    if isinstance(document, Mapping) and document.get("swagger") == "2.0" and "openapi" not in document:
        from olorin_pipelines.openapi.swagger import upgraded

        written, document = document, upgraded(document)
        canonical = _canonical(document, source)
    _check_kind(document, source, data_only)
    texts: Mapping[str, bytes] = {}
    if refers_outside(canonical):
        document, texts = _whole(document, data_only, source, path or url or None, ref_hosts)
        canonical = _canonical(document, source)
    return Snapshot(
        digest=hashlib.sha256(canonical).hexdigest(),
        document=document,
        canonical=canonical,
        source=source,
        raw=data,
        written=written,
        files=texts,
    )


def _whole(
    document: Any, data: bytes, source: str, first: Path | str | None, hosts: Collection[str]
) -> tuple[Any, Mapping[str, bytes]]:
    """Put a document of several files together; what it may not refer to is told with its place."""
    from olorin_pipelines.openapi.bundle import ReferenceOutside, bundled

    try:
        return bundled(document, first, _content, hosts=hosts)
    except ReferenceOutside as error:
        text = error.texts.get(error.file, data)
        at = beside(source, error.file) if error.file else source
        line, column = place_of(text, error.ref)
        raise DocumentInvalid(error.message, source=at, line=line, column=column, hint=error.hint) from error


def beside(source: str, name: str) -> str:
    """Return how a file is called that a document from `source` refers to by `name`."""
    return name if "://" in name else posixpath.join(posixpath.dirname(source), name)


def _decode(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError(
            f"byte {error.start} is not UTF-8", source=source, line=line, hint="save the document as UTF-8"
        ) from error


def _from_json(data: bytes, source: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        text = _decode(data, source)
        if _DEEP.search(str(error)):
            raise _too_deep(source) from error
        if source.lower().endswith((".yaml", ".yml")):
            return _from_yaml(text, source)
        hint = "the document ends too early" if error.pos >= len(text.rstrip()) else "correct the JSON at this place"
        raise DocumentError(
            f"invalid JSON: {error.msg}", source=source, line=error.lineno, column=error.colno, hint=hint
        ) from error


def _check_kind(document: Any, source: str, data: bytes) -> None:
    if not isinstance(document, Mapping):
        kind = {list: "a list", str: "a text", type(None): "nothing"}.get(type(document), type(document).__name__)
        raise DocumentInvalid(f"an OpenAPI document is a mapping, this is {kind}", source=source, line=1, column=1)
    if "openapi" not in document and "swagger" in document:
        raise DocumentInvalid(
            f"`swagger` is {document['swagger']!r}, which is no known version",
            source=source,
            **_at(data, "swagger"),
            hint="known: '2.0', as a text",
        )
    version = document.get("openapi")
    if version is None:
        raise DocumentInvalid(
            "there is no `openapi` key", source=source, line=1, column=1, hint="is this the address of the schema?"
        )
    match = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if match is None or match[1] not in DIALECTS:
        raise DocumentInvalid(
            f"`openapi` is {version!r}, which is no known version",
            source=source,
            **_at(data, "openapi"),
            hint=f"known: {', '.join(DIALECTS)}, each with a third number, as a text",
        )


def _at(data: bytes, text: str) -> dict[str, int | None]:
    return dict(zip(("line", "column"), place_of(data, text), strict=True))


def place_of(data: bytes, text: str) -> tuple[int | None, int | None]:
    """Return line and column (1-based) of the first place where a text is written, (None, None) when it is escaped."""
    at = data.find(text.encode())
    if at < 0:
        return None, None
    return data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)


def _canonical(document: Any, source: str) -> bytes:
    try:
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        if _DEEP.search(str(error)):
            raise _too_deep(source) from error
        raise DocumentError(
            f"a value cannot be written as JSON: {error}", source=source, hint="write it as JSON knows it"
        ) from error


def _too_deep(source: str) -> DocumentError:
    return DocumentError("nested too deeply", source=source, hint=f"the limit is {_DEPTH} levels")


def _refuse_duplicates(data: bytes, canonical: bytes, source: str) -> None:
    """Colons are counted first: a repeated key leaves fewer of them. Only then is the document read again, slowly."""
    if data.count(b":") == canonical.count(b":"):
        return

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise DocumentError(f"the key {key!r} is given twice in one object", source=source, hint="remove one")
            found[key] = value
        return found

    import json

    try:
        json.loads(data, object_pairs_hook=unique, parse_int=float)
    except DocumentError:
        _from_yaml(data.decode(), source)  # JSON is YAML, and this reader knows both lines
        raise


def _from_yaml(text: str, source: str) -> Any:
    from olorin_pipelines import yaml12

    return _within_64_bits(yaml12.load(text, source=source), source)


def _within_64_bits(node: Any, source: str) -> Any:
    """Numbers as the JSON reader has them: a huge integer is a float; .inf and .nan, which JSON lacks, are refused."""
    if isinstance(node, dict):
        return {key: _within_64_bits(value, source) for key, value in node.items()}
    if isinstance(node, list):
        return [_within_64_bits(value, source) for value in node]
    if isinstance(node, int) and not -(2**63) <= node < 2**64:
        node = float(node)
    if isinstance(node, float) and not math.isfinite(node):
        raise DocumentError(f"the number {node} cannot be written as JSON", source=source)
    return node


def _content(where: Path | str) -> tuple[Any, bytes]:
    """Read what a document refers to, as strictly as the document."""
    source = str(where)
    if isinstance(where, str):
        from olorin_pipelines.openapi.fetch import fetch

        raw = fetch(where, headers={}, timeout=_REF_SECONDS, max_bytes=_LARGEST)
    elif where.stat().st_size > _LARGEST:
        raise DocumentError(f"larger than {_LARGEST:,} bytes", source=source)
    else:
        raw = where.read_bytes()
    data = raw.removeprefix(_BOM)
    if data[:200].lstrip().startswith((b"{", b"[")):
        return _from_json(data, source), raw
    return _from_yaml(_decode(data, source), source), raw
