"""Are these bytes an OpenAPI document? JSON or YAML in, a snapshot or a clear fault out."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import orjson

from olorin_pipelines import yaml12
from olorin_pipelines.errors import DocumentError, DocumentInvalid, DocumentUnreachable
from olorin_pipelines.openapi.refs import walk_refs
from olorin_pipelines.openapi.snapshot import Snapshot

__all__ = ["DIALECTS", "parse"]

DIALECTS = ("3.0", "3.1", "3.2")
_DEPTH = 254
"""The nesting that the canonical form can hold."""

_DEEP = re.compile("recursion|depth", re.IGNORECASE)
_VERSION = re.compile(r"(\d+\.\d+)(?:\.\d+(?:-.+)?)?")


def parse(data: bytes, *, source: str) -> Snapshot:
    """Read a document that was already fetched.

    Raises `DocumentUnreachable` when it is empty or a web page, `DocumentInvalid` when it is no OpenAPI 3 document or
    refers outside itself, and `DocumentError` with line and column when it cannot be read at all.
    """
    text = _decode(data, source)
    start = text[:200].lstrip().lower()
    if not start:
        raise DocumentUnreachable("the document is empty", source=source, hint="is this the address of the schema?")
    if start.startswith(("<!doctype", "<html", "<?xml", "<head", "<body")):
        raise DocumentUnreachable(
            "a web page answered, not a document",
            source=source,
            hint="point `schema:` at the JSON, not at its docs page",
        )
    document = (
        _from_json(text, source) if start[0] in "{[" else _within_64_bits(yaml12.load(text, source=source), source)
    )
    _check_kind(document, source)
    canonical = _canonical(document, source)
    if start[0] in "{[":
        _refuse_duplicates(text, canonical, source)
    _refuse_outside_refs(document, canonical, source)
    return Snapshot(
        digest=hashlib.sha256(canonical).hexdigest(), document=document, canonical=canonical, source=source, raw=data
    )


def _decode(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentError(
            f"byte {error.start} is not UTF-8", source=source, line=line, hint="save the document as UTF-8"
        ) from error


def _from_json(text: str, source: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if _DEEP.search(str(error)):
            raise _too_deep(source) from error
        if source.lower().endswith((".yaml", ".yml")):
            return _within_64_bits(yaml12.load(text, source=source), source)
        hint = "the document ends too early" if error.pos >= len(text.rstrip()) else "correct the JSON at this place"
        raise DocumentError(
            f"invalid JSON: {error.msg}", source=source, line=error.lineno, column=error.colno, hint=hint
        ) from error


def _check_kind(document: Any, source: str) -> None:
    if not isinstance(document, Mapping):
        kind = {list: "a list", str: "a text", type(None): "nothing"}.get(type(document), type(document).__name__)
        raise DocumentInvalid(f"an OpenAPI document is a mapping, this is {kind}", source=source)
    if "openapi" not in document and "swagger" in document:
        raise DocumentInvalid(
            f"Swagger {document['swagger']} is not supported yet",
            source=source,
            hint="convert it to OpenAPI 3, for example with swagger2openapi",
        )
    version = document.get("openapi")
    if version is None:
        raise DocumentInvalid("there is no `openapi` key", source=source, hint="is this the address of the schema?")
    match = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if match is None or match[1] not in DIALECTS:
        raise DocumentInvalid(
            f"`openapi` is {version!r}, which is no known version",
            source=source,
            hint=f"known: {', '.join(DIALECTS)}, each with a third number, as a text",
        )


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


def _refuse_duplicates(text: str, canonical: bytes, source: str) -> None:
    """Colons are counted first: a repeated key leaves fewer of them. Only then is the document read again, slowly."""
    if text.count(":") == canonical.count(b":"):
        return

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise DocumentError(f"the key {key!r} is given twice in one object", source=source, hint="remove one")
            found[key] = value
        return found

    json.loads(text, object_pairs_hook=unique, parse_int=float)


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


def _refuse_outside_refs(document: Any, canonical: bytes, source: str) -> None:
    """No file and no address is ever read because a document names it."""
    if canonical.count(b'"$ref":') == canonical.count(b'"$ref":"#'):
        return
    for pointer, ref in walk_refs(document):
        if isinstance(ref, str) and not ref.startswith("#"):
            raise DocumentInvalid(
                f"the reference {ref!r} at {pointer} leaves the document",
                source=source,
                hint="bundle the document into one file: only references that start with #/ are followed",
            )
