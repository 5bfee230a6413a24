"""The code location: explicit imports, policies applied once. `dagster dev -w workspace.yaml` loads it."""

from pathlib import Path

import dagster as dg

import assets

_HERE = Path(__file__).parent
if Path(str(assets.__file__)).parent.parent != _HERE:
    # started from another directory that has a package `assets` of its own, that one would be loaded
    raise ImportError(f"`assets` was imported from {assets.__file__}, not from {_HERE}: start Dagster in {_HERE}")

from assets.consumer_compatibility import consumer_compatibility
from assets.contract_tests import contract_tests
from assets.deployment_verdict import deployment_verdict
from assets.generated_types import generated_types
from assets.production_contract import production_contract
from assets.rollback import deployment_accepted, rollback, stable_restored
from assets.rollout import rollout
from assets.schema_diff import schema_diff
from assets.schemas import baseline_schema, openapi_schema
from jobs import check_production, command_rollout, continue_rollout, rollback_service, verify_deployment
from resources import Olorin
from schedules.production_check import production_check
from sensors.deployments import deployments, deployments_sensor
from sensors.failed_runs import failed_runs
from sensors.notifications import notifications
from sensors.rollback_requests import rollback_requests
from sensors.rollout_commands import rollout_commands
from sensors.stale_rollouts import stale_rollouts
from sensors.version_poll import version_poll

_OWNERS = ["team:olorin"]


def _with_policies(*given: dg.AssetsDefinition | dg.AssetSpec) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Apply what holds for every asset: its owners."""
    return [
        item.replace_attributes(owners=_OWNERS)
        if isinstance(item, dg.AssetSpec)
        else item.map_asset_specs(lambda spec: spec.replace_attributes(owners=_OWNERS))
        for item in given
    ]


@dg.definitions
def defs() -> dg.Definitions:
    """Everything Dagster shows of Olorin Pipelines."""
    return dg.Definitions(
        assets=_with_policies(
            deployments,
            baseline_schema,
            openapi_schema,
            schema_diff,
            generated_types,
            consumer_compatibility,
            contract_tests,
            deployment_verdict,
            rollout,
            rollback,
            production_contract,
        ),
        asset_checks=[stable_restored, deployment_accepted],
        jobs=[verify_deployment, continue_rollout, rollback_service, command_rollout, check_production],
        sensors=[
            deployments_sensor,
            rollback_requests,
            rollout_commands,
            failed_runs,
            stale_rollouts,
            notifications,
            version_poll,
        ],
        schedules=[production_check],
        resources={"olorin": Olorin()},
    )
