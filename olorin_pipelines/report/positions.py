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
_Trie: TypeAlias = dict[str, Any]
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SKIP = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}\'#]', re.DOTALL)
_SPACE = re.compile(r"[\s,:]*")
_PLAIN = re.compile(r"[-+.0-9eE]+|true|false|null")


def positions(raw: bytes, pointers: Iterable[str]) -> dict[str, Position]:
    """Return where each pointer leads in the text; for one that leads nowhere, the nearest parent that is there.

    Empty for a text that cannot be read, or is too large to be read in passing.
    """
    wanted = set(pointers)
    text = raw.decode("utf-8-sig", "replace")
    trie: _Trie = {}
    for pointer in wanted:
        node = trie
        for step in _steps(pointer)[:_DEEPEST]:
            node = node.setdefault(step, {})
    try:
        found = _from_json(text, trie) if text.lstrip()[:1] in ("{", "[") else _from_yaml(text, trie)
    except _NotJson:
        found = _from_yaml(text, trie)
    return {pointer: found[near] for pointer in wanted if (near := _nearest(pointer, found)) is not None}


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _nearest(pointer: str, found: dict[tuple[str, ...], Position]) -> tuple[str, ...] | None:
    path = tuple(_steps(pointer))
    return next((path[:length] for length in range(len(path), -1, -1) if path[:length] in found), None)


class _NotJson(Exception):
    """The text begins like JSON and is something else, as YAML in its flow style."""


def _from_json(text: str, trie: _Trie) -> dict[tuple[str, ...], Position]:
    offsets: dict[tuple[str, ...], int] = {}
    _visit(text, _after(_SPACE, text, 0), trie, (), offsets)
    found: dict[tuple[str, ...], Position] = {}
    line, seen, start = 1, 0, 0
    for path, offset in sorted(offsets.items(), key=lambda item: item[1]):
        line += text.count("\n", seen, offset)
        start = text.rfind("\n", 0, offset) + 1
        seen = offset
        found[path] = (line, offset - start + 1)
    return found


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    if match is None:
        raise _NotJson
    return match.end()


def _visit(text: str, at: int, trie: _Trie, path: tuple[str, ...], offsets: dict[tuple[str, ...], int]) -> int:
    """Note the offsets of what the trie names in the value at `at`; return where the value ends."""
    offsets.setdefault(path, at)
    kind = text[at : at + 1]
    if not trie or kind not in ("{", "["):
        return _end(text, at)
    at = _after(_SPACE, text, at + 1)
    index = 0
    while text[at : at + 1] not in ("}", "]", ""):
        start = at
        if kind == "{":
            at = _after(_STRING, text, at)
            step = _key(text[start:at])
            at = _after(_SPACE, text, at)
        else:
            step = str(index)
        index += 1
        if step in trie:
            offsets[*path, step] = start
            at = _visit(text, at, trie[step], (*path, step), offsets)
        else:
            at = _end(text, at)
        at = _after(_SPACE, text, at)
    return at + 1


def _key(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(json.loads(token))
    except ValueError as error:
        raise _NotJson from error


def _end(text: str, at: int) -> int:
    """Return where the value at `at` ends."""
    first = text[at : at + 1]
    if first == '"':
        return _after(_STRING, text, at)
    if first not in ("{", "["):
        return _after(_PLAIN, text, at)
    depth = 0
    for token in _SKIP.finditer(text, at):
        char = token[0]
        if char in ("{", "["):
            depth += 1
        elif char in ("}", "]"):
            depth -= 1
            if not depth:
                return token.end()
        elif char in ("'", "#"):  # quotes and comments of YAML
            break
    raise _NotJson


def _from_yaml(text: str, trie: _Trie) -> dict[tuple[str, ...], Position]:
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
