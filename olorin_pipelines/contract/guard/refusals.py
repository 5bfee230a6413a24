"""What does an answer of the guard itself mean? In words, by the reason that it gave."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from olorin_pipelines.contract.guard.bootstrap import REFUSED_BY

__all__ = ["Refusal", "refusal_of"]

_POLICY = re.compile(r"rbac_access_denied_matched_policy\[(\w+)\]")
_CAUSE = re.compile(r"\{(.*)\}")
_REFUSED = {
    "rate": "the guard's rate was reached",
    "cap": "the guard's number of requests was reached",
    "deadline": "the guard's time was up",
    "method": "the guard lets this method not pass",
    "method_override": "the guard lets no other method pass, by whatever name",
    "body": "the guard lets no body pass",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the guard answered in the target's place. `reason` is a word; `unanswered`: it asked, and got no answer."""

    reason: str
    message: str
    unanswered: bool


def refusal_of(headers: Mapping[str, str]) -> Refusal | None:
    """Return why the guard answered itself, None when this is the target's own answer."""
    said = headers.get(REFUSED_BY)
    if said is None:
        return None
    policy = _POLICY.fullmatch(said)
    reason = policy[1] if policy else said.partition("{")[0]
    if reason in _REFUSED:
        return Refusal(reason, _REFUSED[reason], unanswered=False)
    cause = _CAUSE.search(said)
    words = (cause[1] if cause else said).replace("_", " ").replace("|", ": ")
    return Refusal(reason, words.strip(": "), unanswered=reason.startswith(("upstream", "no_healthy", "response_")))
