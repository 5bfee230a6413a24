"""Dagster resources over engine objects: from a run's tags and partition to the case it works on."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import dagster as dg

from olorin_pipelines.config import load_config
from olorin_pipelines.errors import OlorinError, UsageError
from olorin_pipelines.pipeline.case import Case, Workplace
from olorin_pipelines.pipeline.worker import here
from olorin_pipelines.registry import BY_HAND

__all__ = ["DEPLOYMENT_TAG", "SERVICES", "SERVICE_TAG", "VERSION_TAG", "DryRun", "Olorin", "service_of"]

SERVICES = dg.DynamicPartitionsDefinition(name="services")
"""Assets are kinds; the services are their partitions. A further environment gets a key of its own: service@staging."""

DEPLOYMENT_TAG = "olorin/deployment_id"
SERVICE_TAG = "olorin/service"
VERSION_TAG = "olorin/version"


def service_of(partition_key: str) -> str:
    """Return the service a partition key belongs to."""
    return partition_key.partition("@")[0]


class DryRun(dg.Config):
    """Of the op `rollout`, for the whole run: `dry_run` asks every gate and tells what would be moved; nothing is."""

    dry_run: bool = False


@functools.cache
def _workplace(path: str) -> Workplace:
    return Workplace(load_config(Path(path) if path else None))


class Olorin(dg.ConfigurableResource):
    """The configuration and the registry. `config_path` is empty to look for olorin.yaml."""

    config_path: str = ""

    @property
    def place(self) -> Workplace:
        """The opened workplace, shared by this process."""
        return _workplace(self.config_path)

    def case(self, context: dg.AssetExecutionContext | dg.OpExecutionContext | dg.AssetCheckExecutionContext) -> Case:
        """Return the deployment this run works on: named by its tag, else the latest one of the partition's service.

        A run that was launched with `dry_run` works on a dry run of it. Records which run works on it. Raises
        `dg.Failure` with message and fix when there is none.
        """
        try:
            case = self._case(context.run)
        except OlorinError as error:
            raise dg.Failure(error.diagnostics(), allow_retries=False) from error
        if _is_dry(context.run):  # who looks for the runs of a deployment, also when they died, finds it
            context.instance.add_run_tags(context.run.run_id, {DEPLOYMENT_TAG: case.deployment.id})
        return case

    def taken_back_by(self, run: dg.DagsterRun) -> str:
        """Return the id of the deployment that the rollback of a run is about, empty when it has none."""
        worked_on = self.place.registry.worked_on(run.run_id)
        return worked_on.id if worked_on else run.tags.get(DEPLOYMENT_TAG, "")

    def _case(self, run: dg.DagsterRun) -> Case:
        deployment_id = run.tags.get(DEPLOYMENT_TAG)
        if deployment_id is None:
            key = run.tags.get("dagster/partition")
            if key is None:
                raise UsageError("no service was chosen", hint="launch the job with a partition: the service")
            service = service_of(key)
            self.place.config.service(service)
            latest = [row for row in self.place.registry.deployments(service) if row.run_id != BY_HAND]
            if not latest:
                raise UsageError(
                    f"no deployment of {service} was announced yet", hint=f"olorin deploy {service} VERSION --url URL"
                )
            deployment_id = latest[0].id
        if _is_dry(run):
            deployment_id = self.place.registry.dry_run_in(run.run_id, of=deployment_id, worker=here()).id
        case = self.place.case(deployment_id)
        if case.deployment.outcome is None:  # a closed one is looked at; its record stays
            self.place.registry.started(deployment_id, run.run_id, worker=here())
        return case


def _is_dry(run: dg.DagsterRun) -> bool:
    """Whether a run was launched with the key `dry_run` of the op `rollout`, which the ops before it heed as well."""
    found: Any = run.run_config
    for key in ("ops", "rollout", "config", "dry_run"):
        found = (found or {}).get(key)
    return bool(found)
