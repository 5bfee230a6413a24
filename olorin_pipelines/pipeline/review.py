"""What do the gates say of a change that is not deployed? The same questions, of two documents and maybe an instance.

Nothing is decided here: documents, policy and addresses are put into a case, and the gates and the verdict are those
of every deployment. The record is made in a folder that the caller throws away.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from olorin_pipelines import diff, openapi, policy
from olorin_pipelines.config import Config, Consumer, Environment, Service, load_config
from olorin_pipelines.config.values import Secret, as_name
from olorin_pipelines.contract.reach import is_loopback
from olorin_pipelines.errors import DocumentError, UsageError
from olorin_pipelines.gate import CheckResult, GateResult, Outcome
from olorin_pipelines.pipeline.ahead import begin_types
from olorin_pipelines.pipeline.approved import judged
from olorin_pipelines.pipeline.calling import fetch_document
from olorin_pipelines.pipeline.capture import BASELINE_CHECKS, CANDIDATE_CHECKS, judge_document
from olorin_pipelines.pipeline.case import PRODUCTION, Case, Workplace
from olorin_pipelines.pipeline.checking import find_types
from olorin_pipelines.pipeline.hosting import hosted
from olorin_pipelines.pipeline.served import SERVED
from olorin_pipelines.pipeline.verify import QUESTIONS
from olorin_pipelines.registry import BY_HAND
from olorin_pipelines.report.review.judgement import Judgement
from olorin_pipelines.verdict import GATES, judge

if TYPE_CHECKING:
    from olorin_pipelines.contract import Progress

__all__ = ["Change", "review"]

_PLACE = "review"
_NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A proposed change, and how it is to be judged.

    `base` and `head` are sources as `openapi.load` reads them; without `base` this is the first document, without
    `head` it is what the instance serves. `url` is where the new version answers, `app` an ASGI application to start.
    A consumer is a folder, and after a colon the file of the API's types in it where several could be meant.
    `service` takes policy, consumers and credentials from `olorin.yaml`. `seconds` and `coverage` are those of the
    contract tests (None: as configured), `skip` the gates left out, `intended` the reason to let a break through.
    """

    base: str | None = None
    head: str | None = None
    url: str = ""
    app: str = ""
    service: str | None = None
    consumers: tuple[str, ...] = ()
    approvals: Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    isolated: bool | None = None
    seconds: float | None = None
    coverage: float | None = None
    skip: tuple[str, ...] = ()
    intended: str = ""


Told = Callable[[GateResult], None]


def review(
    change: Change,
    *,
    home: Path,
    cache: Path | None = None,
    told: Told = lambda _: None,
    progress: Callable[[Progress], None] | None = None,
) -> Judgement:
    """Ask every gate about the change and return the verdict; moves nothing and writes below `home` and `cache` only.

    `told` gets each answer as it comes, `progress` how far the contract tests are. Raises `UsageError` for a document
    or a file that cannot be read, `ToolFailed` when the application does not start.
    """
    started = time.monotonic()
    with _instance(change, home) as url:
        base = _loaded(change.base) if change.base is not None else None
        head = _served_as_head(url, change) if change.head is None else _loaded(change.head)
        case = _case(change, base, head, url, home, cache, progress)
        results: dict[str, GateResult] = {}
        for name, (question, checks) in _questions(change, url).items():
            result = case.ask(name, question, checks=checks)
            if change.intended and name in ("schema_diff", "consumer_compatibility"):
                result = _let_through(result, change.intended)
                case.place.registry.record_gate(case.deployment.id, result)
            results[name] = result
            told(result)
    asked = case.policy
    decision = judge(
        [results[name] for name in GATES],
        on_unknown=asked.on_unknown,
        enforce=asked.mode == "enforce",
        report_only=asked.report_only,
    )
    junit = results["contract_tests"].evidence.get("contract_junit")
    return Judgement(
        service=case.name,
        base=base,
        head=head,
        results=results,
        decision=decision,
        judged=judged(case.place.config, case.service, base, head) if base else policy.Judged(findings=()),
        intended=change.intended,
        junit=case.place.artifacts.get(junit).decode() if junit else "",
        seconds=round(time.monotonic() - started, 3),
    )


@contextmanager
def _instance(change: Change, home: Path) -> Iterator[str]:
    """Yield where the new version answers, empty when nobody said so."""
    if not change.app:
        yield change.url
        return
    with hosted(change.app, log=home / "application.log") as url:
        yield url


def _loaded(source: str) -> openapi.Snapshot:
    try:
        return openapi.load(source)
    except DocumentError as error:
        raise UsageError(error.message, hint=error.hint) from error


def _served(url: str, change: Change) -> openapi.Snapshot:
    """What the instance serves: where a service of `olorin.yaml` has its document, with its credentials, else found.

    Raises `DocumentError`.
    """
    if change.service is None:
        return openapi.discover(url, headers=change.headers)
    known = load_config()
    return fetch_document(known, known.service(change.service), environment=_PLACE, url=url)


def _served_as_head(url: str, change: Change) -> openapi.Snapshot:
    try:
        return _served(url, change)
    except DocumentError as error:
        raise UsageError(error.message, hint="name the document: --head FILE") from error


def _case(
    change: Change,
    base: openapi.Snapshot | None,
    head: openapi.Snapshot,
    url: str,
    home: Path,
    cache: Path | None,
    progress: Callable[[Progress], None] | None,
) -> Case:
    config, name = _configured(change, head, url, home)
    place = Workplace(config, cache)
    row, _ = place.registry.announce(
        name, environment=_PLACE, version=head.version or "unnamed", url=url or _NOWHERE, run_id=BY_HAND
    )
    given = {"candidate": head, **({"baseline": base} if base is not None else {})}
    begun = {}
    if "generated_types" not in change.skip:
        begun[head.digest] = begin_types(head, store=place.folder("types"))
    return Case(place, row, config.service(name), progress=progress, given=given, begun=begun)


def _configured(change: Change, head: openapi.Snapshot, url: str, home: Path) -> tuple[Config, str]:
    """The configuration of the change: that of the named service, or one that says nothing but what was asked for."""
    if change.service is not None:
        known = load_config()
        name, root, service = change.service, known.root, known.service(change.service)
    else:
        name, root = as_name(head.title), Path.cwd()
        service = Service(environments={PRODUCTION: Environment(url=_NOWHERE)})
    isolated = bool(url) and is_loopback(url) if change.isolated is None else change.isolated
    place = Environment(url=url or _NOWHERE, isolated_data=isolated)
    secrets = {header: Secret(value) for header, value in change.headers.items()}
    service = service.model_copy(
        update={
            "environments": {**service.environments, _PLACE: place},
            "policy": service.policy.model_copy(update=_policy(change)),
            "consumers": (*service.consumers, *map(_consumer, change.consumers)),
            "auth": service.auth.model_copy(update={"more": {**service.auth.more, **secrets}}),
        }
    )
    return Config(root=root, home=home, services={name: service}), name


def _policy(change: Change) -> dict[str, Any]:
    """Return what of the policy was asked for."""
    asked = {
        "contract_seconds": change.seconds,
        "coverage": change.coverage,
        "approvals": change.approvals.absolute() if change.approvals is not None else None,
        "breaking": "warn" if change.intended else None,
    }
    return {key: value for key, value in asked.items() if value is not None}


def _consumer(told: str) -> Consumer:
    folder, _, types = told.partition(":")
    path = Path(folder).resolve()
    if not path.is_dir():
        raise UsageError(f"--consumer {folder!r} is no folder", hint="write DIR, or DIR:src/api/schema.d.ts")
    try:
        return Consumer(name=path.name, path=path, types=types or find_types(path))
    except UsageError as error:
        raise UsageError(error.message, hint=f"name the file: --consumer {folder}:src/api/schema.d.ts") from error


Question = Callable[[Case], GateResult]


def _questions(change: Change, url: str) -> dict[str, tuple[Question, tuple[str, ...]]]:
    """Return each gate with its question: those of a deployment, but for the documents, which are at hand."""
    asked: dict[str, tuple[Question, tuple[str, ...]]] = {
        **QUESTIONS,
        "baseline_schema": (_base_is_given, BASELINE_CHECKS),
        "openapi_schema": (_head_is_given, CANDIDATE_CHECKS),
    }
    if url and change.head is not None:
        asked["openapi_schema"] = (lambda case: _head_is_served(case, url, change), (*CANDIDATE_CHECKS, SERVED))
    left_out = dict.fromkeys(change.skip, "left out by --skip")
    if not url:
        left_out.setdefault("contract_tests", "no instance of the new version was given: --app or --url")
    for name, why in left_out.items():
        asked[name] = (_left_out(name, why), ())
    return asked


def _base_is_given(case: Case) -> GateResult:
    base = case.document("baseline")
    outcome = Outcome.PASS if base is not None else Outcome.NOT_APPLICABLE
    said = f"{base.version} of {base.source}" if base is not None else "no document to compare with was given"
    return GateResult.of_checks("baseline_schema", [CheckResult(name="observed", outcome=outcome, summary=said)])


def _head_is_given(case: Case) -> GateResult:
    return judge_document(case, case.given["candidate"])


def _head_is_served(case: Case, url: str, change: Change) -> GateResult:
    """The given document is sound, and the instance serves one that keeps its promises, where it serves one at all."""
    head = case.given["candidate"]
    result = judge_document(case, head)
    try:
        served = _served(url, change)
    except DocumentError:
        check = CheckResult(name=SERVED, outcome=Outcome.NOT_APPLICABLE, summary="the instance serves no document")
    else:
        broken = [one for one in diff.diff(head, served) if one.severity is diff.Severity.BREAKING]
        said = (
            f"it serves another one: {broken[0].operation}: {broken[0].message} [{broken[0].id}]"
            if broken
            else "the instance serves this document, or one that keeps its promises"
        )
        check = CheckResult(name=SERVED, outcome=Outcome.FAIL if broken else Outcome.PASS, summary=said)
    return GateResult.of_checks(
        result.gate, [*result.checks, check], facts=result.facts, rows=result.rows, evidence=result.evidence
    )


def _left_out(name: str, why: str) -> Question:
    return lambda _: GateResult(gate=name, outcome=Outcome.NOT_APPLICABLE, summary=why)


def _let_through(result: GateResult, reason: str) -> GateResult:
    """A gate that FAILED passes for a reason that is said; one that could not tell is not helped by it."""
    if result.outcome is not Outcome.FAIL:
        return result
    return replace(result, outcome=Outcome.PASS, summary=f"let through ({reason}): {result.summary}")
