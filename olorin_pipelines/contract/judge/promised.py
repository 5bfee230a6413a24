"""Which documented headers does no answer ever carry? Not required ones, so that nothing but all answers can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from olorin_pipelines.contract.judge.answers import documented_as
from olorin_pipelines.contract.judge.exchange import Exchange, Violation
from olorin_pipelines.contract.judge.operations import Operation
from olorin_pipelines.contract.samples import resolve

__all__ = ["Promised"]

FEWEST = 5
"""Successful answers without a header before it is missed."""


class Promised:
    """Remembers which documented headers of successful answers were never there."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._answers: dict[tuple[str, str], int] = {}
        self._unseen: dict[tuple[str, str], set[str]] = {}

    def take(self, operation: Operation, exchange: Exchange) -> None:
        """Take an exchange of an operation."""
        if not exchange.good or exchange.status is None:
            return
        responses = operation.node.get("responses") or {}
        name = documented_as(responses, exchange.status)
        if name is None:
            return
        place = operation.key, name
        if place not in self._unseen:
            self._unseen[place] = set(self._optional(responses[name]))
        self._answers[place] = self._answers.get(place, 0) + 1
        if self._unseen[place]:
            self._unseen[place] -= {
                header for header in self._unseen[place] if header.lower() in exchange.answer_headers
            }

    def missed(self) -> list[Violation]:
        """Return an advisory violation for each header that was never sent."""
        return [
            Violation(
                check="response_headers",
                operation=key,
                message=f"the header {header} is documented for {status} and came with no answer",
                place=f"{status} {header}",
                advisory=True,
            )
            for (key, status), headers in self._unseen.items()
            for header in sorted(headers)
            if self._answers[key, status] >= FEWEST
        ]

    def _optional(self, response: Any) -> list[str]:
        headers = (resolve(self._document, response) or {}).get("headers") or {}
        return [name for name, node in headers.items() if not (resolve(self._document, node) or {}).get("required")]
