"""Which failures do our judge and Schemathesis name together? One cause is one failure, under our name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from olorin_pipelines.contract.evidence import answered, sent, size_of
from olorin_pipelines.contract.fingerprint import fingerprint
from olorin_pipelines.contract.judge import CHECKS, Judgement, Violation
from olorin_pipelines.contract.judge.checks import ours
from olorin_pipelines.contract.judge.operations import Operation
from olorin_pipelines.contract.judge.placed import placed
from olorin_pipelines.contract.model import Failure
from olorin_pipelines.contract.recorded import Recorded

__all__ = ["Failures", "one_line"]

_REMEMBERING = ("auth_required", "token_refused", "use_after_delete", "resource_available", "same_again")
"""What Schemathesis finds by requests of its own, or from what came before; all other checks we judge ourselves."""
_JUDGED = {check.name for check in CHECKS} - set(_REMEMBERING)
_OF_BODIES = ("response_schema", "error_body")
"""What we cannot judge of an answer that was too long to be recorded; all else we can."""
_SCHEMA_AT = "Schema at "
_WIDEST = 200


class Failures:
    """Groups what was found by operation, check and place. What we found ourselves replaces what was borrowed."""

    def __init__(self, operations: Mapping[str, Operation] | None = None) -> None:
        self._operations = operations or {}
        self._known: dict[tuple[str, ...], Failure] = {}
        self._borrowed: set[tuple[str, ...]] = set()
        self._sizes: dict[tuple[str, ...], int] = {}

    def take(self, recorded: Recorded, judgement: Judgement) -> int:
        """Take what is wrong with an exchange; returns how many violations that decide were new or seen again."""
        exchange, found = recorded.exchange, judgement.violations
        deciding = [each for each in found if not each.advisory]
        names = {each.check for each in deciding}
        for each in found:
            self._add(each, recorded, "\n\n".join(_text(check) for check in recorded.failed if _same(check, each)))
        taken = len(deciding)
        for check in recorded.failed:
            violation = placed(_borrowed(check, exchange.status), self._operations.get(exchange.operation))
            judged = violation.check in _JUDGED
            told = judgement.told or (not exchange.whole and violation.check not in _OF_BODIES)
            if violation.check in names or (judged and (deciding or told)):
                continue
            self._add(violation, recorded, _text(check), borrowed=True)
            names.add(violation.check)
            taken += 1
        return taken

    def add(self, violation: Violation) -> None:
        """Take a violation that no single exchange shows. What was shown only until now is decided by it."""
        shown = [key for key, each in self._known.items() if each.advisory and key[:2] == _key(violation)]
        bare = Failure(operation=violation.operation, check=violation.check, message="")
        first = self._known[shown[0]] if shown and not violation.advisory else bare
        if not violation.advisory:
            for key in shown:
                del self._known[key]
        identity = (*_key(violation), violation.place, str(violation.advisory))
        self._known[identity] = _told(first, violation)

    @property
    def count(self) -> int:
        """How many failures that decide are known so far."""
        return sum(not failure.advisory for failure in self._distinct())

    def all(self, *, advisory: bool) -> tuple[Failure, ...]:
        """Return the distinct failures, or those that are shown only, by operation and check."""
        chosen = (failure for failure in self._distinct() if failure.advisory is advisory)
        return tuple(sorted(chosen, key=lambda failure: (failure.operation, failure.check)))

    def _distinct(self) -> Iterator[Failure]:
        """Yield each cause once: who asks for no token looks at none, so that bad ones do says nothing more."""
        known = tuple(self._known.values())
        open_to_all = {each.operation for each in known if each.check == "auth_required" and not each.advisory}
        for each in known:
            if each.check != "token_refused" or each.operation not in open_to_all:
                yield each

    def _add(self, violation: Violation, recorded: Recorded, detail: str, *, borrowed: bool = False) -> None:
        exchange = recorded.exchange
        identity = (exchange.operation, violation.check, violation.place, str(violation.advisory))
        known, size = self._known.get(identity), size_of(recorded.interaction)
        times = known.times + 1 if known else 1
        if known is not None and not self._is_better(identity, size, borrowed=borrowed):
            self._known[identity] = replace(known, times=times)
            return
        (self._borrowed.add if borrowed else self._borrowed.discard)(identity)
        self._sizes[identity] = size
        request = sent(recorded.interaction)
        made = Failure(
            operation=exchange.operation,
            check=violation.check,
            message="",
            detail=detail or (known.detail if known else ""),
            curl=request.curl,
            status=exchange.status,
            phase=exchange.phase,
            times=times,
            sent=request,
            answered=answered(recorded.interaction),
        )
        self._known[identity] = _told(made, violation)

    def _is_better(self, identity: tuple[str, ...], size: int, *, borrowed: bool) -> bool:
        """Whether an exchange shows a failure better than the one that is kept: ours first, then the smaller one."""
        kept_borrowed = identity in self._borrowed
        return kept_borrowed if kept_borrowed != borrowed else size < self._sizes[identity]


def _told(failure: Failure, violation: Violation) -> Failure:
    """What a failure says of the document, and the name of its cause."""
    return replace(
        failure,
        message=one_line(violation.message),
        advisory=violation.advisory,
        pointer=violation.pointer,
        expected=violation.expected,
        got=one_line(violation.got),
        fingerprint=fingerprint(violation.check, failure.operation, violation.place),
    )


def _key(violation: Violation) -> tuple[str, str]:
    return violation.operation, violation.check


def _borrowed(check: Mapping[str, Any], status: int | None) -> Violation:
    """A violation that Schemathesis alone has found."""
    title, text = _said(check)
    first = text.partition("\n")[0]
    name = ours(str(check.get("name")))
    message, place = f"{title}: {first}" if first else title, f"{_class(status)} {title} {_place(text)}"
    if name == "auth_required" and "invalid authentication" in title:
        name, place = "token_refused", "garbage_token"
    elif name in _REMEMBERING:
        place = ""
    return Violation(check=name, message=message, place=place)


def _class(status: int | None) -> str:
    return "none" if status is None else f"{status // 100}xx"


def _same(check: Mapping[str, Any], violation: Violation) -> bool:
    """Whether Schemathesis speaks of the same thing; it tells bodies of refusals from others by their status alone."""
    name = ours(str(check.get("name")))
    return name == violation.check or (violation.check == "error_body" and name in ("response_schema", "content_type"))


def _text(check: Mapping[str, Any]) -> str:
    title, text = _said(check)
    return f"Schemathesis {check.get('name')}: {title}\n{text}".strip()


def _said(check: Mapping[str, Any]) -> tuple[str, str]:
    found = (check.get("failure_info") or {}).get("failure") or {}
    return str(found.get("title", "")), str(found.get("message", "")).strip()


def _place(message: str) -> str:
    """What tells two failures of one check apart: the place in the schema, not the value that came."""
    lines = message.splitlines()
    return next((line for line in lines if line.startswith(_SCHEMA_AT)), lines[0] if lines else "")


def one_line(text: str) -> str:
    """Return a text as one line that is not too wide for a table."""
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"
