"""Does the candidate still answer as production does, where no schema would see a change?"""

from __future__ import annotations

from collections.abc import Mapping

from olorin_pipelines import contract, openapi
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.gate import CheckResult, Fact, Outcome
from olorin_pipelines.pipeline.case import Case
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
        result = contract.twin(
            corpus,
            candidate.document,
            candidate=case.deployment.url,
            production=case.production_url,
            headers=_headers(case),
            versions=(baseline.version, candidate.version),
            changed=contract.changed_operations(baseline.document, candidate.document),
        )
    except OlorinError as error:
        return not_compared(case, Outcome.NO_DATA, f"production cannot be asked: {error.message}"), {}
    check = contract.behaviour(result, advisory=_advisory(case))
    return check, {"behaviour": contract.twin_rows(result), "behaviour_skipped": contract.twin_skipped_rows(result)}


def not_compared(case: Case, outcome: Outcome, why: str) -> CheckResult:
    """The check when nothing was compared."""
    return CheckResult(name=BEHAVIOUR, outcome=outcome, summary=why, advisory=_advisory(case))


def _advisory(case: Case) -> bool:
    return case.policy.behaviour == "warn"


def _headers(case: Case) -> Mapping[str, str]:
    return {**contract.SYNTHETIC, **case.service.auth.headers()}
