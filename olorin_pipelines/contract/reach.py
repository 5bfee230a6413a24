"""May test data be written at an address? On this machine it may; elsewhere only when somebody says so."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from olorin_pipelines.errors import UnknownName
from olorin_pipelines.openapi import operations

__all__ = ["chosen", "is_loopback"]


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own: `localhost`, 127.0.0.0/8 or ::1. Names are not looked up."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def chosen(document: Mapping[str, Any], *, named: Iterable[str] = (), tags: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the operations (`GET /x`) that are named, by `operationId` or key, or that have one of the tags.

    Empty when nothing is asked for. Raises `UnknownName` for an operation or a tag that the document has not.
    """
    there = list(operations(document))
    by_name = {each.key: each.key for each in there} | {each.operation_id: each.key for each in there}
    by_name.pop("", None)
    tagged: dict[str, list[str]] = {}
    for each in there:
        listed = each.item.get("tags")
        for tag in listed if isinstance(listed, list) else ():
            tagged.setdefault(str(tag), []).append(each.key)
    found: dict[str, None] = {}
    for name in named:
        method, _, path = name.partition(" ")
        key = f"{method.upper()} {path.strip()}" if path else name
        if key not in by_name:
            raise UnknownName("operation", name, by_name)
        found[by_name[key]] = None
    for tag in tags:
        if tag not in tagged:
            raise UnknownName("tag", tag, tagged)
        found |= dict.fromkeys(tagged[tag])
    return tuple(found)
