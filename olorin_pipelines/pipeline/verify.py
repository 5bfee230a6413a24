"""All gates of one deployment in this process, in their order, without Dagster."""

from __future__ import annotations

from collections.abc import Callable

from olorin_pipelines.gate import GateResult
from olorin_pipelines.pipeline.capture import BASELINE_CHECKS, CANDIDATE_CHECKS, capture_baseline, capture_candidate
from olorin_pipelines.pipeline.case import Case, Workplace
from olorin_pipelines.pipeline.compare import DIFF_CHECKS, compare_documents
from olorin_pipelines.pipeline.consumers import CONSUMER_CHECKS, prove_consumers
from olorin_pipelines.pipeline.contract import CONTRACT_CHECKS, verify_contract
from olorin_pipelines.pipeline.decide import decide
from olorin_pipelines.pipeline.types import TYPES_CHECKS, generate_types
from olorin_pipelines.registry import BY_HAND
from olorin_pipelines.verdict import Decision

__all__ = ["QUESTIONS", "verify_without_dagster"]

QUESTIONS: dict[str, tuple[Callable[[Case], GateResult], tuple[str, ...]]] = {
    "baseline_schema": (capture_baseline, BASELINE_CHECKS),
    "openapi_schema": (capture_candidate, CANDIDATE_CHECKS),
    "schema_diff": (compare_documents, DIFF_CHECKS),
    "generated_types": (generate_types, TYPES_CHECKS),
    "consumer_compatibility": (prove_consumers, CONSUMER_CHECKS),
    "contract_tests": (verify_contract, CONTRACT_CHECKS),
}
"""Every gate with its question and its checks, in the order in which they are asked."""

_UNNAMED = "unnamed"


def verify_without_dagster(
    place: Workplace,
    service: str,
    *,
    environment: str,
    url: str | None,
    version: str,
    progress: Callable[[str, str, str], None],
) -> tuple[Case, Decision]:
    """Ask every gate about a running version and decide; moves no traffic. `progress` gets gate, outcome, summary."""
    known = place.config.service(service).environment(environment)
    row, _ = place.registry.announce(
        service, environment=environment, version=version or _UNNAMED, url=url or known.url, run_id=BY_HAND
    )
    case = place.case(row.id)
    end = "interrupted"
    try:
        for gate, (question, checks) in QUESTIONS.items():
            result = case.ask(gate, question, checks=checks)
            progress(gate, result.outcome.value, result.summary)
            if gate == "openapi_schema" and not version:
                place.registry.name_version(row.id, str(result.facts.get("served_version") or _UNNAMED))
        decision = decide(case)
        end = "verified"
    finally:
        place.registry.end(row.id, end)
    return case, decision
