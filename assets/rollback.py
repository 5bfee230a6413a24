"""`rollback`: traffic taken off a version, op by op, with proofs. A graph of ops, each idempotent and retried alone."""

from collections.abc import Callable
from typing import Any

import dagster as dg

from assets.presentation import table
from assets.rollout import rollout
from olorin_pipelines.errors import OlorinError
from olorin_pipelines.pipeline import revert
from resources import SERVICES, Olorin, service_of

__all__ = ["RollbackRequest", "deployment_accepted", "rollback", "stable_restored"]

Baton = dict[str, Any]
_RETRY = dg.RetryPolicy(max_retries=3, delay=0.5)


class RollbackRequest(dg.Config):
    """A rollback asked for by hand or by the production check; empty after a rollout."""

    reason: str = ""
    deployment_id: str = ""


@dg.op(ins={"rollout": dg.In(dg.Nothing)}, out=dg.Out(is_required=False))
def precheck(context: dg.OpExecutionContext, config: RollbackRequest, olorin: Olorin) -> Any:
    """What has to go back to where; yields nothing after a promotion, which skips the ops behind it."""
    service = service_of(context.partition_key)
    try:
        deployment_id = config.deployment_id or olorin.taken_back_by(context.run)
        order = revert.precheck(olorin.place, service, deployment_id=deployment_id, reason=config.reason)
    except OlorinError as error:
        raise dg.Failure(error.diagnostics(), allow_retries=False) from error
    if order is not None:
        yield dg.Output(order)


def _step(name: str, act: Callable[..., Baton], says: str) -> dg.OpDefinition:
    @dg.op(name=name, description=says, retry_policy=_RETRY)
    def step(olorin: Olorin, baton: dict) -> dict:
        return act(olorin.place, baton)

    return step


route = _step("route", revert.route, "Ask the router for all traffic on stable.")
confirm = _step("confirm", revert.confirm, "Wait until the data plane shows it.")
drain = _step("drain", revert.drain, "Wait until no request is left on the version.")
scale = _step("scale", revert.scale, "Stop the version.")


@dg.op(retry_policy=_RETRY)
def prove(olorin: Olorin, baton: dict) -> dg.Output[dict]:
    """Show that it worked, at the data plane, and record it."""
    proved = revert.prove(olorin.place, baton)
    return dg.Output(
        proved,
        metadata={
            "outcome": proved["outcome"],
            "reason": proved["reason"],
            "from_version": proved["from_version"],
            "to_version": proved["to_version"],
            "deployment_id": proved["deployment_id"] or "",
            "seconds": proved["seconds"],
            "proofs": table(proved["proofs"]),
            "step_seconds": dg.MetadataValue.json(proved["step_seconds"]),
        },
    )


@dg.graph_asset(
    partitions_def=SERVICES,
    ins={"rollout": dg.AssetIn(key=rollout.key, dagster_type=dg.Nothing)},
    group_name="delivery",
    kinds={"envoy"},
    description="Traffic taken off a version: precheck → route → confirm → drain → scale → prove.",
)
def rollback(rollout: Any) -> Any:
    """Skipped after a promotion; materialised, with proofs, after everything else."""
    return prove(scale(drain(confirm(route(precheck(rollout))))))


@dg.asset_check(asset=rollback)
def stable_restored(context: dg.AssetCheckExecutionContext, olorin: Olorin) -> dg.AssetCheckResult:
    """Every proof of the latest rollback holds; one that was refused moved nothing, so nothing is to be restored."""
    last = revert.latest(olorin.place, service_of(context.run.tags["dagster/partition"]))
    return dg.AssetCheckResult(passed=last["outcome"] in ("rolled_back", "refused"), description=last["summary"])


@dg.asset_check(asset=rollback, blocking=True)
def deployment_accepted(context: dg.AssetCheckExecutionContext, olorin: Olorin) -> dg.AssetCheckResult:
    """Alone makes the run red, naming the gate; passes when the rollback was asked for."""
    last = revert.latest(olorin.place, service_of(context.run.tags["dagster/partition"]))
    return dg.AssetCheckResult(passed=last["asked_for"], description=last["reason"])
