"""How are the requests of a corpus sent again? In their order, later ones with the values of this run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from olorin_pipelines.contract.corpus.compile import GARBAGE
from olorin_pipelines.contract.corpus.entry import Entry, Link
from olorin_pipelines.contract.corpus.links import bound, value_at
from olorin_pipelines.contract.redaction import is_secret
from olorin_pipelines.contract.sending import Sender
from olorin_pipelines.contract.wire import Answer

__all__ = ["Replayed", "send_again"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How many requests were sent, how many no longer fitted in the time, and how long it took."""

    sent: int
    left_out: int
    seconds: float


def send_again(
    entries: Iterable[Entry],
    sender: Sender,
    *,
    credentials: Iterable[str],
    seconds: float,
    monotonic: Callable[[], float] = time.monotonic,
) -> Replayed:
    """Send the entries through `sender` for at most `seconds`.

    `credentials` are the names of the run's headers: those that tell a secret are replaced where a bad one was sent.
    """
    started = monotonic()
    every = tuple(entries)
    wanted = {link.source for entry in every for link in entry.links}
    secret = tuple(sorted(name.lower() for name in credentials if is_secret(name)))
    answers: dict[int, Answer] = {}
    awaited: set[int] = set()

    def value(link: Link) -> object:
        answer = answers.get(link.source)
        return value_at(answer.body, answer.headers.get("location", ""), link.pointer) if answer else None

    def keeping(number: int) -> Callable[[Answer], None]:
        def keep(answer: Answer) -> None:
            awaited.discard(number)
            if answer.status is not None and 200 <= answer.status < 300:
                answers[number] = answer

        awaited.add(number)
        return keep

    sent = 0
    for number, entry in enumerate(every):
        if monotonic() - started >= seconds or sender.patience.lost:
            break
        if any(link.source in awaited for link in entry.links):
            sender.settle()
        request = bound(entry, value) if entry.links else entry
        if entry.bad_token and secret:
            request = _with_bad_token(request, secret)
        sender.send(request, keeping(number) if number in wanted else None)
        sent += 1
    sender.flush()
    return Replayed(sent=sent, left_out=len(every) - sent, seconds=monotonic() - started)


def _with_bad_token(entry: Entry, secret: tuple[str, ...]) -> Entry:
    """The credential that is replaced comes first; with several, each is taken away."""
    without = (*secret, *(name for name in entry.without if name not in secret))
    return replace(entry, probe="garbage_token", without=without, token=f"Bearer {GARBAGE}")
