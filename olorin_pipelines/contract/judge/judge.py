"""Which promises does each exchange break? All named checks over one document, without a clock or a network.

One cause is one violation: an answer of 500 is not also an undocumented status, and what was answered to a request that
should have been refused is not judged further.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from olorin_pipelines.contract.judge.answers import Answers
from olorin_pipelines.contract.judge.checks import CHECKS
from olorin_pipelines.contract.judge.exchange import Exchange, Violation
from olorin_pipelines.contract.judge.noise import is_noise
from olorin_pipelines.contract.judge.operations import Operation, operations
from olorin_pipelines.contract.judge.pagination import Pagination
from olorin_pipelines.contract.judge.placed import placed
from olorin_pipelines.contract.judge.promise import written
from olorin_pipelines.contract.judge.promised import Promised
from olorin_pipelines.contract.judge.refused import Refused
from olorin_pipelines.contract.judge.requests import Requests, without_credentials
from olorin_pipelines.contract.judge.schemas import Schemas
from olorin_pipelines.contract.judge.sequence import Sequence
from olorin_pipelines.contract.judge.timing import Timing

__all__ = ["Judge", "Judgement"]

_REFUSED_TOKEN = (400, 401, 403, 422, 429)
_INDEX = re.compile(r"/\d+(?=/|$)")
_OWN_METHODS = ("HEAD", "OPTIONS")
"""Answered by frameworks for every path, documented or not."""


class Judgement(NamedTuple):
    """What is wrong with an exchange. `told` is False when it could not be judged to its end."""

    violations: tuple[Violation, ...] = ()
    told: bool = True


class Judge:
    """Takes exchanges in the order in which they happened; `judged` counts them by check."""

    def __init__(self, document: Mapping[str, Any], *, timing: Timing | None = None) -> None:
        self._document = document
        self.operations = operations(document)
        self.schemas = Schemas(document)
        self.requests = Requests(document, self.schemas)
        self._answers = Answers(document, self.schemas)
        self._sequence, self._pagination = Sequence(), Pagination(self.operations)
        self._timing, self._promised = timing or Timing(), Promised(document)
        self._refused = Refused(self.requests)
        self._no_token: dict[str, int] = {}
        self._forged: set[str] = set()
        self.judged: Counter[str] = Counter({check.name: 0 for check in CHECKS})

    def take(self, exchange: Exchange) -> Judgement:
        """Judge the next exchange."""
        operation = self.operations.get(exchange.operation)
        if operation is None or exchange.status is None:
            return Judgement(told=False)
        if exchange.method != operation.method:
            return self._other_method(operation, exchange)
        self._timing.take(exchange)
        self._promised.take(operation, exchange)
        try:
            found = tuple(placed(each, operation) for each in self._violations(operation, exchange, exchange.status))
            return Judgement(found, told=exchange.whole)
        except ValueError:  # a schema that cannot be used, as one with a reference out of the document
            return Judgement(told=False)

    def end(self) -> tuple[Violation, ...]:
        """Return what only all exchanges together show."""
        self.judged["response_time"] = self._timing.operations
        found = (*self._refused.end(), *self._timing.slow(), *self._promised.missed())
        return tuple(placed(each, self.operations.get(each.operation)) for each in found)

    def _count(self, exchange: Exchange, status: int) -> None:
        names = ["server_error", "status_documented"]
        if status < 400:
            names += ["content_type", "response_headers", "response_schema", "constraints_enforced"]
        elif status < 500:
            names.append("error_body")
        if exchange.valid:
            names.append("valid_request_accepted")
        if exchange.method == "GET":
            names += ["use_after_delete", "resource_available", "same_again"]
        if self._pagination.concerns(exchange):
            names.append("pagination_honoured")
        self.judged.update(names)

    def _other_method(self, operation: Operation, exchange: Exchange) -> Judgement:
        if exchange.method in operation.path_methods or exchange.method in _OWN_METHODS:
            return Judgement()
        self.judged["unsupported_method"] += 1
        if not exchange.good:
            return Judgement()
        said = f"{exchange.method} is not documented and answered {exchange.status}"
        found = Violation(check="unsupported_method", message=said, place=exchange.method)
        return Judgement((placed(found, operation),))

    def _violations(self, operation: Operation, exchange: Exchange, status: int) -> Iterator[Violation]:
        self._count(exchange, status)
        remembered = self._sequence.take(exchange)
        paged = self._pagination.take(exchange)
        entry = self._credentials(operation, exchange, status) if status < 500 else None
        if entry is not None:
            yield entry
            return
        if exchange.good and (accepted := self._accepted(operation, exchange)) is not None:
            yield accepted
            if not accepted.advisory:
                return
        if remembered is not None:
            yield remembered
            return
        answer = None if exchange.method == "HEAD" or not exchange.whole else exchange.answer
        found = self._answers.violations(operation.node, operation.pointer, status, exchange.answer_headers, answer)
        if not (found and found[0].check == "status_documented" and is_noise(operation, exchange)):
            yield from found
        if paged is not None:
            yield paged
        refusal = self._refused.take(operation, exchange)
        if refusal is not None and not found:
            yield refusal

    def _accepted(self, operation: Operation, exchange: Exchange) -> Violation | None:
        found = self.requests.broken(operation, exchange)
        if found is None:
            return None
        self._answers.explain(found.at.replace("/", " ").split()[-1], found.value)
        said = f"answered {exchange.status} though {found.at} violates {found.keyword}"
        return Violation(
            check="constraints_enforced",
            message=said,
            place=f"{_INDEX.sub('/*', found.at)} {found.keyword}",
            advisory=found.lenient,
            pointer=written(self._document, found.pointer),
            expected=f"a refusal of what violates {found.keyword}",
            got=str(exchange.status),
        )

    def _credentials(self, operation: Operation, exchange: Exchange, status: int) -> Violation | None:
        if not operation.credentials:
            return None
        if without_credentials(operation, exchange):
            self.judged["auth_required"] += 1
            if exchange.probe == "no_token":
                self._no_token[operation.key] = status
            if exchange.good:
                return Violation(check="auth_required", message=f"answered {status} without credentials")
        elif exchange.probe.endswith("_token"):
            self.judged["token_refused"] += 1
            # Answered as if the token were good, where the same request without any token is refused.
            refused = self._no_token.get(operation.key) in (401, 403)
            if refused and status not in _REFUSED_TOKEN and operation.key not in self._forged:
                self._forged.add(operation.key)
                kind = exchange.probe.removesuffix("_token").replace("_", " ")
                said = f"answered {status} to a token that is {kind}"
                return Violation(check="token_refused", message=said, place=exchange.probe)
        return None
