"""Does a request violate its schema in a way that no lenient parser explains? When in doubt, it does not.

A type alone never counts, as frameworks coerce, nor does a format. Beyond that, correct servers differ from JSON
Schema in the dialect of their patterns, in what the length of a text is, and in whether they strip it first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

from olorin_pipelines.contract.judge.schemas import Validator

__all__ = ["Broken", "broken", "keywords_broken"]

_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_SHAPE = {"required", "additionalProperties", "minItems", "maxItems", "minProperties", "maxProperties"}
_TEXT = {"minLength", "maxLength", "pattern"}
_ONE_OF_MANY = {"anyOf", "oneOf"}
_MOST = 200


class Broken(NamedTuple):
    """A keyword that a value certainly violates, and where; `lenient` when some correct frameworks let it pass.

    `pointer` leads to the keyword in the document.
    """

    keyword: str
    at: str
    value: Any = None
    lenient: bool = False
    pointer: str = ""


def broken(validator: Validator, value: Any) -> Broken | None:
    """Return the first certain violation, one that is not lenient before one that is."""
    found = [made for error in _errors(validator, value) if (made := _certain(error)) is not None]
    return min(found, key=lambda each: each.lenient, default=None)


def keywords_broken(validator: Validator, value: Any) -> set[str]:
    """Return the pointer of every keyword that the value violates, certain or not."""
    return set(_locations(_errors(validator, value)))


def _errors(validator: Validator, value: Any) -> Iterable[Any]:
    return [error for error, _ in zip(validator.iter_errors(value), range(_MOST), strict=False)]


def _locations(errors: Iterable[Any]) -> Iterable[str]:
    for error in errors:
        yield _location(error)
        for branch in getattr(error.kind, "context", ()):
            yield from _locations(branch)


def _certain(error: Any) -> Broken | None:
    name = error.kind.name
    if name in _ONE_OF_MANY:
        return _of_branches(error)
    if name == "uniqueItems":  # a parser that reads into a set keeps one of each
        return Broken(name, _place(error), error.instance, lenient=True, pointer=_location(error))
    return Broken(name, _place(error), error.instance, pointer=_location(error)) if _holds(name, error) else None


def _holds(name: str, error: Any) -> bool:
    value = error.instance
    if name in _SHAPE:
        return True
    if name in _BOUNDS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if name == "multipleOf":
        return type(value) is int and float(error.kind.multiple_of).is_integer()
    if name in ("enum", "const"):
        allowed = error.kind.options if name == "enum" else [error.kind.expected_value]
        spelled = any(str(each).lower() == str(value).lower() for each in allowed if not isinstance(each, str))
        return isinstance(value, str) and any(isinstance(each, str) for each in allowed) and not spelled
    return name in _TEXT and isinstance(value, str) and _text_holds(name, error)


def _text_holds(name: str, error: Any) -> bool:
    value: str = error.instance
    if value != value.strip():
        return False
    if name == "pattern":
        return value.isascii() and value.isprintable() and not _python_finds(error.kind.pattern, value)
    return value.isascii() or max(map(ord, value)) < 0x300  # beyond: combining signs, surrogates


def _python_finds(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


def _of_branches(error: Any) -> Broken | None:
    """Certain when every branch but that of null fails for a certain reason, and no surer than the least of them."""
    found: list[Broken] = []
    for branch in getattr(error.kind, "context", ()):
        if all(_wants_null(each) and each.instance_path == error.instance_path for each in branch):
            continue
        certain = [made for each in branch if (made := _certain(each)) is not None]
        if not certain:
            return None
        found.append(min(certain, key=lambda each: each.lenient))
    return max(found, key=lambda each: each.lenient, default=None)


def _wants_null(error: Any) -> bool:
    return list(getattr(error.kind, "types", ())) == ["null"] or list(getattr(error.kind, "options", ())) == [None]


def _place(error: Any) -> str:
    return "".join(f"/{part}" for part in error.instance_path) or "/"


def _location(error: Any) -> str:
    return unquote(str(error.absolute_keyword_location or "").partition("#")[2])
