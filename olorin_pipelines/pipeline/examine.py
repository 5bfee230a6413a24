"""Does a service that stands in no olorin.yaml keep its document? One run against one address, without a registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from olorin_pipelines import contract, openapi, policy
from olorin_pipelines.contract.guard import guarded_client
from olorin_pipelines.contract.judge.checks import NAMES
from olorin_pipelines.contract.reach import chosen, is_loopback
from olorin_pipelines.errors import DocumentError, UsageError
from olorin_pipelines.openapi.fetch import without_credentials
from olorin_pipelines.pipeline.memory import with_memory
from olorin_pipelines.pipeline.served import SERVED, with_served
from olorin_pipelines.report.contract.places import located

if TYPE_CHECKING:
    import httpx

__all__ = ["Asked", "examine", "excused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the service at `url`.

    `schema` is a path or an address (None: the usual places are tried), `isolated` says whether test data may be
    written (None: on this machine it may), `seconds` bounds the run, `coverage` is the share of operations that it
    has to reach. `operations`, `tags` and `changed_since` (a document) choose what is tested. `known` is a file, and so
    is `history`, where failures are remembered from run to run. With `again` the requests of an earlier run by the same
    document are sent again, where they were kept.
    """

    url: str
    schema: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    operations: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    changed_since: str | None = None
    seconds: float = 60.0
    isolated: bool | None = None
    coverage: float = 0.95
    known: Path | None = None
    history: Path | None = None
    seed: int = 0
    again: bool = True


def examine(
    asked: Asked,
    *,
    workdir: Path,
    cache: Path | None = None,
    corpora: contract.Corpora | None = None,
    progress: Callable[[contract.Progress], None] | None = None,
    today: date | None = None,
) -> contract.Tested:
    """Test the service and return what came of it; a KeyboardInterrupt ends the run with what was found until then.

    `cache` is a folder for tables that are slow to build and the same for every service; in `corpora` the requests of
    complete runs are kept. Where no test data may be written, everything passes a guard, the request for the document
    too.

    Raises `UsageError` for a document, an operation or a file that is not there, `ToolFailed` when nothing answers.
    """
    if "@" in urlsplit(asked.url).netloc or urlsplit(asked.url).query:
        hint = "send credentials as --header 'Authorization: …'"
        raise UsageError("the URL of a service holds neither credentials nor a query", hint=hint)
    isolated = is_loopback(asked.url) if asked.isolated is None else asked.isolated
    with nullcontext() if isolated else guarded_client(asked.url, mark=contract.SYNTHETIC) as client:
        snapshot = _document(asked, client)
        known = policy.read_known(asked.known, checks=(*NAMES, SERVED)) if asked.known else None
        only, why = _chosen(asked, snapshot)
        if why and not only:
            return _nothing(asked, snapshot, why)
        if client is None:
            tested = _full(asked, snapshot, only, workdir=workdir, cache=cache, corpora=corpora, progress=progress)
        else:
            tested = _read_only(asked, snapshot, only, client)
        if asked.schema is not None and tested.stop_reason != "interrupted":
            tested = with_served(tested, snapshot, url=asked.url, headers=asked.headers, only=only, client=client)
    if why:
        tested = replace(tested, untested=(why, *tested.untested))
    if known is not None:
        whole = tested.complete and not only and tested.mode == "full"
        tested = excused(tested, policy.excuse(tested.failures, known, today or datetime.now(UTC).date(), whole=whole))
    if asked.history is not None:
        tested = with_memory(tested, asked.history)
    return located(tested, snapshot)


def excused(tested: contract.Tested, said: policy.Excused[contract.Failure]) -> contract.Tested:
    """Return a run with the known failures set aside, so that they no longer decide."""
    known = tuple(replace(one, excuse=f"{entry.reason}, until {entry.expires}") for one, entry in said.excused)
    checks = tested.checks
    if known and not said.failures:
        checks = tuple(contract.without_failures(check, tested, len(known)) for check in checks)
    return replace(tested, failures=said.failures, excused=known, notes=said.notes, checks=checks)


def _document(asked: Asked, client: httpx.Client | None) -> openapi.Snapshot:
    """The credentials are for the service alone: another host that keeps the document does not get them.

    `client` leads to the service and nowhere else; what stands above its path has a guard of its own.
    """
    try:
        if asked.schema is None:
            return openapi.discover(asked.url, headers=asked.headers, client=client)
        site = urlsplit(asked.schema)[:2]
        if site != urlsplit(asked.url)[:2]:
            return openapi.load(asked.schema)
        if client is None or asked.schema.startswith(f"{asked.url.rstrip('/')}/"):
            return openapi.load(asked.schema, headers=asked.headers, client=client)
        with guarded_client("://".join(site), mark=contract.SYNTHETIC) as other:
            return openapi.load(asked.schema, headers=asked.headers, client=other)
    except DocumentError as error:
        raise UsageError(error.message, hint=error.hint) from error


def _chosen(asked: Asked, snapshot: openapi.Snapshot) -> tuple[tuple[str, ...], str]:
    """The operations that are meant (empty: all), and a sentence about those that are not."""
    only = chosen(snapshot.document, named=asked.operations, tags=asked.tags)
    if asked.changed_since is not None:
        try:
            old = openapi.load(asked.changed_since)
        except DocumentError as error:
            raise UsageError(error.message, hint=error.hint) from error
        touched = contract.changed_operations(old.document, snapshot.document)
        only = tuple(key for key in touched if not only or key in only)
        if not only:
            return (), f"no operation that was asked for changed since {asked.changed_since}"
    left = snapshot.operation_count - len(only)
    return only, f"{left} of {snapshot.operation_count} operations were not asked for" if only and left else ""


def _full(
    asked: Asked,
    snapshot: openapi.Snapshot,
    only: tuple[str, ...],
    *,
    workdir: Path,
    cache: Path | None,
    corpora: contract.Corpora | None,
    progress: Callable[[contract.Progress], None] | None,
) -> contract.Tested:
    trial = contract.Trial(
        document=snapshot.canonical,
        url=asked.url,
        workdir=workdir,
        suite=contract.Suite(seconds=asked.seconds, include_operations=only, seed=asked.seed),
        headers=asked.headers,
        cache=cache,
        progress=progress,
        keep_interrupted=True,
    )
    if corpora is None:
        result = contract.run(trial)
    else:
        result = contract.conduct(trial, corpora, again=asked.again, reach=asked.coverage).result
    return contract.of_suite(
        result,
        title=snapshot.title,
        url=without_credentials(asked.url),
        source=snapshot.source,
        version=snapshot.version,
        digest=snapshot.digest,
        threshold=asked.coverage,
    )


def _read_only(
    asked: Asked, snapshot: openapi.Snapshot, only: tuple[str, ...], client: httpx.Client
) -> contract.Tested:
    result = contract.probe(
        snapshot.document, url=asked.url, headers=asked.headers, only=only, seconds=asked.seconds, client=client
    )
    writing = [
        each.key
        for each in openapi.operations(snapshot.document)
        if each.method != "GET" and (not only or each.key in only)
    ]
    note = f"{len(writing)} operations that are no GET were not called; --isolated-data calls them" if writing else ""
    tested = contract.of_probe(
        result,
        title=snapshot.title,
        source=snapshot.source,
        version=snapshot.version,
        digest=snapshot.digest,
        untested=(note,) if note else (),
    )
    return replace(tested, url=without_credentials(asked.url))


def _nothing(asked: Asked, snapshot: openapi.Snapshot, why: str) -> contract.Tested:
    """Nothing changed, so that nothing was to be tested: that is an answer, and no pass."""
    return contract.Tested(
        title=snapshot.title,
        url=without_credentials(asked.url),
        source=snapshot.source,
        version=snapshot.version,
        digest=snapshot.digest,
        mode="full",
        checks=(contract.nothing_to_test(why),),
        untested=(why,),
    )
