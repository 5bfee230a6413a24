"""The named jobs: verify a deployment, roll a service back, check production."""

import dagster as dg

from olorin_pipelines.errors import OlorinError
from olorin_pipelines.pipeline.command import command
from resources import Olorin

__all__ = [
    "RolloutCommand",
    "check_production",
    "command_rollout",
    "continue_rollout",
    "rollback_config",
    "rollback_service",
    "verify_deployment",
]

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


continue_rollout = dg.define_asset_job(
    "continue_rollout",
    selection=dg.AssetSelection.assets("rollout", "rollback"),
    executor_def=dg.in_process_executor,
    description="Go on with a rollout that was paused; the sensor rollout_commands starts it. Partition: the service.",
)


class RolloutCommand(dg.Config):
    """What is to become of a rollout: pause, resume, approve, promote, abort or retry; by whom and why."""

    target: str
    verb: str
    reason: str
    who: str = "Dagster launchpad"


@dg.op
def ask(context: dg.OpExecutionContext, config: RolloutCommand, olorin: Olorin) -> None:
    """Ask it, as `olorin rollout` does; `target` is a service or the id of a deployment."""
    try:
        asked = command(olorin.place, config.target, config.verb, who=config.who, reason=config.reason)
    except OlorinError as error:
        raise dg.Failure(error.diagnostics(), allow_retries=False) from error
    context.add_output_metadata(asked.to_dict())


@dg.job(executor_def=dg.in_process_executor)
def command_rollout() -> None:
    """Pause, resume, approve, promote, abort or retry a rollout, as `olorin rollout` does."""
    ask()


check_production = dg.define_asset_job(
    "check_production",
    selection=dg.AssetSelection.assets("production_contract"),
    executor_def=dg.in_process_executor,
    description="What production serves and how it answers, read-only.",
)
