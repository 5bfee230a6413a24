"""How do the recorded cases of a suite become requests that can be sent again?"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from olorin_pipelines.contract.corpus.entry import Corpus, Entry, renumbered
from olorin_pipelines.contract.corpus.links import leaves, links
from olorin_pipelines.contract.corpus.store import corpus_key
from olorin_pipelines.contract.recorded import Recorded, recorded
from olorin_pipelines.contract.redaction import FILTERED, is_secret

__all__ = ["Compiler"]

PHASES = ("examples", "coverage", "fuzzing", "stateful")
"""What is kept; what is asked after the suite is planned anew from the answers of each run."""
MOST = 100_000
"""Entries of a corpus; what comes after them is dropped, and counted."""
GARBAGE = "not-a-token"
_OF_THE_CLIENT = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "cookie"}
_FILTERED = FILTERED.encode()
_UUID = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}|[0-9A-HJKMNP-TV-Z]{26}")
"""A UUID or a ULID."""


class Compiler:
    """Takes finished scenarios in their order. `sent` are the run's headers: they are left out, and put in anew."""

    def __init__(self, sent: Iterable[str], *, base: str, known: Iterable[str]) -> None:
        self._sent = tuple(sorted({name.lower() for name in sent}))
        self._base, self._known = base, dict.fromkeys(known)
        self._entries: list[Entry] = []
        self._made: dict[str, tuple[int, str]] = {}
        self._refused: list[int] = []
        self.dropped = 0

    def take(self, scenario: Mapping[str, Any]) -> None:
        """Take a finished scenario of the suite; others are let pass."""
        if scenario.get("phase") not in PHASES:
            return
        recorder = scenario.get("recorder") or {}
        nodes = recorder.get("cases") or {}
        here = _Here(nodes, self._made)
        interactions = recorder.get("interactions") or {}
        for case_id, each in zip(interactions, recorded(scenario, base=self._base, known=self._known), strict=False):
            entry = self._entry(each, nodes.get(case_id) or {})
            if entry is None or len(self._entries) >= MOST:
                self.dropped += 1
                continue
            entry = replace(entry, links=links(entry, here.taken(case_id), partial(here.source, case_id)))
            if each.exchange.wait is not None:
                self._refused.append(len(self._entries))
            here.add(case_id, len(self._entries), each)
            self._entries.append(entry)

    def refused(self) -> tuple[Entry, ...]:
        """Return the requests to which the service asked to come again later, with the values that they had."""
        return tuple(replace(self._entries[number], links=()) for number in self._refused)

    def corpus(self, document: bytes, options: Mapping[str, object], others: Sequence[Entry] = ()) -> Corpus:
        """Return what was kept, followed by `others`: entries of operations that this run left to another corpus."""
        mine = tuple(self._entries)
        more = renumbered(tuple(others), {entry.operation for entry in others}, first=len(mine))
        return Corpus(
            key=corpus_key(document, options),
            digest=hashlib.sha256(document).hexdigest(),
            options=options,
            created=time.time(),
            entries=mine + more,
            dropped=self.dropped,
        )

    def _entry(self, each: Recorded, node: Mapping[str, Any]) -> Entry | None:
        exchange = each.exchange
        address = str((each.interaction.get("request") or {}).get("uri", ""))
        shown = {
            name.lower(): values
            for name, values in ((each.interaction.get("request") or {}).get("headers") or {}).items()
        }
        if FILTERED in address or _FILTERED in exchange.body or not urlsplit(address).path.startswith(self._base):
            return None
        own = {
            # hidden, and not of the run: Schemathesis made a credential up, so that another one will do
            name: exchange.headers[name] if exchange.headers[name] != FILTERED else GARBAGE
            for name in shown
            if name not in self._sent and name not in _OF_THE_CLIENT
        }
        resent = node.get("parent_id") is not None and node.get("transition") is None
        return Entry(
            operation=exchange.operation,
            method=exchange.method,
            path=exchange.path,
            query=exchange.query,
            headers=own,
            body=exchange.body,
            phase=exchange.phase,
            valid=exchange.valid,
            without=tuple(name for name in self._sent if name not in shown),
            bad_token=resent and any(is_secret(name) and name in self._sent for name in shown),
            good=exchange.good,
        )


class _Here:
    """What the earlier answers of one scenario hold, and in `made` the ids that those of any earlier one made."""

    def __init__(self, nodes: Mapping[str, Any], made: dict[str, tuple[int, str]]) -> None:
        self._nodes, self._made = nodes, made
        self._known: dict[str, tuple[int, dict[str, str]]] = {}

    def add(self, case_id: str, number: int, each: Recorded) -> None:
        """Remember what an answer gives that its request did not already hold."""
        exchange = each.exchange
        if exchange.good:
            found = leaves(exchange.answer, exchange.answer_headers.get("location", ""))
            asked = f"{exchange.path}?{exchange.query}"
            new = {
                text: pointer
                for text, pointer in found.items()
                if text not in asked and text.encode() not in exchange.body
            }
            self._known[case_id] = (number, new)
            if exchange.method in ("POST", "PUT") and len(self._made) < MOST:
                # Schemathesis hands ids on from one scenario to another; what else is alike may be chance there.
                self._made |= {text: (number, pointer) for text, pointer in new.items() if _UUID.fullmatch(text)}

    def taken(self, case_id: str) -> Mapping[str, Any]:
        """The names of the values that Schemathesis took from an earlier answer."""
        transition = (self._nodes.get(case_id) or {}).get("transition") or {}
        return {
            name: value for values in (transition.get("parameters") or {}).values() for name, value in values.items()
        }

    def source(self, case_id: str, text: str, short: bool) -> tuple[int, str] | None:
        """The latest answer that gives this value, of those it was derived from first."""
        for each in self._before(case_id, derived=short):
            number, found = self._known[each]
            if text in found:
                return number, found[text]
        return None if short else self._made.get(text)

    def _before(self, case_id: str, *, derived: bool) -> Iterator[str]:
        parent = (self._nodes.get(case_id) or {}).get("parent_id")
        for _ in range(len(self._nodes)):
            if parent is None:
                break
            if parent in self._known:
                yield parent
            parent = (self._nodes.get(parent) or {}).get("parent_id")
        if not derived:
            yield from reversed(self._known)
