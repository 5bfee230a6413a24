"""Which requests follow the suite? Successful ones again, with one thing changed: page, number, body, token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from olorin_pipelines.contract.afterwards.spread import spread
from olorin_pipelines.contract.afterwards.tokens import Token, tokens
from olorin_pipelines.contract.judge import Exchange
from olorin_pipelines.contract.judge.answers import is_json
from olorin_pipelines.contract.judge.exchange import Probe
from olorin_pipelines.contract.judge.inputs import path_values
from olorin_pipelines.contract.judge.operations import Operation
from olorin_pipelines.contract.judge.pagination import OFFSETS, limit_of, named
from olorin_pipelines.contract.judge.requests import Requests

__all__ = ["Ask", "plan", "with_query"]

_MALFORMED = b'{"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request to send for an operation: `seed` with these things changed. `phase` says what it is for."""

    phase: str
    seed: Exchange
    path: str = ""
    query: str = ""
    body: bytes = b""
    valid: bool | None = None
    probe: Probe = ""
    token: Token | None = None
    credential: str = field(default="")


def plan(
    operations: Mapping[str, Operation],
    seeds: Mapping[str, Exchange],
    requests: Requests,
    *,
    good: Mapping[str, str],
    expired: Mapping[str, str],
    invalid: bool,
    there: Sequence[str] = (),
) -> Iterator[Ask]:
    """Yield the requests to send. Those that break a rule come last, and only if `invalid`.

    `there` are paths of what the run created and did not delete: of each kind one that no other request is about is
    deleted, and then read.
    """
    found = [(operations[key], seed) for key, seed in seeds.items() if key in operations]
    spare = [path for path in there if not any(f"{seed.path}/".startswith(f"{path}/") for seed in seeds.values())]
    reading = [(operation, seed) for operation, seed in found if operation.method == "GET"]
    for operation, seed in found:
        if operation.method == "POST":  # twice the same, and lists that are long enough for pages
            yield from [_ask("repeated", seed)] * 3
    for operation, seed in found:
        if operation.method == "DELETE":
            yield from _deleted(operation, seed, seeds.get(f"GET {operation.path}"), spare)
    for operation, seed in reading:
        yield from _pages(operation, seed)
    for _, seed in reading:
        yield from [_ask("again", seed, probe="again")] * 2
    for operation, seed in found:
        yield from (
            _ask("spread", seed, path=path, query=query, body=body)
            for path, query, body in spread(operation, seed, requests)
        )
    if invalid:
        for operation, seed in found:
            yield from _malformed(operation, seed)
        for operation, seed in found:
            yield from _bad_tokens(operation, seed, good, expired)


def with_query(query: str, **values: int) -> str:
    """Return a query with these values in place of its own."""
    kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name not in values]
    return urlencode([*kept, *((name, str(value)) for name, value in values.items())])


def _ask(phase: str, seed: Exchange, *, probe: Probe = "", **changed: str | bytes) -> Ask:
    whole = {"path": seed.path, "query": seed.query, "body": seed.body, **changed}
    return Ask(phase=phase, seed=seed, probe=probe, **whole)  # type: ignore[arg-type] # what a caller changes is of its type


def _pages(operation: Operation, seed: Exchange) -> Iterator[Ask]:
    """One item where there may be more, then the page behind it, of a list that nothing else narrows."""
    limit, offset = limit_of(operation), named(operation, OFFSETS)
    required = {each.name for each in operation.parameters if each.required and each.place == "query"}
    query = urlencode([each for each in parse_qsl(seed.query, keep_blank_values=True) if each[0] in required])
    size = {limit: 1} if limit else {}
    if limit or offset:
        yield _ask("pages", seed, query=query)
    if limit:
        yield _ask("pages", seed, query=with_query(query, **size))
    if offset:
        first: Sequence[int] = (0, 1) if offset.lower() in ("offset", "skip") else (1, 2)
        yield from (_ask("pages", seed, query=with_query(query, **size, **{offset: at})) for at in first)


def _deleted(operation: Operation, seed: Exchange, read: Exchange | None, there: Sequence[str]) -> Iterator[Ask]:
    """A suite may by chance never read what it deleted."""
    path = next((path for path in there if path_values(operation.path, path)), None)
    if path is not None and read is not None:
        yield _ask("deleted", seed, path=path)
        yield _ask("deleted", read, path=path)


def _malformed(operation: Operation, seed: Exchange) -> Iterator[Ask]:
    if any(is_json(media.partition(";")[0].strip().lower()) for media in operation.bodies) and seed.body:
        kind = seed.headers.get("content-type", "").partition(";")[0].strip().lower()
        if is_json(kind):
            yield _ask("malformed", seed, body=_MALFORMED)


def _bad_tokens(
    operation: Operation, seed: Exchange, good: Mapping[str, str], expired: Mapping[str, str]
) -> Iterator[Ask]:
    """With several credentials, one of them alone is no proof."""
    if len(operation.credentials) != 1 or operation.credentials[0].place != "header":
        return
    name = operation.credentials[0].name
    for token in tokens(name, good, expired):
        yield Ask(
            phase="tokens",
            seed=seed,
            path=seed.path,
            query=seed.query,
            body=seed.body,
            probe=token.probe,
            token=token,
            credential=name,
        )
