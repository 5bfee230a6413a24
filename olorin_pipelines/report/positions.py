"""At which line and column stands what pointers lead to? One pass over a text, JSON or YAML, for all of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

__all__ = ["Position", "positions"]

Position: TypeAlias = tuple[int, int]
"""Line and column, from 1; of the key where there is one."""

_LARGEST_YAML = 16 * 1024 * 1024
"""Bytes of YAML that are read: its scanner needs a second for ten megabytes, more where it is dense."""

_DEEPEST = 200
_BOM = b"\xef\xbb\xbf"
_LARGE = 400
"""Bytes above which a value is worth a second look before it is read token by token."""

_Trie: TypeAlias = dict[str, Any]
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}\'#]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
"""Quotes and comments of YAML end it: what stands there is no JSON."""

_SPACE = re.compile(rb"[\s,:]*")
_PLAIN = re.compile(rb"[-+.0-9eE]+|true|false|null")
_INDENT = re.compile(rb"[ \t]*")
_CLOSING = {b"{": b"}", b"[": b"]"}


def positions(raw: bytes, pointers: Iterable[str]) -> dict[str, Position]:
    """Return where each pointer leads in the text; for one that leads nowhere, the nearest parent that is there.

    Empty for a text that cannot be read, or is too large to be read in passing.
    """
    wanted = set(pointers)
    data = raw.removeprefix(_BOM)
    trie: _Trie = {}
    for pointer in wanted:
        node = trie
        for step in _steps(pointer)[:_DEEPEST]:
            node = node.setdefault(step, {})
    try:
        found = _from_json(data, trie) if data.lstrip()[:1] in _CLOSING else _from_yaml(data, trie)
    except _NotJson:
        found = _from_yaml(data, trie)
    return {pointer: found[near] for pointer in wanted if (near := _nearest(pointer, found)) is not None}


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _nearest(pointer: str, found: dict[tuple[str, ...], Position]) -> tuple[str, ...] | None:
    path = tuple(_steps(pointer))
    return next((path[:length] for length in range(len(path), -1, -1) if path[:length] in found), None)


class _NotJson(Exception):
    """The text begins like JSON and is something else, as YAML in its flow style."""


def _from_json(data: bytes, trie: _Trie) -> dict[tuple[str, ...], Position]:
    offsets: dict[tuple[str, ...], int] = {}
    _visit(data, _after(_SPACE, data, 0), trie, (), offsets)
    found: dict[tuple[str, ...], Position] = {}
    line, seen = 1, 0
    for path, offset in sorted(offsets.items(), key=lambda item: item[1]):
        line += data.count(b"\n", seen, offset)
        before = data[data.rfind(b"\n", 0, offset) + 1 : offset]
        seen = offset
        found[path] = (line, len(before.decode("utf-8", "replace")) + 1)
    return found


def _after(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    match = pattern.match(data, at)
    if match is None:
        raise _NotJson
    return match.end()


def _visit(data: bytes, at: int, trie: _Trie, path: tuple[str, ...], offsets: dict[tuple[str, ...], int]) -> int:
    """Note the offsets of what the trie names in the value at `at`; return where the value ends."""
    offsets.setdefault(path, at)
    return _inside(data, at, trie, path, offsets) if trie and data[at : at + 1] in _CLOSING else _end(data, at)


def _inside(data: bytes, at: int, trie: _Trie, path: tuple[str, ...], offsets: dict[tuple[str, ...], int]) -> int:
    """As `_visit`, for an object or a list: each of its parts is passed by itself."""
    named = data[at : at + 1] == b"{"
    at = _after(_SPACE, data, at + 1)
    index = 0
    while data[at : at + 1] not in (b"}", b"]", b""):
        start = at
        if named:
            at = _after(_STRING, data, at)
            step = _key(data[start:at]) if trie else ""
            at = _after(_SPACE, data, at)
        else:
            step = str(index)
        index += 1
        if step in trie:
            offsets[*path, step] = start
            at = _visit(data, at, trie[step], (*path, step), offsets)
        else:
            at = _end(data, at)
        at = _after(_SPACE, data, at)
    return at + 1


def _key(token: bytes) -> str:
    if b"\\" not in token:
        return token[1:-1].decode("utf-8", "replace")
    try:
        return str(json.loads(token))
    except ValueError as error:
        raise _NotJson from error


def _end(data: bytes, at: int) -> int:
    """Return where the value at `at` ends."""
    first = data[at : at + 1]
    if first == b'"':
        return _after(_STRING, data, at)
    if first not in _CLOSING:
        return _after(_PLAIN, data, at)
    near = _closing_line(data, at, _CLOSING[first])
    if near is not None:
        if all(data.count(one, at, near) == data.count(other, at, near) for one, other in _CLOSING.items()):
            return near
        if near - at > _LARGE:
            return _inside(data, at, {}, (), {})
    depth, end = 0, at
    while token := _TO_BRACKET.match(data, end):
        depth += 1 if token[1] in _CLOSING else -1
        end = token.end()
        if not depth:
            return end
    raise _NotJson


def _closing_line(data: bytes, at: int, closing: bytes) -> int | None:
    """Return where a value ends that is written over several lines: at a bracket as far to the right as its first line.

    That is how indented JSON looks, and no string of JSON holds a line break; brackets are counted to be sure.
    """
    if data[at + 1 : at + 2] not in (b"\n", b"\r"):
        return None
    indent = _INDENT.match(data, data.rfind(b"\n", 0, at) + 1)
    found = data.find(b"\n" + (indent[0] if indent else b"") + closing, at)
    return None if found < 0 else data.index(closing, found) + 1


def _from_yaml(data: bytes, trie: _Trie) -> dict[tuple[str, ...], Position]:
    text = data.decode("utf-8", "replace")
    if len(text) > _LARGEST_YAML:
        return {}
    import yaml

    found: dict[tuple[str, ...], Position] = {}
    try:
        events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        for event in events:
            if isinstance(event, yaml.NodeEvent):
                _walk(event, events, trie, (), found)
                break
    except yaml.YAMLError:
        return found
    return found


def _walk(event: Any, events: Iterator[Any], trie: _Trie, path: tuple[str, ...], found: dict[Any, Position]) -> None:
    """Note the places of what the trie names in the node that begins with `event`, and read to its end."""
    import yaml

    found.setdefault(path, _mark(event))
    if not isinstance(event, yaml.CollectionStartEvent):
        return
    if not trie:
        _read_past(events)
        return
    named = isinstance(event, yaml.MappingStartEvent)
    for index, inner in enumerate(events):
        if isinstance(inner, yaml.CollectionEndEvent):
            return
        step, value = str(index), inner
        if named:
            step = inner.value if isinstance(inner, yaml.ScalarEvent) else ""
            if isinstance(inner, yaml.CollectionStartEvent):
                _read_past(events)
            value = next(events)
        if step in trie:
            found[*path, step] = _mark(inner)
            _walk(value, events, trie[step], (*path, step), found)
        elif isinstance(value, yaml.CollectionStartEvent):
            _read_past(events)


def _read_past(events: Iterator[Any]) -> None:
    """Read to the end of the collection that has just begun."""
    import yaml

    depth = 1
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            if not depth:
                return


def _mark(event: Any) -> Position:
    return event.start_mark.line + 1, event.start_mark.column + 1
