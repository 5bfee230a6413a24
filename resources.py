"""Dagster resources over engine objects: from a run's tags and partition to the case it works on."""

from __future__ import annotations

import functools
from pathlib import Path

import dagster as dg

from olorin_pipelines.config import load_config
from olorin_pipelines.errors import OlorinError, UsageError
from olorin_pipelines.pipeline.case import Case, Workplace
from olorin_pipelines.pipeline.worker import here
from olorin_pipelines.registry import BY_HAND

__all__ = ["DEPLOYMENT_TAG", "SERVICES", "SERVICE_TAG", "VERSION_TAG", "Olorin", "service_of"]

SERVICES = dg.DynamicPartitionsDefinition(name="services")
"""Assets are kinds; the services are their partitions. A further environment gets a key of its own: service@staging."""

DEPLOYMENT_TAG = "olorin/deployment_id"
SERVICE_TAG = "olorin/service"
VERSION_TAG = "olorin/version"


def service_of(partition_key: str) -> str:
    """Return the service a partition key belongs to."""
    return partition_key.partition("@")[0]


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

        Records which run works on it. Raises `dg.Failure` with message and fix when there is none.
        """
        try:
            return self._case(context.run)
        except OlorinError as error:
            raise dg.Failure(error.diagnostics(), allow_retries=False) from error

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
        case = self.place.case(deployment_id)
        if case.deployment.outcome is None:  # a closed one is looked at; its record stays
            self.place.registry.started(deployment_id, run.run_id, worker=here())
        return case
