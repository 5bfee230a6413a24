"""The named jobs: verify a deployment, roll a service back, check production."""

from __future__ import annotations

import dagster as dg

__all__ = ["check_production", "rollback_config", "rollback_service", "verify_deployment"]

_GATES = dg.AssetSelection.groups("contract", "delivery") - dg.AssetSelection.assets("deployments")

verify_deployment = dg.define_asset_job(
    "verify_deployment",
    selection=_GATES,
    executor_def=dg.in_process_executor,  # a process per step would cost 3.5 s each
    description="All gates about one deployment, the verdict, then rollout or rollback. Partition: the service.",
)

rollback_service = dg.define_asset_job(
    "rollback_service",
    selection=dg.AssetSelection.assets("rollback"),
    executor_def=dg.in_process_executor,
    description="Take traffic off a version and prove it. Config: deployment_id and reason; without a deployment, "
    "production goes back to the retained version.",
)


def rollback_config(*, reason: str, deployment_id: str) -> dg.RunConfig:
    """Return the configuration of a run of `rollback_service`."""
    precheck = {"config": {"reason": reason, "deployment_id": deployment_id}}
    return dg.RunConfig(ops={"rollback": {"ops": {"precheck": precheck}}})


check_production = dg.define_asset_job(
    "check_production",
    selection=dg.AssetSelection.assets("production_contract"),
    executor_def=dg.in_process_executor,
    description="What production serves and how it answers, read-only.",
)
