"""Which numbers, lengths and texts that are allowed are worth trying? A suite tries ends; a bug may sit in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson

from olorin_pipelines.contract.judge import Exchange
from olorin_pipelines.contract.judge.operations import Operation
from olorin_pipelines.contract.judge.requests import Requests

__all__ = ["spread", "values_between"]

WHOLE = 128
"""A range of at most so many numbers is tried out; of a larger one, `SAMPLED` numbers."""
SAMPLED = 48
_ODD = (7, 13, 37, 42, 64, 77, 99, 101, 128, 255, 256, 512, 1023, 1024)
"""Numbers that people and machines are fond of."""
LONGEST = 64
"""A text that may be longer is not tried in every length."""
AWKWARD = ('O\'Brien said "50%" <b>&amp; \\', "'\"%\\", "'")
"""Texts that mean something to SQL, HTML, JSON and formats; of a property the first that fits is tried."""
_SHAPED = ("pattern", "format", "enum", "const")


def spread(operation: Operation, seed: Exchange, requests: Requests) -> Iterator[tuple[str, str, bytes]]:
    """Yield path, query and body of requests that differ from `seed` by one value inside its documented range."""
    for parameter in operation.parameters:
        if parameter.place != "query":
            continue
        for value in _values(requests.resolved(parameter.node.get("schema"))):
            rest = [each for each in parse_qsl(seed.query, keep_blank_values=True) if each[0] != parameter.name]
            yield seed.path, urlencode([*rest, (parameter.name, str(value))]), seed.body
    yield from _in_path(operation, seed, requests)
    yield from _in_body(operation, seed, requests)


def values_between(low: int, high: int) -> list[int]:
    """Return the numbers to try, the ends aside: of a large range round ones, odd ones, and some in equal steps."""
    inside = range(low + 1, high)
    if len(inside) <= WHOLE:
        return list(inside)
    likely = {number for number in (*_round(high), *_ODD, (low + high) // 2) if number in inside}
    even = SAMPLED - len(likely)
    return sorted(likely | {inside[place * len(inside) // even] for place in range(even)})


def _round(high: int) -> list[int]:
    """The last eighteen numbers below `high` that are one digit followed by noughts."""
    found = [digit * 10**size for size in range(1, len(str(high)) + 1) for digit in range(1, 10)]
    return [number for number in found if number < high][-18:]


def _in_path(operation: Operation, seed: Exchange, requests: Requests) -> Iterator[tuple[str, str, bytes]]:
    """Only where nothing is written: there a number is a choice, elsewhere the name of something that may not exist."""
    if operation.method != "GET":
        return
    wanted, sent = operation.path.split("/"), seed.path.split("/")
    for parameter in operation.parameters:
        part = "{" + parameter.name + "}"
        if parameter.place != "path" or wanted.count(part) != 1 or len(wanted) != len(sent):
            continue
        for value in _numbers(requests.resolved(parameter.node.get("schema"))):
            place = wanted.index(part)
            yield "/".join([*sent[:place], quote(str(value)), *sent[place + 1 :]]), seed.query, seed.body


def _in_body(operation: Operation, seed: Exchange, requests: Requests) -> Iterator[tuple[str, str, bytes]]:
    read = requests.body(operation, seed)
    if read is None or not isinstance(read[1], dict):
        return
    schema = requests.schema_at(read[0])
    for name, each in (schema.get("properties") or {}).items():
        for value in _values(requests.resolved(each)):
            yield seed.path, seed.query, orjson.dumps({**read[1], name: value})


def _values(schema: Mapping[str, Any]) -> list[int] | list[str]:
    """The values to try for integers with two ends, and for texts without a shape; none for any other."""
    if schema.get("type") == "string" and not any(key in schema for key in _SHAPED):
        return _texts(schema.get("minLength", 0), schema.get("maxLength"))
    return _numbers(schema)


def _texts(shortest: Any, longest: Any) -> list[str]:
    """Every length of a short range, and one awkward text that is allowed."""
    if type(shortest) is not int:
        return []
    most = longest if type(longest) is int else inf
    awkward = [text for text in AWKWARD if shortest <= len(text) <= most][:1]
    if type(longest) is not int or longest > LONGEST:
        return awkward
    return ["a" * length for length in values_between(shortest, longest)] + awkward


def _numbers(schema: Mapping[str, Any]) -> list[int]:
    low, high = schema.get("minimum"), schema.get("maximum")
    if schema.get("type") != "integer" or type(low) is not int or type(high) is not int:
        return []
    step = schema.get("multipleOf", 1)
    return [value for value in values_between(low, high) if type(step) is int and value % step == 0]
