"""Does a service remember what was done before, and only that? Exchanges in the order in which they happened."""

from __future__ import annotations

from urllib.parse import urlsplit

from olorin_pipelines.contract.judge.exchange import Exchange, Violation

__all__ = ["Sequence"]

_READING = ("GET", "HEAD", "OPTIONS")
_REMEMBERED = 20_000


class Sequence:
    """Looks for resources that outlive their deletion, and for reading requests that answer differently each time."""

    def __init__(self) -> None:
        self._deleted: set[str] = set()
        self._created: set[str] = set()
        self._named: dict[tuple[str, str, str], int] = {}
        self._plain: dict[str, dict[tuple[str, str, str], int]] = {}
        self._remembered = 0

    def take(self, exchange: Exchange) -> Violation | None:
        """Take the next exchange, and return what is wrong with it for what came before."""
        if exchange.status is None or exchange.probe not in ("", "again"):
            return None
        if exchange.method in _READING:
            return self._reading(exchange, exchange.status)
        if exchange.good:
            self._written(exchange)
        return None

    def _reading(self, exchange: Exchange, status: int) -> Violation | None:
        before = self._before(exchange, status)
        if exchange.path in self._deleted and exchange.good:
            return Violation(check="use_after_delete", message=f"answered {status} after it was deleted")
        if exchange.path in self._created and status in (404, 410):
            return Violation(check="resource_available", message=f"answered {status} after it was created")
        if exchange.probe == "again" and before < 300 <= status < 500 and status != 429:
            said = f"answered {before} first and {status} to the same request later"
            return Violation(check="same_again", message=said, place=str(status))
        return None

    def _before(self, exchange: Exchange, status: int) -> int:
        """The first answer to the same request; what has a parameter in its path may vanish by any writing."""
        known = self._named if "{" in exchange.operation else self._plain.setdefault(exchange.path, {})
        same = (exchange.method, exchange.path, exchange.query)
        if same not in known:
            if self._remembered >= _REMEMBERED:
                return status
            self._remembered += 1
            known[same] = status
        return known[same]

    def _written(self, exchange: Exchange) -> None:
        self._remembered -= len(self._named)
        self._named.clear()
        for path in [path for path in self._plain if exchange.path.startswith(path)]:
            self._remembered -= len(self._plain.pop(path))
        if exchange.method == "DELETE":
            self._created.clear()  # it may have deleted more than itself
            if exchange.operation.endswith("}"):
                self._deleted.add(exchange.path)
            return
        location = urlsplit(exchange.answer_headers.get("location", "")).path
        below = exchange.path.rstrip("/") + "/"
        # What is made again under a name may have any name below this one.
        self._deleted = {each for each in self._deleted if each != exchange.path and not each.startswith(below)}
        if exchange.status == 201 and below in location:
            self._created.add(location[location.index(below) :])
