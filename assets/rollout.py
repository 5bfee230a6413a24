"""`rollout`: traffic moved step by step to an accepted version, watched."""

from typing import Any

import dagster as dg

from assets.deployment_verdict import deployment_verdict
from assets.presentation import code_block, table
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.pipeline.case import Case
from olorin_pipelines.pipeline.live import weights_of
from olorin_pipelines.pipeline.record import decision_rows
from olorin_pipelines.pipeline.release import release
from olorin_pipelines.report.weights import weight_chart
from resources import SERVICES, DryRun, Olorin

__all__ = ["rollout"]

_READINGS = ("requests", "error_rate", "p95_ms", "mean_ms")
_FIRST = ("weight", "outcome", *_READINGS, *(f"stable_{name}" for name in _READINGS), "seconds", "reason")


_PLOTTED = ("weight", *_READINGS, *(f"stable_{name}" for name in _READINGS))
"""Numbers of the last step, which Dagster plots from deployment to deployment."""


@dg.asset(partitions_def=SERVICES, deps=[deployment_verdict], group_name="delivery", kinds={"envoy"})
def rollout(context: dg.AssetExecutionContext, config: DryRun, olorin: Olorin) -> dg.MaterializeResult:  # noqa: ARG001 - read from the run, by all its ops
    """Moves traffic step by step. Its outcome is promoted, refused (0 %), aborted, paused, not_routed, dry_run …"""
    try:
        case = olorin.case(context)
        report = release(case)
    except OlorinError as error:
        raise dg.Failure(error.diagnostics(), allow_retries=False) from error
    if report.outcome == "promoted":  # an earlier rejection shall not leave `rollback` red
        candidate = case.place.registry.snapshot(deployment_id=case.deployment.id, role="candidate")
        context.log_event(
            dg.AssetMaterialization(
                "baseline_schema",
                partition=context.partition_key,
                metadata={"digest": candidate.digest if candidate else "", "version": case.deployment.version},
            )
        )
        context.instance.report_runless_asset_event(
            dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey("rollback"), check_name="deployment_accepted", passed=True, metadata={}
            )
        )
    metadata: dict[str, Any] = {
        "outcome": report.outcome,
        "reason": report.reason,
        "deployment_id": case.deployment.id,
        "version": case.deployment.version,
        "seconds": report.seconds,
    }
    metadata |= _record(case)
    if report.steps:
        shown = {f"last_{name}": report.steps[-1].get(name) for name in _PLOTTED}
        metadata |= {name: round(value, 4) for name, value in shown.items() if isinstance(value, int | float)}
        metadata["steps"] = table(report.steps, first=_FIRST)
        metadata["measured"] = table(report.measured, first=("weight", "operation", *_READINGS))
        metadata["requests"] = sum(int(step.get("requests") or 0) for step in report.steps)  # a dry run sent none
    return dg.MaterializeResult(
        metadata=metadata, data_version=dg.DataVersion(f"{case.deployment.id}:{report.outcome}")
    )


def _record(case: Case) -> dict[str, Any]:
    """The weight over time and what was decided when, from the registry."""
    events = case.place.registry.events(case.deployment.id)
    weights = weights_of(events, case.deployment.version)
    shown: dict[str, Any] = {"decisions": table(decision_rows(events), first=("at", "what", "because"))}
    if weights:
        chart = weight_chart(weights, until=max(events[-1].at, weights[-1][0]))
        shown["weight_over_time"] = code_block(chart.encode(), "text")
    return shown
