"""Which values of a request came from an earlier answer, and how are they put in again when that answer is another?

An id that is made in one run does not exist in the next. What is long enough not to be chance, or what Schemathesis
itself says it took from an answer, is recorded as a link and bound anew when the requests are sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import orjson

from olorin_pipelines.contract.corpus.entry import Entry, Link
from olorin_pipelines.contract.judge.answers import escape

__all__ = ["LOCATION", "bound", "leaves", "links", "value_at"]

LOCATION = "@location"
CERTAIN = 8
"""Characters of a text that is not the same by chance."""
_MOST_LEAVES = 2_000


def leaves(body: bytes, location: str) -> dict[str, str]:
    """Return the scalars of a JSON answer and the end of its Location, each with the first pointer that holds it."""
    found: dict[str, str] = {}
    for pointer, value in _scalars(_json(body)):
        found.setdefault(_text(value), pointer)
        if len(found) >= _MOST_LEAVES:
            break
    end = urlsplit(location).path.rstrip("/").rpartition("/")[2]
    if end:
        found.setdefault(unquote(end), LOCATION)
    return found


def links(
    entry: Entry, taken: Mapping[str, Any], sources: Callable[[str, bool], tuple[int, str] | None]
) -> tuple[Link, ...]:
    """Return where the values of a request come from.

    `sources(text, short)` finds the number of an earlier entry and the pointer in its answer; a `short` text is looked
    for only in what the request was derived from. `taken` are the names that Schemathesis says it took.
    """
    found: list[Link] = []
    for at, segment in enumerate(entry.path.split("/")):
        short = len(segment) < CERTAIN
        if segment and (not short or taken) and (source := sources(unquote(segment), short)):
            found.append(Link("path", str(at), *source))
    for name, value in parse_qsl(entry.query):
        if (len(value) >= CERTAIN or name in taken) and (source := sources(value, len(value) < CERTAIN)):
            found.append(Link("query", name, *source))
    for pointer, value in _scalars(_json(entry.body)):
        text = _text(value)
        if isinstance(value, str) and len(text) >= CERTAIN and (source := sources(text, False)):
            found.append(Link("body", pointer, *source))
    return tuple(found)


def bound(entry: Entry, value: Callable[[Link], Any]) -> Entry:
    """Return the request with each linked value replaced by what `value` gives for it now; None keeps the old one."""
    path, query, body = entry.path.split("/"), entry.query, entry.body
    document: Any = None
    for link in entry.links:
        new = value(link)
        if new is None:
            continue
        if link.place == "path":
            path[int(link.at)] = quote(_text(new), safe="")
        elif link.place == "query":
            pairs = parse_qsl(query, keep_blank_values=True)
            query = urlencode([(name, _text(new) if name == link.at else old) for name, old in pairs])
        else:
            document = _json(body) if document is None else document
            _put(document, link.at, new)
    if document is not None:
        body = orjson.dumps(document)
    return replace(entry, path="/".join(path), query=query, body=body)


def value_at(body: bytes, location: str, pointer: str) -> Any:
    """Return the scalar at a pointer of an answer, None when it is not there. Of a shorter list, the last element."""
    if pointer == LOCATION:
        return unquote(urlsplit(location).path.rstrip("/").rpartition("/")[2]) or None
    node = _json(body)
    for part in pointer.split("/")[1:]:
        if isinstance(node, list):
            node = node[min(int(part), len(node) - 1)] if node and part.isdigit() else None
        else:
            node = node.get(_unescape(part)) if isinstance(node, dict) else None
    return node if isinstance(node, str | int) and not isinstance(node, bool) else None


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return None


def _scalars(node: Any, pointer: str = "", depth: int = 12) -> Iterator[tuple[str, Any]]:
    """Texts and whole numbers with their pointers: what an id can be."""
    if isinstance(node, dict):
        for key, value in node.items() if depth else ():
            yield from _scalars(value, f"{pointer}/{escape(key)}", depth - 1)
    elif isinstance(node, list):
        for place, value in enumerate(node) if depth else ():
            yield from _scalars(value, f"{pointer}/{place}", depth - 1)
    elif (isinstance(node, str) and node) or (isinstance(node, int) and not isinstance(node, bool)):
        yield pointer, node


def _put(document: Any, pointer: str, new: Any) -> None:
    parts = [_unescape(part) for part in pointer.split("/")[1:]]
    for part in parts[:-1]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    if parts:
        document[int(parts[-1]) if isinstance(document, list) else parts[-1]] = new


def _unescape(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _text(value: Any) -> str:
    return str(value)
