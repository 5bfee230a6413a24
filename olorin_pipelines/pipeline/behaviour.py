"""Does the candidate still answer as production does, where no schema would see a change?"""

from __future__ import annotations

from contextlib import nullcontext

from olorin_pipelines import contract, openapi
from olorin_pipelines.errors import OlorinError, UsageError
from olorin_pipelines.gate import CheckResult, Fact, Outcome
from olorin_pipelines.pipeline.calling import called, read_only
from olorin_pipelines.pipeline.case import PRODUCTION, Case
from olorin_pipelines.pipeline.missing import no_baseline

__all__ = ["BEHAVIOUR", "compare_behaviour", "not_compared"]

BEHAVIOUR = "behaviour_unchanged"
Tables = dict[str, list[dict[str, Fact]]]


def compare_behaviour(
    case: Case,
    own: contract.SuiteResult,
    corpus: contract.Corpus | None,
    candidate: openapi.Snapshot,
    baseline: openapi.Snapshot | None,
) -> tuple[CheckResult, Tables]:
    """Ask production and the candidate the same reading requests; returns the check and its tables.

    NOT_APPLICABLE without production, NO_DATA when it cannot be asked, NOT_RUN when the candidate has failed already.
    """
    if baseline is None:
        missing = no_baseline(case, BEHAVIOUR)
        return not_compared(case, missing.outcome, missing.summary), {}
    if case.production_url.rstrip("/") == case.deployment.url.rstrip("/"):
        return not_compared(case, Outcome.NOT_APPLICABLE, "the candidate is what serves production"), {}
    if own.failures:
        return not_compared(case, Outcome.NOT_RUN, "the candidate breaks its contract already"), {}
    if corpus is None:
        return not_compared(case, Outcome.NO_DATA, "the run came to no end, so that its requests were not kept"), {}
    try:
        result = _twin(case, corpus, candidate, baseline)
    except OlorinError as error:
        return not_compared(case, Outcome.NO_DATA, f"production cannot be asked: {error.message}"), {}
    check = contract.behaviour(result, advisory=_advisory(case))
    return check, {"behaviour": contract.twin_rows(result), "behaviour_skipped": contract.twin_skipped_rows(result)}


def _twin(
    case: Case, corpus: contract.Corpus, candidate: openapi.Snapshot, baseline: openapi.Snapshot
) -> contract.TwinResult:
    """Production through its guard, the candidate as it is called elsewhere, each with its own credentials."""
    config, service = case.place.config, case.service
    with (
        read_only(
            config, service, environment=PRODUCTION, url=case.production_url, purpose="contract-test"
        ) as production,
        called(config, service, environment=case.deployment.environment, url=case.deployment.url) as way,
    ):
        if way.query or production.query:
            raise UsageError("credentials in the query are not sent by this comparison")
        return contract.twin(
            corpus,
            candidate.document,
            candidate=way.url,
            production=case.production_url,
            headers={way.mark: "contract-test", **way.headers},
            at_production={**production.mark, **production.headers},
            versions=(baseline.version, candidate.version),
            changed=contract.changed_operations(baseline.document, candidate.document),
            guarding=lambda _url, _limits: nullcontext(production.guard),
        )


def not_compared(case: Case, outcome: Outcome, why: str) -> CheckResult:
    """The check when nothing was compared."""
    return CheckResult(name=BEHAVIOUR, outcome=outcome, summary=why, advisory=_advisory(case))


def _advisory(case: Case) -> bool:
    return case.policy.behaviour == "warn"
